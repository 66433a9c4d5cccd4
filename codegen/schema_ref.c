/*
 * $ref: JSON pointers, anchors and identifiers within the document.  Nothing
 * is ever fetched.
 */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "codegen/schema_internal.h"

#define TOKEN_BYTES 1024
/* Of the search for a circle; a search that takes longer is taken to have found one. */
#define CIRCLE_STEPS 10000

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX, ~0 and ~1 of one token of a pointer; false when it is too long. */
static bool decode_token(const char *text, size_t len, char out[TOKEN_BYTES])
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (used == TOKEN_BYTES - 1)
            return false;
        if (c == '%' && i + 2 < len + 0 && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        if (c == '~' && i + 1 < len && (text[i + 1] == '0' || text[i + 1] == '1'))
            c = text[++i] == '0' ? '~' : '/';
        out[used++] = c;
    }
    out[used] = '\0';
    return true;
}

static const json_t *step(const json_t *at, const char *token)
{
    size_t index = 0;

    if (json_is_object(at))
        return json_object_get(at, token);
    if (!json_is_array(at) || !*token || strlen(token) > 6)
        return NULL;
    for (; *token; token++) {
        if (*token < '0' || *token > '9')
            return NULL;
        index = index * 10 + (size_t)(*token - '0');
    }
    return json_array_get(at, index);
}

/* `pointer` is empty or starts with a slash. */
static const json_t *follow_pointer(const json_t *at, const char *pointer)
{
    while (at && *pointer == '/') {
        char token[TOKEN_BYTES];
        size_t len = strcspn(pointer + 1, "/");

        if (!decode_token(pointer + 1, len, token))
            return NULL;
        at = step(at, token);
        pointer += len + 1;
    }
    return at;
}

/* What a walk through the document looks for and finds. */
struct search {
    const char *key; /* "$anchor", "$id", ... */
    const char *wanted;
    size_t wanted_len;
    size_t *left; /* values that may be looked at */
    const json_t *found;
    bool ambiguous; /* found twice: which one is meant depends on identifiers around it */
};

static void search_value(const json_t *value, struct search *search, unsigned depth);

static bool is_wanted(const json_t *object, const struct search *search)
{
    const json_t *value = json_object_get(object, search->key);

    return json_is_string(value) && json_string_length(value) == search->wanted_len &&
           memcmp(json_string_value(value), search->wanted, search->wanted_len) == 0;
}

static void search_members(const json_t *value, struct search *search, unsigned depth)
{
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        /* Values of these are data, not schemas. */
        if (strcmp(key, "enum") != 0 && strcmp(key, "const") != 0 && strcmp(key, "default") != 0)
            search_value(member, search, depth);
    }
    json_array_foreach(value, i, member)
    {
        if (*search->left == 0)
            return;
        search_value(member, search, depth);
    }
}

static void search_value(const json_t *value, struct search *search, unsigned depth)
{
    if (*search->left == 0 || depth > LIMIT_SCHEMA_DEPTH)
        return;
    --*search->left;
    if (!json_is_object(value) && !json_is_array(value))
        return;
    if (json_is_object(value) && is_wanted(value, search)) {
        search->ambiguous |= search->found && search->found != value;
        search->found = value;
    }
    search_members(value, search, depth + 1);
}

static void find_by(const json_t *root,
                    const char *key,
                    const char *wanted,
                    size_t wanted_len,
                    struct search *search)
{
    search->key = key;
    search->wanted = wanted;
    search->wanted_len = wanted_len;
    search_value(root, search, 0);
}

/* `reference` begins with a hash sign; NULL also when several schemas have the name. */
static const json_t *
find_anchor(struct schema_document *document, const json_t *resource, const char *reference)
{
    struct search search = { .left = &document->search_left };
    size_t len = strlen(reference);

    find_by(resource, "$anchor", reference + 1, len - 1, &search);
    find_by(resource, "$dynamicAnchor", reference + 1, len - 1, &search);
    /* draft-07: an anchor is an $id with its hash sign. */
    find_by(resource, "$id", reference, len, &search);
    return search.ambiguous ? NULL : search.found;
}

/* What an absolute or relative identifier names: a schema of this document, or nothing. */
static const json_t *find_identifier(struct schema_document *document, const char *id, size_t len)
{
    const json_t *own = json_object_get(document->root, "$id");
    struct search search = { .left = &document->search_left };
    const char *base, *slash;

    find_by(document->root, "$id", id, len, &search);
    if (search.found || !json_is_string(own))
        return search.ambiguous ? NULL : search.found;
    /* A relative one counts from the folder of the document's own. */
    base = json_string_value(own);
    slash = strrchr(base, '/');
    if (slash && strlen(slash + 1) == len && memcmp(slash + 1, id, len) == 0)
        return document->root;
    return NULL;
}

/* What stands behind the hash sign of a reference, within the schema that is named before it. */
static const json_t *
find_within(struct schema_document *document, const json_t *resource, const char *reference)
{
    const char *hash = strchr(reference, '#');

    if (!resource || !hash || !hash[1])
        return resource;
    if (hash[1] == '/')
        return follow_pointer(resource, hash + 1);
    return find_anchor(document, resource, hash);
}

const json_t *schema_find(struct schema_document *document, const char *reference)
{
    size_t len = strcspn(reference, "#");
    const json_t *resource = len ? find_identifier(document, reference, len) : document->root;

    return find_within(document, resource, reference);
}

/* Where a reference leads, and the schema whose parts are named without an identifier there.  One
 * that leads nowhere in an embedded schema may be meant of the whole document. */
