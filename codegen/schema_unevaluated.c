/*
 * unevaluatedProperties and unevaluatedItems, by the letter: what no other
 * keyword of a schema, or of one applied beside it, can have described.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codegen/schema_internal.h"

/* More names, elements or schemas than this and anything counts as described. */
#define NAMES_MAX   128
#define ITEMS_MAX   32
#define SCHEMAS_MAX 256

/* What can have been described; in doubt everything has. */
struct described {
    const char *names[NAMES_MAX];
    size_t name_count;
    size_t items;
    bool all_properties, all_items;
    size_t schemas;
};

static void describe_all(struct described *described)
{
    described->all_properties = described->all_items = true;
}

static void add_names(struct described *described, const json_t *properties)
{
    const char *name;
    json_t *schema;

    json_object_foreach((json_t *)(uintptr_t)properties, name, schema)
    {
        if (described->name_count == NAMES_MAX) {
            described->all_properties = true;
            return;
        }
        described->names[described->name_count++] = name;
    }
}

/* True when a keyword describes what it applies to, rather than refuse it. */
static bool describes(const json_t *schema, const char *keyword)
{
    const json_t *value = json_object_get(schema, keyword);

    return value && !json_is_false(value);
}

static void add_properties(struct described *described, const json_t *schema)
{
    add_names(described, json_object_get(schema, "properties"));
    described->all_properties |= describes(schema, "additionalProperties") ||
                                 json_object_size(json_object_get(schema, "patternProperties")) > 0;
}

static void add_items(struct described *described, const json_t *schema)
{
    const json_t *items = json_object_get(schema, "items");
    size_t leading = json_array_size(json_object_get(schema, "prefixItems"));

    if (json_is_array(items))
        leading = json_array_size(items);
    else
        described->all_items |= describes(schema, "items");
    described->all_items |= describes(schema, "additionalItems") || describes(schema, "contains");
    if (leading > described->items)
        described->items = leading;
}

static void
collect(struct schema_reader *reader, struct described *described, const json_t *schema, bool own);

static void
collect_each(struct schema_reader *reader, struct described *described, const json_t *schemas)
{
    const char *name;
    json_t *schema;
    size_t i;

    json_array_foreach(schemas, i, schema)
    {
        collect(reader, described, schema, false);
    }
    json_object_foreach((json_t *)(uintptr_t)schemas, name, schema)
    {
        collect(reader, described, schema, false);
    }
}

static void
collect_applied(struct schema_reader *reader, struct described *described, const json_t *schema)
{
    static const char *const lists[] = { "allOf", "anyOf", "oneOf", "dependentSchemas" };
    static const char *const single[] = { "if", "then", "else" };
    const char *reference = json_string_value(json_object_get(schema, "$ref"));

    for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
        collect_each(reader, described, json_object_get(schema, lists[i]));
    for (size_t i = 0; i < ARRAY_COUNT(single); i++)
        collect(reader, described, json_object_get(schema, single[i]), false);
    if (reference) {
        const json_t *target = schema_find(&reader->document, reference);

        if (target)
            collect(reader, described, target, false);
        else
            describe_all(described);
    }
    if (json_object_get(schema, "$dynamicRef"))
        describe_all(described);
}

/* `own`: of the schema whose unevaluated* keywords are asked about. */
static void
collect(struct schema_reader *reader, struct described *described, const json_t *schema, bool own)
{
    if (!json_is_object(schema))
        return;
    if (described->schemas++ >= SCHEMAS_MAX || reader->depth >= LIMIT_SCHEMA_DEPTH) {
        describe_all(described);
        return;
    }
    reader->depth++;
    add_properties(described, schema);
    add_items(described, schema);
    if (!own) {
        described->all_properties |= describes(schema, "unevaluatedProperties");
        described->all_items |= describes(schema, "unevaluatedItems");
    }
    collect_applied(reader, described, schema);
    reader->depth--;
}

static const struct type *described_object(struct schema_reader *reader,
                                           const struct described *described,
                                           const json_t *rest)
{
    struct type *object = type_object(reader->set, described->name_count);

    if (!object)
        return type_simple(TYPE_ANY);
    for (size_t i = 0; i < described->name_count; i++) {
        const char *name = described->names[i];

        if (type_property_find(object, name, strlen(name)))
            continue;
        object->object.properties[object->object.count++] = (struct type_property){
            .name = name, .name_len = strlen(name), .type = type_simple(TYPE_ANY), .optional = true
        };
    }
    object->object.closed = json_is_false(rest);
    object->object.index = object->object.closed ? NULL : schema_read(reader, rest);
    return object;
}

static const struct type *
described_array(struct schema_reader *reader, const struct described *described, const json_t *rest)
{
    struct type *tuple = type_new(reader->set, TYPE_TUPLE);

    if (!tuple || !type_set_spend(reader->set, described->items))
        return type_simple(TYPE_ANY);
    tuple->array.list.items =
        arena_take(&reader->set->arena, (described->items + 1) * sizeof(struct type *));
    for (size_t i = 0; i < described->items; i++)
        tuple->array.list.items[i] = type_simple(TYPE_ANY);
    tuple->array.list.count = described->items;
    tuple->array.rest = json_is_false(rest) ? NULL : schema_read(reader, rest);
    return tuple;
}

/* `type`, where values of one kind must be of `narrow`. */
static const struct type *narrow_kind(struct schema_reader *reader,
                                      const struct type *type,
                                      unsigned kind,
                                      const struct type *narrow)
{
    const struct type *others = schema_of_kinds(reader, KIND_ALL & ~kind);
    const struct type *allowed =
        type_join(reader->set, (const struct type *[]){ narrow, others }, 2);

    return type_meet(reader->set, type, allowed);
}

const struct type *
schema_unevaluated(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    const json_t *properties = json_object_get(schema, "unevaluatedProperties");
    const json_t *items = json_object_get(schema, "unevaluatedItems");
    struct described described = { .name_count = 0 };

    if (!reader->options->exact || (!properties && !items))
        return type;
    collect(reader, &described, schema, true);
    if (properties && !described.all_properties)
        type = narrow_kind(reader, type, KIND_OBJECT,
                           described_object(reader, &described, properties));
    if (items && !described.all_items && described.items <= ITEMS_MAX)
        type = narrow_kind(reader, type, KIND_ARRAY, described_array(reader, &described, items));
    return type;
}
