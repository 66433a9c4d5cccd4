/*
 * The words of a server's tools, made once and kept with it, for
 * codegen/search.
 *
 * Bounded by the server's list: a tool has at most some thousand postings of
 * eight bytes, and a word is kept once however many tools have it.
 */
#ifndef CODEGEN_SEARCH_INDEX_H
#define CODEGEN_SEARCH_INDEX_H

#include <stdint.h>

#include "codegen/arena.h"
#include "codegen/catalogue.h"
#include "codegen/text_set.h"

/* Where a word of a tool stands, the best place first. */
enum search_field {
    SEARCH_NAME,
    SEARCH_TITLE,
    SEARCH_SERVER,   /* its key and title */
    SEARCH_SENTENCE, /* the first sentence of the description */
    SEARCH_PARAMETER,
    SEARCH_DESCRIPTION,
    SEARCH_PARAMETER_TEXT, /* descriptions and values of parameters */
    SEARCH_FIELD_COUNT
};

/* One tool that has a word. */
struct search_posting {
    uint32_t tool;
    uint16_t fields; /* bits of enum search_field */
    uint16_t weight; /* in SEARCH_WEIGHT_ONE-ths: how often and how well placed, by field length */
};

#define SEARCH_WEIGHT_ONE 1024

struct search_word {
    struct span shown;               /* as the first tool writes it, in lower case */
    struct search_posting *postings; /* by tool, upwards */
    uint32_t count;                  /* of them */
};

/* What of a word decides, at a glance, whether it can be like another. */
struct search_sketch {
    uint32_t
        letters; /* which it has, as bits; words that are one edit apart differ in two at most */
    uint16_t len;
    char first;
};

struct search_index {
    struct arena arena;        /* of the words' texts */
    struct text_set texts;     /* of the words, folded by search_words() */
    struct search_word *words; /* in that order, as what follows */
    struct search_sketch *sketches;
    struct search_posting *postings; /* of all words, one word's after the other's */
    uint8_t *name_words; /* of each tool: how many of its name's words tell it from the others */
    size_t tool_count;
};

/* Never NULL; owned by the server's cache. */
const struct search_index *search_index_of(const struct catalogue_server *server);

/* Of a word that is not empty. */
struct search_sketch search_sketch(struct span word);

/* The postings of a folded word with its text_hash(); NULL when no tool has it. */
const struct search_word *
search_index_find(const struct search_index *index, struct span word, uint32_t hash);

void search_index_free(struct search_index *index); /* takes NULL */

#endif
