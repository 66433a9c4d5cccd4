#include "codegen/search_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/derived.h"
#include "codegen/search_words.h"

/* Words of one tool that are indexed; a longer text says nothing more about what the tool is for.
 */
#define WORDS_MAX       2000
#define VALUES_MAX      50
#define PARAMETER_DEPTH 4

#define FILTER_BITS_PER_WORD 8

/* A word in more names than one in so many is part of how the server names its tools. */
#define NAME_HABIT_SHARE 2
#define NAME_HABIT_TOOLS 4

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

/* The tool and field whose words are being added. */
struct adder {
    struct search_index *index;
    uint32_t tool;
    uint32_t words;
    enum search_field field;
    uint32_t weight; /* of a word in this field */
};

uint32_t search_letters(const char *word, size_t len)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < len; i++) {
        if (word[i] >= 'a' && word[i] <= 'z')
            letters |= 1U << (word[i] - 'a');
        else
            letters |= 1U << (26 + (unsigned char)word[i] % 6);
    }
    return letters;
}

struct search_key search_key(const char *word, size_t len)
{
    struct search_key key = { .text = word, .len = len };

    HASH_VALUE(word, len, key.hash);
    return key;
}

static struct search_word *
new_word(struct search_index *index, const struct search_key *key, struct span shown)
{
    struct search_word *word = arena_take(&index->arena, sizeof(*word) + key->len + shown.len);
    char *text = (char *)(word + 1);

    memcpy(text, key->text, key->len);
    memcpy(text + key->len, shown.data, shown.len);
    word->text = text;
    word->len = (uint16_t)key->len;
    word->shown = text + key->len;
    word->shown_len = (uint16_t)shown.len;
    word->postings = word->few;
    word->room = SEARCH_POSTINGS_FEW;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, index->words, word->text, key->len, key->hash, word);
    index->word_count++;
    return word;
}

static struct search_word *
word_of(struct search_index *index, const char *text, size_t len, struct span shown)
{
    struct search_key key = search_key(text, len);
    struct search_word *word;

    HASH_FIND_BYHASHVALUE(hh, index->words, text, len, key.hash, word);
    return word ? word : new_word(index, &key, shown);
}

static void make_room(struct search_word *word)
{
    struct search_posting *own = word->postings == word->few ? NULL : word->postings;

    word->room *= 4;
    own = xreallocarray(own, word->room, sizeof(*own));
    if (word->postings == word->few)
        memcpy(own, word->few, sizeof(word->few));
    word->postings = own;
}

static struct search_posting *posting_of(struct search_word *word, uint32_t tool)
{
    if (word->count && word->postings[word->count - 1].tool == tool)
        return &word->postings[word->count - 1];
    if (word->count == word->room)
        make_room(word);
    word->postings[word->count] = (struct search_posting){ .tool = tool };
    return &word->postings[word->count++];
}

static void add_word(void *ctx, const char *text, size_t len, struct span shown)
{
    struct adder *adder = ctx;
    struct search_word *word;
    struct search_posting *posting;
    uint32_t weight;

    if (adder->words >= WORDS_MAX)
        return;
    adder->words++;
    word = word_of(adder->index, text, len, shown);
    posting = posting_of(word, adder->tool);
    weight = posting->weight + adder->weight;
    posting->weight = weight > UINT16_MAX ? UINT16_MAX : (uint16_t)weight;
    if (adder->field == SEARCH_NAME && !(posting->fields & 1U << SEARCH_NAME))
        word->named++;
    posting->fields |= (uint16_t)(1U << adder->field);
}

/* `bytes` is how long the whole field is. */
static void start_field(struct adder *adder, enum search_field field, size_t bytes)
{
    const struct field *rule = &fields[field];
    double length = 1 - rule->slope + rule->slope * (double)bytes / rule->usual_bytes;

    adder->field = field;
    adder->weight = (uint32_t)(SEARCH_WEIGHT_ONE * rule->worth / length) + 1;
}

static void add_text(struct adder *adder, enum search_field field, struct span text)
{
    start_field(adder, field, text.len);
    search_words(text, add_word, adder);
}

static struct span json_text(const json_t *value)
{
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value))
                                 : SPAN_NONE;
}

static void add_values(struct adder *adder, const json_t *values)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        if (i == VALUES_MAX)
            break;
        search_words(json_text(value), add_word, adder);
    }
}

/* The names of parameters, or with `texts` what is said of them, a few levels deep. */
static void add_parameters(struct adder *adder, const json_t *schema, bool texts, unsigned depth)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *property;

    if (depth == PARAMETER_DEPTH)
        return;
    json_object_foreach((json_t *)(uintptr_t)properties, name, property)
    {
        if (texts) {
            search_words(json_text(json_object_get(property, "description")), add_word, adder);
            add_values(adder, json_object_get(property, "enum"));
        } else
            search_words(span_of(name), add_word, adder);
        add_parameters(adder, property, texts, depth + 1);
        add_parameters(adder, json_object_get(property, "items"), texts, depth + 1);
    }
}

