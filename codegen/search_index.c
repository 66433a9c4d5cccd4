#include "codegen/search_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/derived.h"
#include "codegen/search_maker.h"

/* Words of one tool that are indexed; a longer text says nothing more about what the tool is for.
 */
#define WORDS_MAX       2000
#define VALUES_MAX      50
#define PARAMETER_DEPTH 4

#define FIRST_PARAMETERS 16

/* What a word is worth in a field, and how that falls with the length of the field: by `slope`
 * around a field of the usual length.  Tuned on the tuning part of tests/bench/search. */
static const struct field {
    double worth, slope, usual_bytes;
} fields[SEARCH_FIELD_COUNT] = {
    [SEARCH_NAME] = { 4.0, 0.4, 18 },
    [SEARCH_TITLE] = { 2.0, 0.4, 20 },
    [SEARCH_SERVER] = { 2.2, 0, 1 },
    [SEARCH_SENTENCE] = { 2.0, 0.4, 70 },
    [SEARCH_PARAMETER] = { 0.9, 0.6, 60 },
    [SEARCH_DESCRIPTION] = { 0.8, 0.6, 300 },
    [SEARCH_PARAMETER_TEXT] = { 0.4, 0.6, 400 },
};

/* A parameter or a part of one: what is indexed of it. */
struct parameter {
    struct span name, description;
    const json_t *values;
};

/* The parameters of a tool, each before its parts. */
struct parameters {
    struct parameter *items;
    size_t count, room;
};

static uint32_t letters_of(struct span word)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] >= 'a' && word.data[i] <= 'z')
            letters |= 1U << (word.data[i] - 'a');
        else
            letters |= 1U << (26 + (unsigned char)word.data[i] % 6);
    }
    return letters;
}

struct search_sketch search_sketch(struct span word)
{
    return (struct search_sketch){ .letters = letters_of(word),
                                   .len = (uint16_t)word.len,
                                   .first = word.data[0] };
}

/* `bytes` is how long the whole field is. */
static void start_field(struct search_maker *maker, enum search_field field, size_t bytes)
{
    const struct field *rule = &fields[field];
    double length = 1 - rule->slope + rule->slope * (double)bytes / rule->usual_bytes;

    search_maker_start_field(maker, field,
                             (uint32_t)(SEARCH_WEIGHT_ONE * rule->worth / length) + 1);
}

static void add_text(struct search_maker *maker, enum search_field field, struct span text)
{
    start_field(maker, field, text.len);
    search_maker_add(maker, text);
}

static struct span json_text(const json_t *value)
{
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value))
                                 : SPAN_NONE;
}

static void add_values(struct search_maker *maker, const json_t *values)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        if (i == VALUES_MAX)
            break;
        search_maker_add(maker, json_text(value));
    }
}

/* What a schema says of a parameter, and the schemas of its parts. */
static struct parameter read_parameter(struct span name,
                                       const json_t *schema,
                                       const json_t **ret_properties,
                                       const json_t **ret_items)
{
    struct parameter parameter = { .name = name };
    const char *key;
    json_t *value;

    *ret_properties = *ret_items = NULL;
    json_object_foreach((json_t *)(uintptr_t)schema, key, value)
    {
        if (strcmp(key, "description") == 0)
            parameter.description = json_text(value);
        else if (strcmp(key, "enum") == 0)
            parameter.values = value;
        else if (strcmp(key, "properties") == 0)
            *ret_properties = value;
        else if (strcmp(key, "items") == 0)
            *ret_items = value;
    }
    return parameter;
}

static void add_parameter(struct parameters *parameters, const struct parameter *parameter)
{
    if (parameters->count == parameters->room) {
        parameters->room = parameters->room ? 2 * parameters->room : FIRST_PARAMETERS;
        parameters->items =
            xreallocarray(parameters->items, parameters->room, sizeof(*parameters->items));
    }
    parameters->items[parameters->count++] = *parameter;
}

