/*
 * Names of the types and namespaces that a server gets in the declarations.
 */
#ifndef CODEGEN_TYPE_NAMES_H
#define CODEGEN_TYPE_NAMES_H

#include "base/span.h"

/*
 * The interface of a server by its identifier: `Github` for `github`.  Two
 * identifiers never give the same name, and none is that of a global type of
 * the language or the prelude (an interface would merge with it).  The caller
 * frees it.
 */
char *type_name_of_server(const char *identifier);

/* An identifier in PascalCase from any text ("#/$defs/my-node" gives "MyNode" for its last part);
 * never empty.  The caller frees it. */
char *type_name_from(const char *text);

#endif
