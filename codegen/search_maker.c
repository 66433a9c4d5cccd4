#include "codegen/search_maker.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/search_words.h"

#define FIRST_ROOM 64

/* Room to begin with for each tool: what the usual tool needs. */
#define WORDS_PER_TOOL 64
#define FOUND_PER_TOOL 32

/* A word in more names than one in so many is part of how the server names its tools. */
#define NAME_HABIT_SHARE 2
#define NAME_HABIT_TOOLS 4

/* That a tool has a word. */
struct search_found {
    uint32_t word; /* its place in the index */
    struct search_posting posting;
};

/* Where a word was found last. */
struct search_latest {
    uint32_t tool;  /* counted from 1; 0 when it is new */
    uint32_t found; /* the place in search_maker.found */
};

/* Which words a text has: a part of search_maker.words. */
struct search_said {
    uint32_t first, count;
    bool all; /* there are no others in it */
};

/* An array with room for one element more than the `count` it has. */
static void *with_room(void *array, size_t count, size_t *room, size_t element_size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : FIRST_ROOM;
    return xreallocarray(array, *room, element_size);
}

void search_maker_init(struct search_maker *maker, size_t tool_count)
{
    struct search_index *index = NEW(struct search_index);

    text_set_init(&index->texts);
    index->tool_count = tool_count;
    index->name_words = xcalloc(tool_count + 1, sizeof(*index->name_words));
    *maker = (struct search_maker){ .index = index,
                                    .found_room = (tool_count + 1) * FOUND_PER_TOOL,
                                    .words_room = (tool_count + 1) * WORDS_PER_TOOL };
    maker->found = xreallocarray(NULL, maker->found_room, sizeof(*maker->found));
    maker->words = xreallocarray(NULL, maker->words_room, sizeof(*maker->words));
    text_set_init(&maker->texts);
}

void search_maker_start_tool(struct search_maker *maker, uint32_t tool, uint32_t words_max)
{
    maker->tool = tool;
    maker->words_left = words_max;
}

void search_maker_start_field(struct search_maker *maker, enum search_field field, uint32_t weight)
{
    maker->field = field;
    maker->weight = weight;
}

static void find_in_tool(struct search_maker *maker, uint32_t word)
{
    maker->latest[word].tool = maker->tool + 1;
    maker->latest[word].found = (uint32_t)maker->found_count;
    maker->found =
        with_room(maker->found, maker->found_count, &maker->found_room, sizeof(*maker->found));
    maker->found[maker->found_count++] =
        (struct search_found){ .word = word, .posting.tool = maker->tool };
}

static void count_word(struct search_maker *maker, uint32_t word)
{
    struct search_posting *posting;
    uint32_t weight;

    if (maker->latest[word].tool != maker->tool + 1)
        find_in_tool(maker, word);
    posting = &maker->found[maker->latest[word].found].posting;
    weight = posting->weight + maker->weight;
    posting->weight = weight > UINT16_MAX ? UINT16_MAX : (uint16_t)weight;
    posting->fields |= (uint16_t)(1U << maker->field);
}

/* Room for the word that came last. */
static void make_word_room(struct search_maker *maker)
{
    struct search_index *index = maker->index;

    if (index->texts.count <= maker->word_room)
        return;
    maker->word_room = maker->word_room ? 2 * maker->word_room : FIRST_ROOM;
    index->words = xreallocarray(index->words, maker->word_room, sizeof(*index->words));
    maker->latest = xreallocarray(maker->latest, maker->word_room, sizeof(*maker->latest));
}

/* Keeps the texts of a new word.  The folded one is mostly how the word begins, and then it takes
 * no room of its own. */
static void keep_word(struct search_maker *maker, uint32_t word, struct span shown)
{
    struct search_index *index = maker->index;
    struct span *folded = &index->texts.texts[word];
    bool begins = span_starts_with(shown, *folded);
    char *text = arena_take(&index->arena, shown.len + (begins ? 0 : folded->len));

    memcpy(text, shown.data, shown.len);
    if (!begins)
        memcpy(text + shown.len, folded->data, folded->len);
    folded->data = begins ? text : text + shown.len;
    make_word_room(maker);
    index->words[word] = (struct search_word){ .shown = span_make(text, shown.len) };
    maker->latest[word] = (struct search_latest){ 0 };
}