/* Adds up how long the names of parameters and what is said of them are. */
static void
count_parameters(const json_t *schema, unsigned depth, size_t *names_bytes, size_t *texts_bytes)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *property;

    if (depth == PARAMETER_DEPTH)
        return;
    json_object_foreach((json_t *)(uintptr_t)properties, name, property)
    {
        *names_bytes += strlen(name);
        *texts_bytes += json_text(json_object_get(property, "description")).len;
        count_parameters(property, depth + 1, names_bytes, texts_bytes);
        count_parameters(json_object_get(property, "items"), depth + 1, names_bytes, texts_bytes);
    }
}

static void add_input(struct adder *adder, const json_t *input)
{
    size_t names = 0, texts = 0;

    count_parameters(input, 0, &names, &texts);
    start_field(adder, SEARCH_PARAMETER, names);
    add_parameters(adder, input, false, 0);
    start_field(adder, SEARCH_PARAMETER_TEXT, texts);
    add_parameters(adder, input, true, 0);
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
    struct span description = span_trim(span_of(tool->description));
    size_t first = first_sentence_len(description);

    add_text(&adder, SEARCH_NAME, span_of(tool->name));
    add_text(&adder, SEARCH_TITLE, span_of(tool->title));
    add_text(&adder, SEARCH_SERVER, span_of(server->key));
    add_text(&adder, SEARCH_SERVER, span_of(server->title));
    add_text(&adder, SEARCH_SENTENCE, span_make(description.data, first));
    add_text(&adder, SEARCH_DESCRIPTION, span_skip(description, first));
    add_input(&adder, tool->input);
}

/* "asana" in each name of a server says nothing about the tool. */
static bool is_habit(const struct search_index *index, const struct search_word *word)
{
    return index->tool_count >= NAME_HABIT_TOOLS &&
           word->named * NAME_HABIT_SHARE > index->tool_count;
}

static void count_name_words(struct search_index *index, const struct search_word *word)
{
    if (word->named == 0 || is_habit(index, word))
        return;
    for (uint32_t i = 0; i < word->count; i++) {
        uint8_t *count = &index->name_words[word->postings[i].tool];

        if (word->postings[i].fields & 1U << SEARCH_NAME && *count < UINT8_MAX)
            ++*count;
    }
}

/* Folds the high bits in, as FNV's low bits alone fill a small table unevenly. */
static uint32_t filter_bit(const struct search_index *index, unsigned hash)
{
    return (hash ^ hash >> 15) & index->filter_mask;
}

static void make_filter(struct search_index *index)
{
    size_t bits = 64;

    while (bits < index->word_count * FILTER_BITS_PER_WORD)
        bits *= 2;
    index->filter = xcalloc(bits / 64, sizeof(*index->filter));
    index->filter_mask = (uint32_t)bits - 1;
    for (const struct search_word *word = index->words; word; word = word->hh.next) {
        uint32_t bit = filter_bit(index, word->hh.hashv);

        index->filter[bit / 64] |= 1ULL << bit % 64;
    }
}

static void finish_index(struct search_index *index)
{
    struct search_sketch *sketch;

    make_filter(index);
    index->sketches = xcalloc(index->word_count + 1, sizeof(*index->sketches));
    sketch = index->sketches;
    for (const struct search_word *word = index->words; word; word = word->hh.next) {
        *sketch++ = (struct search_sketch){ .letters = search_letters(word->text, word->len),
                                            .len = word->len,
                                            .first = word->text[0],
                                            .word = word };
        count_name_words(index, word);
    }
}

static struct search_index *make_index(const struct catalogue_server *server)
{
    struct search_index *index = NEW(struct search_index);

    index->tool_count = server->tool_count;
    index->name_words = xcalloc(server->tool_count + 1, sizeof(*index->name_words));
    for (size_t i = 0; i < server->tool_count; i++)
        add_tool(index, server, i);
    finish_index(index);
    return index;
}

const struct search_index *search_index_of(const struct catalogue_server *server)
{
    struct derived *derived = derived_of(server);

    if (!derived->index)
        derived->index = make_index(server);
    return derived->index;
}

const struct search_word *search_index_find(const struct search_index *index,
                                            const struct search_key *key)
{
    uint32_t bit = filter_bit(index, key->hash);
    struct search_word *found;

    if (!(index->filter[bit / 64] >> bit % 64 & 1))
        return NULL;
    HASH_FIND_BYHASHVALUE(hh, index->words, key->text, key->len, key->hash, found);
    return found;
}

void search_index_free(struct search_index *index)
{
    struct search_word *word;

    if (!index)
        return;
    for (word = index->words; word; word = word->hh.next) {
        if (word->postings != word->few)
            free(word->postings);
    }
    HASH_CLEAR(hh, index->words);
    arena_done(&index->arena);
    free(index->sketches);
    free(index->filter);
    free(index->name_words);
    free(index);
}
