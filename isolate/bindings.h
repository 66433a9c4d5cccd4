/*
 * The names that code gives a meaning of its own: variables, parameters,
 * functions, classes, enums, namespaces.
 */
#ifndef ISOLATE_BINDINGS_H
#define ISOLATE_BINDINGS_H

#include "base/span.h"
#include "isolate/name_set.h"
#include "isolate/syntax.h"

/* Adds all names bound in a tree, whatever their scope.  `root` may be a pattern, or one name,
 * which is bound itself.  The names view `code`. */
void bound_names(struct node root, struct span code, struct name_set *set);

/* Adds the names that one statement binds in the block it stands in, exported or not; types bind
 * none. */
void statement_names(struct node statement, struct span code, struct name_set *set);

#endif
