#include "codegen/search_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/derived.h"
#include "codegen/search_words.h"

/* Words of one tool that are indexed; a longer text says nothing more about what the tool is for.
 */
#define WORDS_MAX       2000
#define PARAMETER_DEPTH 4

/* The tool and field whose words are being added. */
struct adder {
    struct search_index *index;
    uint32_t tool;
    enum search_field field;
};

static struct search_word *word_of(struct search_index *index, const char *text, size_t len)
{
    struct search_word *word;
    unsigned hash;

    HASH_VALUE(text, len, hash);
    HASH_FIND_BYHASHVALUE(hh, index->words, text, len, hash, word);
    if (!word) {
        char *copy = arena_take(&index->arena, len);

        memcpy(copy, text, len);
        word = arena_take(&index->arena, sizeof(*word));
        word->text = copy;
        word->len = len;
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, index->words, word->text, len, hash, word);
    }
    return word;
}

static struct search_posting *new_posting(struct search_word *word)
{
    if (word->count == word->room) {
        word->room = word->room ? word->room * 2 : 2;
        word->postings = xreallocarray(word->postings, word->room, sizeof(*word->postings));
    }
    return &word->postings[word->count++];
}

static void add_word(void *ctx, const char *text, size_t len)
{
    const struct adder *adder = ctx;
    struct search_word *word;
    struct search_posting *last;

    if (adder->index->lengths[adder->tool] >= WORDS_MAX)
        return;
    adder->index->lengths[adder->tool]++;
    word = word_of(adder->index, text, len);
    last = word->count ? &word->postings[word->count - 1] : NULL;
    if (!last || last->tool != adder->tool) {
        *new_posting(word) = (struct search_posting){ .tool = adder->tool,
                                                      .field = (uint16_t)adder->field,
                                                      .count = 1 };
        return;
    }
    if (adder->field < last->field)
        last->field = (uint16_t)adder->field;
    if (last->count < UINT16_MAX)
        last->count++;
}

static void add_text(struct adder *adder, enum search_field field, struct span text)
{
    adder->field = field;
    search_words(text, add_word, adder);
}

static void add_json_text(struct adder *adder, enum search_field field, const json_t *value)
{
    if (json_is_string(value))
        add_text(adder, field, span_make(json_string_value(value), json_string_length(value)));
}

static void add_values(struct adder *adder, const json_t *values)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        if (i == 50)
            break;
        add_json_text(adder, SEARCH_PARAMETER_TEXT, value);
    }
}

/* Names, descriptions and values of parameters, a few levels deep. */
static void add_parameters(struct adder *adder, const json_t *schema, unsigned depth)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *property;

    if (depth == PARAMETER_DEPTH)
        return;
    json_object_foreach((json_t *)(uintptr_t)properties, name, property)
    {
        add_text(adder, SEARCH_PARAMETER, span_of(name));
        add_json_text(adder, SEARCH_PARAMETER_TEXT, json_object_get(property, "description"));
        add_values(adder, json_object_get(property, "enum"));
        add_parameters(adder, property, depth + 1);
        add_parameters(adder, json_object_get(property, "items"), depth + 1);
    }
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
add_tool(struct search_index *index, const struct catalogue_server *server, size_t tool_index)
{
    const struct tool *tool = &server->tools[tool_index];
    struct adder adder = { .index = index, .tool = (uint32_t)tool_index };
    struct span description = span_of(tool->description);
    size_t first = first_sentence_len(description);

    add_text(&adder, SEARCH_NAME, span_of(tool->name));
    add_text(&adder, SEARCH_TITLE, span_of(tool->title));
    add_text(&adder, SEARCH_SERVER, span_of(server->key));
    add_text(&adder, SEARCH_SENTENCE, span_make(description.data, first));
    add_text(&adder, SEARCH_DESCRIPTION, span_skip(description, first));
    add_parameters(&adder, tool->input, 0);
    index->total_length += index->lengths[tool_index];
}

static struct search_index *make_index(const struct catalogue_server *server)
{
    struct search_index *index = NEW(struct search_index);

    index->tool_count = server->tool_count;
    index->lengths = xcalloc(server->tool_count + 1, sizeof(*index->lengths));
    for (size_t i = 0; i < server->tool_count; i++)
        add_tool(index, server, i);
    return index;
}

const struct search_index *search_index_of(const struct catalogue_server *server)
{
    struct derived *derived = derived_of(server);

    if (!derived->index)
        derived->index = make_index(server);
    return derived->index;
}

const struct search_word *
search_index_find(const struct search_index *index, const char *word, size_t len)
{
    struct search_word *found;

    HASH_FIND(hh, index->words, word, len, found);
    return found;
}

void search_index_free(struct search_index *index)
{
    struct search_word *word;

    if (!index)
        return;
    for (word = index->words; word; word = word->hh.next)
        free(word->postings);
    HASH_CLEAR(hh, index->words);
    arena_done(&index->arena);
    free(index->lengths);
    free(index);
}
