/*
 * The words of a server's tools, made once and kept with it, for
 * codegen/search.
 */
#ifndef CODEGEN_SEARCH_INDEX_H
#define CODEGEN_SEARCH_INDEX_H

#include <stdint.h>

#include <uthash.h>

#include "codegen/arena.h"
#include "codegen/catalogue.h"

/* Where a word of a tool stands, the best place first; a word counts at its best place. */
enum search_field {
    SEARCH_NAME,
    SEARCH_TITLE,
    SEARCH_SERVER,
    SEARCH_SENTENCE, /* the first sentence of the description */
    SEARCH_PARAMETER,
    SEARCH_DESCRIPTION,
    SEARCH_PARAMETER_TEXT,
    SEARCH_FIELD_COUNT
};

/* One tool that has a word. */
struct search_posting {
    uint32_t tool;
    uint16_t field;
    uint16_t count; /* in all fields */
};

struct search_word {
    UT_hash_handle hh;
    struct search_posting *postings; /* by tool, upwards */
    size_t count, room;
    size_t len;
    const char *text; /* the key, folded by search_words() */
};

struct search_index {
    struct arena arena;
    struct search_word *words;
    uint32_t *lengths; /* words of each tool */
    uint64_t total_length;
    size_t tool_count;
};

/* Never NULL; owned by the server's cache. */
const struct search_index *search_index_of(const struct catalogue_server *server);

/* The postings of a folded word; NULL when no tool has it. */
const struct search_word *
search_index_find(const struct search_index *index, const char *word, size_t len);

void search_index_free(struct search_index *index); /* takes NULL */

#endif