static const json_t *
follow(struct schema_reader *reader, const char *reference, const json_t **ret_resource)
{
    struct schema_document *document = &reader->document;
    size_t len = strcspn(reference, "#");
    const json_t *target;

    *ret_resource = len ? find_identifier(document, reference, len) : reader->resource;
    target = find_within(document, *ret_resource, reference);
    if (!target && len == 0 && reader->resource != document->root) {
        *ret_resource = document->root;
        target = find_within(document, document->root, reference);
    }
    return target;
}

static bool has_dynamic_anchor(const json_t *schema, const char *name)
{
    const char *anchor = json_string_value(json_object_get(schema, "$dynamicAnchor"));

    return anchor && strcmp(anchor, name) == 0;
}

/* Of a $dynamicRef that leads to a dynamic anchor the outermost of that name counts; which one that
 * is can't be told here unless it is the root.  NULL then. */
static const json_t *
outermost(struct schema_reader *reader, const char *reference, const json_t *target)
{
    const char *hash = strchr(reference, '#');
    struct search search = { .left = &reader->document.search_left };

    if (!target || !hash || !has_dynamic_anchor(target, hash + 1))
        return target;
    if (has_dynamic_anchor(reader->document.root, hash + 1))
        return reader->document.root;
    find_by(reader->document.root, "$dynamicAnchor", hash + 1, strlen(hash + 1), &search);
    return search.ambiguous ? NULL : target;
}

/* The last part of a reference names what it refers to: "Node" of "#/$defs/Node". */
static const char *base_name(const struct schema_reader *reader, const char *reference)
{
    const char *last = strrchr(reference, '/');

    if (!last)
        last = strrchr(reference, '#');
    if (!last || !last[1] || strcmp(last, "/items") == 0)
        return reader->options->root_name;
    return last + 1;
}

static struct type_definition *
add_definition(struct schema_reader *reader, const json_t *target, const char *reference)
{
    struct type *node = type_new(reader->set, TYPE_REFERENCE);
    struct type_definition *definition;

    if (!node)
        return NULL;
    definition = arena_take(&reader->set->arena, sizeof(*definition));
    definition->target = target;
    definition->document = reader->document.root;
    definition->reference = node;
    definition->base_name = base_name(reader, reference);
    node->definition = definition;
    HASH_ADD_PTR(reader->set->definitions, target, definition);
    return definition;
}

/* True when a type leads back to a definition without a property or element between, which
 * TypeScript can't name ("circularly references itself") and no value can have. */
static bool
leads_to(const struct type *type, const struct type_definition *definition, size_t *steps)
{
    if (*steps == 0)
        return true;
    --*steps;
    if (type->kind == TYPE_REFERENCE) {
        if (type->definition == definition)
            return true;
        return type->definition->type && leads_to(type->definition->type, definition, steps);
    }
    if (type->kind != TYPE_UNION && type->kind != TYPE_INTERSECTION)
        return false;
    for (size_t i = 0; i < type->list.count; i++) {
        if (leads_to(type->list.items[i], definition, steps))
            return true;
    }
    return false;
}

/* A union without the members that lead back to the definition it is of: they add no value. */
static const struct type *without_circle(struct schema_reader *reader,
                                         const struct type *type,
                                         const struct type_definition *definition)
{
    const struct type **kept;
    size_t count = 0, steps = CIRCLE_STEPS;

    if (type->kind != TYPE_UNION || !type_set_spend(reader->set, type->list.count))
        return type_simple(TYPE_ANY);
    kept = arena_take(&reader->set->arena, type->list.count * sizeof(*kept));
    for (size_t i = 0; i < type->list.count; i++) {
        if (!leads_to(type->list.items[i], definition, &steps))
            kept[count++] = type->list.items[i];
    }
    return count ? type_join(reader->set, kept, count) : type_simple(TYPE_ANY);
}

static void make_definition(struct schema_reader *reader,
                            struct type_definition *definition,
                            const json_t *resource)
{
    const json_t *around = reader->resource;
    const struct type *type;
    size_t steps = CIRCLE_STEPS;

    reader->resource = resource;
    type = schema_read(reader, definition->target);
    reader->resource = around;
    if (definition->recursive && leads_to(type, definition, &steps))
        type = without_circle(reader, type, definition);
    definition->type = type;
}

/* Short types are used in place of the reference. */
static const struct type *use_definition(struct type_definition *definition)
{
    if (!definition->type)
        definition->recursive = true;
    else if (!definition->recursive && definition->type->kind <= TYPE_LITERAL)
        return definition->type;
    return definition->reference;
}

const struct type *schema_reference(struct schema_reader *reader, const json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    bool dynamic = !reference;
    struct type_definition *definition;
    const json_t *target, *resource;

    if (dynamic)
        reference = json_string_value(json_object_get(schema, "$dynamicRef"));
    if (!reference)
        return NULL;
    target = follow(reader, reference, &resource);
    if (dynamic)
        target = outermost(reader, reference, target);
    if (!target) {
        reader->notes.remote = true;
        return type_simple(TYPE_REMOTE);
    }
    if (!json_is_object(target))
        return schema_read(reader, target);
    HASH_FIND_PTR(reader->set->definitions, &target, definition);
    if (definition)
        return use_definition(definition);
    definition = add_definition(reader, target, reference);
    if (!definition)
        return type_simple(TYPE_ANY);
    make_definition(reader, definition, resource);
    return use_definition(definition);
}
