#include "proxy/config/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/mem.h"

#define DEPTH_MAX 32
#define NODES_MAX                                                                  \
    100000 /* an alias is a copy: keeps a nest of aliases from growing without end \
            */

struct builder {
    yaml_document_t *document;
    const char *name;
    size_t nodes;
    struct err *err;
};

static struct yaml_node *build(struct builder *b, int index, unsigned depth);

static struct yaml_node *refuse(struct builder *b, const yaml_node_t *at, const char *why)
{
    err_set(b->err, ERR_INVALID, "%s:%zu:%zu: %s", b->name, at->start_mark.line + 1,
            at->start_mark.column + 1, why);
    return NULL;
}

static void build_scalar(const yaml_node_t *from, struct yaml_node *node)
{
    node->kind = YAML_KIND_SCALAR;
    node->text = xstrndup((const char *)from->data.scalar.value, from->data.scalar.length);
    node->quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static int
build_list(struct builder *b, const yaml_node_t *from, struct yaml_node *node, unsigned depth)
{
    node->kind = YAML_KIND_LIST;
    for (yaml_node_item_t *item = from->data.sequence.items.start;
         item < from->data.sequence.items.top; item++) {
        struct yaml_node *child = build(b, *item, depth + 1);

        if (!child)
            return -1;
        node->items = xreallocarray(node->items, node->count + 1, sizeof(node->items[0]));
        node->items[node->count++] = child;
    }
    return 0;
}

static bool has_key(const struct yaml_node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return true;
    }
    return false;
}

static int
add_pair(struct builder *b, struct yaml_node *node, const yaml_node_pair_t *pair, unsigned depth)
{
    const yaml_node_t *from = yaml_document_get_node(b->document, pair->key);
    struct yaml_pair added = { 0 };

    if (from->type != YAML_SCALAR_NODE) {
        refuse(b, from, "a key must be a plain word");
        return -1;
    }
    if (has_key(node, (const char *)from->data.scalar.value)) {
        refuse(b, from, "this key stands twice in the same map; remove one");
        return -1;
    }
    added.key = build(b, pair->key, depth + 1);
    added.value = build(b, pair->value, depth + 1);
    if (!added.key || !added.value) {
        yaml_tree_free(added.key);
        yaml_tree_free(added.value);
        return -1;
    }
    node->pairs = xreallocarray(node->pairs, node->count + 1, sizeof(node->pairs[0]));
    node->pairs[node->count++] = added;
    return 0;
}

static int
build_map(struct builder *b, const yaml_node_t *from, struct yaml_node *node, unsigned depth)
{
    node->kind = YAML_KIND_MAP;
    for (yaml_node_pair_t *pair = from->data.mapping.pairs.start;
         pair < from->data.mapping.pairs.top; pair++) {
        if (add_pair(b, node, pair, depth) < 0)
            return -1;
    }
    return 0;
}

static int
fill_node(struct builder *b, const yaml_node_t *from, struct yaml_node *node, unsigned depth)
{
    if (from->type == YAML_SEQUENCE_NODE)
        return build_list(b, from, node, depth);
    if (from->type == YAML_MAPPING_NODE)
        return build_map(b, from, node, depth);
    build_scalar(from, node);
    return 0;
}

static struct yaml_node *build(struct builder *b, int index, unsigned depth)
{
    const yaml_node_t *from = yaml_document_get_node(b->document, index);
    struct yaml_node *node;

    if (depth > DEPTH_MAX)
        return refuse(b, from, "nested too deep");
    if (++b->nodes > NODES_MAX)
        return refuse(b, from, "too many values (an alias counts as a copy)");
    node = NEW(struct yaml_node);
    node->line = (int)from->start_mark.line + 1;
    node->column = (int)from->start_mark.column + 1;
    if (fill_node(b, from, node, depth) < 0) {
        yaml_tree_free(node);
        return NULL;
    }
    return node;
}

static struct yaml_node *empty_map(void)
{
    struct yaml_node *node = NEW(struct yaml_node);

    node->kind = YAML_KIND_MAP;
    node->line = node->column = 1;
    return node;
}

static int parser_error(const yaml_parser_t *parser, const char *name, struct err *err)
{
    if (parser->error == YAML_READER_ERROR)
        return err_set(err, ERR_INVALID, "%s: not UTF-8 text at byte %zu (%s)", name,
                       parser->problem_offset, parser->problem ? parser->problem : "");
    return err_set(err, ERR_INVALID, "%s:%zu:%zu: not valid YAML: %s%s%s", name,
                   parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                   parser->problem ? parser->problem : "unreadable", parser->context ? " " : "",
                   parser->context ? parser->context : "");
}

/* Loads one document and makes sure that no second one follows. */
static int load(yaml_parser_t *parser, yaml_document_t *document, const char *name, struct err *err)
{
    yaml_document_t second;
    bool more;

    if (!yaml_parser_load(parser, document))
        return parser_error(parser, name, err);
    if (!yaml_document_get_root_node(document))
        return 0;
    if (!yaml_parser_load(parser, &second)) {
        yaml_document_delete(document);
        return parser_error(parser, name, err);
    }
    more = yaml_document_get_root_node(&second) != NULL;
    yaml_document_delete(&second);
    if (!more)
        return 0;
    yaml_document_delete(document);
    return err_set(err, ERR_INVALID, "%s: holds more than one YAML document", name);
}

struct yaml_node *yaml_tree_parse(struct span text, const char *name, struct err *err)
{
    yaml_parser_t parser;
    yaml_document_t document;
    struct builder b = { .document = &document, .name = name, .err = err };
    struct yaml_node *root = NULL;

    if (!yaml_parser_initialize(&parser)) {
        err_set(err, ERR_IO, "no memory for a YAML parser");
        return NULL;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
    if (load(&parser, &document, name, err) == 0) {
        root = yaml_document_get_root_node(&document) ? build(&b, 1, 0) : empty_map();
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return root;
}

void yaml_tree_free(struct yaml_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_KIND_MAP) {
            yaml_tree_free(node->pairs[i].key);
            yaml_tree_free(node->pairs[i].value);
        } else {
            yaml_tree_free(node->items[i]);
        }
    }
    free(node->pairs);
    free(node->items);
    free(node->text);
    free(node);
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_KIND_SCALAR && !node->quoted &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}
