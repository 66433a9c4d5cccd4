/*
 * The keywords for objects.
 */
#include <string.h>

#include "codegen/schema_internal.h"

/* More keys than this are not written out one by one. */
#define NAMED_KEYS_MAX 50

/* The keywords of a schema that speak of objects; NULL for one that it has not. */
struct object_keywords {
    const json_t *properties, *patterns, *names, *required;
    const json_t *additional, *unevaluated; /* of other keys */
};

/* In one walk, as most schemas have few keywords. */
static struct object_keywords keywords_of(const json_t *schema)
{
    struct object_keywords found = { .properties = NULL };
    const struct {
        const char *keyword;
        const json_t **value;
    } known[] = {
        { "properties", &found.properties },
        { "required", &found.required },
        { "additionalProperties", &found.additional },
        { "patternProperties", &found.patterns },
        { "propertyNames", &found.names },
        { "unevaluatedProperties", &found.unevaluated },
    };
    const char *keyword;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)schema, keyword, value)
    {
        for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
            if (keyword[0] == known[i].keyword[0] && strcmp(keyword, known[i].keyword) == 0)
                *known[i].value = value;
        }
    }
    return found;
}

/* True when a script may leave a property out although it is required. */
static bool has_default(const struct schema_reader *reader, const json_t *schema)
{
    return reader->options->direction == SCHEMA_INPUT && !reader->options->exact &&
           json_object_get(schema, "default") != NULL;
}

static bool lists(const json_t *names, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(names, i, item)
    {
        const char *text = json_string_value(item);

        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

static void add_declared(struct schema_reader *reader,
                         const struct object_keywords *keywords,
                         struct type *object)
{
    const char *name;
    json_t *property;

    json_object_foreach((json_t *)(uintptr_t)keywords->properties, name, property)
    {
        bool optional = !lists(keywords->required, name) || has_default(reader, property);

        object->object.properties[object->object.count++] =
            (struct type_property){ .name = name,
                                    .name_len = strlen(name),
                                    .type = schema_read(reader, property),
                                    .optional = optional,
                                    .schema = property };
    }
}

/* Names that are required without being declared: whatever other keys may be. */
static void add_required(struct schema_reader *reader, const json_t *required, struct type *object)
{
    const json_t *item;
    size_t i;

    json_array_foreach(required, i, item)
    {
        const char *name = json_string_value(item);
        const struct type *type;

        if (!name || type_property_find(object, name, strlen(name)))
            continue;
        type = type_of_other_key(reader->set, object, name, strlen(name));
        object->object.properties[object->object.count++] = (struct type_property){
            .name = name, .name_len = strlen(name), .type = type ? type : type_simple(TYPE_UNKNOWN)
        };
    }
}

/* The keys that `propertyNames` allows, when it lists them and nothing else names keys. */
static const json_t *listed_keys(const struct object_keywords *keywords)
{
    const json_t *names = json_object_get(keywords->names, "enum");
    size_t count = json_array_size(names);

    if (json_object_size(keywords->properties) > 0 || count > NAMED_KEYS_MAX)
        return NULL;
    return count ? names : NULL;
}

static void add_listed(const json_t *keys, const json_t *required, struct type *object)
{
    const struct type *type = object->object.index ? object->object.index : type_simple(TYPE_ANY);
    const json_t *item;
    size_t i;

    json_array_foreach(keys, i, item)
    {
        const char *name = json_string_value(item);

        if (!name || type_property_find(object, name, strlen(name)))
            continue;
        object->object.properties[object->object.count++] = (struct type_property){
            .name = name, .name_len = strlen(name), .type = type, .optional = !lists(required, name)
        };
    }
    object->object.index = NULL;
    object->object.closed = true;
}

/* The patterns that can be written as keys; returns how many types of others are added to `types`,
 * which may then be of any key. */
static size_t add_patterns(struct schema_reader *reader,
                           const json_t *described,
                           struct type *object,
                           const struct type **types)
{
    struct type_pattern *patterns =
        arena_take(&reader->set->arena, (json_object_size(described) + 1) * sizeof(*patterns));
    const char *text;
    json_t *schema;
    size_t others = 0;

    object->object.patterns = patterns;
    json_object_foreach((json_t *)(uintptr_t)described, text, schema)
    {
        struct type_pattern pattern = { .type = schema_read(reader, schema) };

        if (schema_pattern(reader, text, &pattern))
            patterns[object->object.pattern_count++] = pattern;
        else
            types[others++] = pattern.type;
    }
    return others;
}

/* The schema of the keys that nothing else describes; NULL when none speaks of them. */
static const json_t *schema_of_others(const struct schema_reader *reader,
                                      const struct object_keywords *keywords)
{
    if (keywords->additional || reader->options->exact)
        return keywords->additional;
    return keywords->unevaluated;
}

/* The types of the keys that patterns describe, and of those that nothing else describes. */
static void
add_index(struct schema_reader *reader, const struct object_keywords *keywords, struct type *object)
{
    const json_t *others = schema_of_others(reader, keywords);
    size_t room = json_object_size(keywords->patterns) + 1, count;
    const struct type **types;

    if (!type_set_spend(reader->set, 2 * room)) {
        object->object.index = type_simple(TYPE_ANY);
        return;
    }
    types = arena_take(&reader->set->arena, room * sizeof(*types));
    count = add_patterns(reader, keywords->patterns, object, types);
    if (others && !json_is_false(others))
        types[count++] = schema_read(reader, others);
    else if (!others && reader->options->exact)
        types[count++] = type_simple(TYPE_ANY);
    if (count == 0)
        return;
    /* An index signature of all keys must hold for those of the patterns too. */
    for (size_t i = 0; i < object->object.pattern_count; i++)
        types[count++] = object->object.patterns[i].type;
    object->object.index = type_join(reader->set, types, count);
}

/* By the letter a property is also of the patterns that its name matches. */
static void meet_patterns(struct schema_reader *reader, struct type *object)
{
    if (!reader->options->exact || object->object.pattern_count == 0)
        return;
    for (size_t i = 0; i < object->object.count; i++) {
        struct type_property *property = &object->object.properties[i];
        const struct type *type =
            type_of_other_key(reader->set, object, property->name, property->name_len);

        if (type && type != object->object.index)
            property->type = type_meet(reader->set, property->type, type);
    }
}

/* What other schemas beside describe is not unevaluated. */
static bool is_closed(const json_t *schema, const struct object_keywords *keywords)
{
    if (json_is_false(keywords->unevaluated))
        return !keywords->additional && !schema_has_combinations(schema);
    return json_is_false(keywords->additional);
}

const struct type *schema_object(struct schema_reader *reader, const json_t *schema)
{
    const struct object_keywords keywords = keywords_of(schema);
    const json_t *keys = listed_keys(&keywords);
    size_t named = json_object_size(keywords.properties);
    size_t listed = json_array_size(keywords.required) + json_array_size(keys);
    struct type *object = type_object(reader->set, named + listed);

    if (!object || !type_set_spend_pairs(reader->set, named + listed, listed))
        return type_simple(TYPE_ANY);
    add_declared(reader, &keywords, object);
    add_index(reader, &keywords, object);
    meet_patterns(reader, object);
    object->object.closed = !object->object.index && is_closed(schema, &keywords);
    if (keys)
        add_listed(keys, keywords.required, object);
    add_required(reader, keywords.required, object);
    return object;
}