/* Gathers what `properties` describe and what that consists of, a few levels deep. */
static void read_parameters(struct parameters *parameters, const json_t *properties, unsigned depth)
{
    const char *name;
    json_t *property;

    if (depth == PARAMETER_DEPTH)
        return;
    json_object_foreach((json_t *)(uintptr_t)properties, name, property)
    {
        const json_t *parts, *items;
        struct parameter parameter = read_parameter(span_of(name), property, &parts, &items);

        add_parameter(parameters, &parameter);
        read_parameters(parameters, parts, depth + 1);
        read_parameters(parameters, json_object_get(items, "properties"), depth + 1);
    }
}

static void add_parameter_names(struct search_maker *maker, const struct parameters *parameters)
{
    size_t bytes = 0;

    for (size_t i = 0; i < parameters->count; i++)
        bytes += parameters->items[i].name.len;
    start_field(maker, SEARCH_PARAMETER, bytes);
    for (size_t i = 0; i < parameters->count; i++)
        search_maker_add(maker, parameters->items[i].name);
}

static void add_parameter_texts(struct search_maker *maker, const struct parameters *parameters)
{
    size_t bytes = 0;

    for (size_t i = 0; i < parameters->count; i++)
        bytes += parameters->items[i].description.len;
    start_field(maker, SEARCH_PARAMETER_TEXT, bytes);
    for (size_t i = 0; i < parameters->count; i++) {
        search_maker_add(maker, parameters->items[i].description);
        add_values(maker, parameters->items[i].values);
    }
}

static void add_input(struct search_maker *maker, const json_t *input)
{
    struct parameters parameters = { 0 };

    read_parameters(&parameters, json_object_get(input, "properties"), 0);
    add_parameter_names(maker, &parameters);
    add_parameter_texts(maker, &parameters);
    free(parameters.items);
}

static size_t first_sentence_len(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n' || (text.data[i] == '.' && i + 1 < text.len &&
                                     (text.data[i + 1] == ' ' || text.data[i + 1] == '\n')))
            return i;
    }
    return text.len;
}

static void
add_tool(struct search_maker *maker, const struct catalogue_server *server, size_t tool_index)
{
    const struct tool *tool = &server->tools[tool_index];
    struct span description = span_trim(span_of(tool->description));
    size_t first = first_sentence_len(description);

    search_maker_start_tool(maker, (uint32_t)tool_index, WORDS_MAX);
    add_text(maker, SEARCH_NAME, span_of(tool->name));
    add_text(maker, SEARCH_TITLE, span_of(tool->title));
    add_text(maker, SEARCH_SERVER, span_of(server->key));
    add_text(maker, SEARCH_SERVER, span_of(server->title));
    add_text(maker, SEARCH_SENTENCE, span_make(description.data, first));
    add_text(maker, SEARCH_DESCRIPTION, span_skip(description, first));
    add_input(maker, tool->input);
}

static struct search_index *make_index(const struct catalogue_server *server)
{
    struct search_maker maker;

    search_maker_init(&maker, server->tool_count);
    for (size_t i = 0; i < server->tool_count; i++)
        add_tool(&maker, server, i);
    return search_maker_finish(&maker);
}

const struct search_index *search_index_of(const struct catalogue_server *server)
{
    struct derived *derived = derived_of(server);

    if (!derived->index)
        derived->index = make_index(server);
    return derived->index;
}

const struct search_word *
search_index_find(const struct search_index *index, struct span word, uint32_t hash)
{
    uint32_t place = text_set_find(&index->texts, word, hash);

    return place == TEXT_SET_NONE ? NULL : &index->words[place];
}

void search_index_free(struct search_index *index)
{
    if (!index)
        return;
    text_set_done(&index->texts);
    arena_done(&index->arena);
    free(index->words);
    free(index->sketches);
    free(index->postings);
    free(index->name_words);
    free(index);
}
