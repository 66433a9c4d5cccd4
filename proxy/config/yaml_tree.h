/*
 * A YAML (or JSON) text as a tree of nodes that know their place.  The only
 * file that includes <yaml.h> is yaml_tree.c.
 */
#ifndef PROXY_CONFIG_YAML_TREE_H
#define PROXY_CONFIG_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

enum yaml_kind { YAML_KIND_SCALAR, YAML_KIND_LIST, YAML_KIND_MAP };

struct yaml_node {
    enum yaml_kind kind;
    int line, column;         /* from 1 */
    char *text;               /* of a scalar; "" for an empty one */
    bool quoted;              /* the scalar stood in quotes or in a block */
    struct yaml_pair *pairs;  /* of a map, in their order */
    struct yaml_node **items; /* of a list */
    size_t count;
};

struct yaml_pair {
    struct yaml_node *key; /* a scalar */
    struct yaml_node *value;
};

/*
 * The tree of `text`, which the caller frees; `name` stands for the file in
 * errors.  NULL with ERR_INVALID "name:line:column: ..." when it is no YAML,
 * holds more than one document, a key twice or a key that is no scalar, or is
 * nested too deep.  An empty text is an empty map.
 */
struct yaml_node *yaml_tree_parse(struct span text, const char *name, struct err *err);

void yaml_tree_free(struct yaml_node *node); /* takes NULL */

/* True for a scalar that means "nothing": empty, ~ or null without quotes. */
bool yaml_is_null(const struct yaml_node *node);

#endif