/* A search_word_fn: notes a word of the text that is being read. */
static void note_word(void *ctx, const char *folded, size_t len, struct span shown)
{
    struct search_maker *maker = ctx;
    size_t known = maker->index->texts.count;
    uint32_t word;

    if (maker->words_count - maker->words_before == maker->words_left)
        return;
    word = text_set_add(&maker->index->texts, span_make(folded, len));
    if (word == known)
        keep_word(maker, word, shown);
    maker->words = with_room(maker->words, maker->words_count, &maker->words_room, sizeof(word));
    maker->words[maker->words_count++] = word;
}

/* The words of a text, as many as the tool may still have. */
static struct search_said read_text(struct search_maker *maker, struct span text)
{
    struct search_said said = { .first = (uint32_t)maker->words_count };

    maker->words_before = maker->words_count;
    search_words(text, note_word, maker);
    said.count = (uint32_t)(maker->words_count - maker->words_before);
    said.all = said.count < maker->words_left;
    return said;
}

void search_maker_add(struct search_maker *maker, struct span text)
{
    size_t known = maker->texts.count;
    uint32_t place = text_set_add(&maker->texts, text);
    struct search_said said;

    maker->said = with_room(maker->said, place, &maker->said_room, sizeof(said));
    if (place == known || !maker->said[place].all)
        maker->said[place] = read_text(maker, text);
    said = maker->said[place];
    if (said.count > maker->words_left)
        said.count = maker->words_left;
    for (uint32_t i = 0; i < said.count; i++)
        count_word(maker, maker->words[said.first + i]);
    maker->words_left -= said.count;
}

/* Gives each word its postings; those of all words take one block. */
static void place_postings(struct search_maker *maker)
{
    struct search_index *index = maker->index;
    struct search_posting *next;

    index->postings = next = xreallocarray(NULL, maker->found_count, sizeof(*index->postings));
    for (size_t i = 0; i < maker->found_count; i++)
        index->words[maker->found[i].word].count++;
    for (size_t i = 0; i < index->texts.count; i++) {
        index->words[i].postings = next;
        next += index->words[i].count;
        index->words[i].count = 0;
    }
    for (size_t i = 0; i < maker->found_count; i++) {
        struct search_word *word = &index->words[maker->found[i].word];

        word->postings[word->count++] = maker->found[i].posting;
    }
}

static bool is_named(const struct search_posting *posting)
{
    return posting->fields & 1U << SEARCH_NAME;
}

static size_t named_count(const struct search_word *word)
{
    size_t count = 0;

    for (uint32_t i = 0; i < word->count; i++)
        count += is_named(&word->postings[i]);
    return count;
}

/* "asana" in each name of a server says nothing about the tool. */
static bool is_habit(const struct search_index *index, size_t named)
{
    return index->tool_count >= NAME_HABIT_TOOLS && named * NAME_HABIT_SHARE > index->tool_count;
}

static void count_name_words(struct search_index *index, const struct search_word *word)
{
    size_t named = named_count(word);

    if (named == 0 || is_habit(index, named))
        return;
    for (uint32_t i = 0; i < word->count; i++) {
        uint8_t *count = &index->name_words[word->postings[i].tool];

        if (is_named(&word->postings[i]) && *count < UINT8_MAX)
            ++*count;
    }
}

struct search_index *search_maker_finish(struct search_maker *maker)
{
    struct search_index *index = maker->index;

    place_postings(maker);
    index->words = xreallocarray(index->words, index->texts.count, sizeof(*index->words));
    index->sketches = xreallocarray(NULL, index->texts.count, sizeof(*index->sketches));
    for (size_t i = 0; i < index->texts.count; i++) {
        index->sketches[i] = search_sketch(index->texts.texts[i]);
        count_name_words(index, &index->words[i]);
    }
    free(maker->latest);
    free(maker->found);
    text_set_done(&maker->texts);
    free(maker->said);
    free(maker->words);
    return index;
}
