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

#include <uthash.h>

#include "codegen/arena.h"
#include "codegen/catalogue.h"

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

/* A folded word with its hash, to be looked up in many servers. */
struct search_key {
    const char *text;
    size_t len;
    unsigned hash;
};

/* Most words are of few tools. */
#define SEARCH_POSTINGS_FEW 2

struct search_word {
    UT_hash_handle hh;
    struct search_posting *postings; /* by tool, upwards; `few`, or of their own */
    struct search_posting few[SEARCH_POSTINGS_FEW];
    uint32_t count, room;
    uint32_t named; /* how many of them have it in the name */
    uint16_t len, shown_len;
    const char *text;  /* the key, folded by search_words() */
    const char *shown; /* as the first tool writes it, in lower case */
};

/* What of a word decides, at a glance, whether it can be like another. */
struct search_sketch {
    uint32_t letters; /* by search_letters() */
    uint16_t len;
    char first;
    const struct search_word *word;
};

struct search_index {
    struct arena arena;
    struct search_word *words;
    size_t word_count;
    struct search_sketch *sketches; /* of all words, in the order they came */
    uint64_t *filter;               /* a bit for each hash, so that most misses cost one look */
    uint32_t filter_mask;
    uint8_t *name_words; /* of each tool: how many of its name's words tell it from the others */
    size_t tool_count;
};

/* Never NULL; owned by the server's cache. */
const struct search_index *search_index_of(const struct catalogue_server *server);

struct search_key search_key(const char *word, size_t len);

/* The set of letters and digits of a word as bits; two words that are one edit apart differ in two
 * bits at most. */
uint32_t search_letters(const char *word, size_t len);

/* The postings of a folded word; NULL when no tool has it. */
const struct search_word *search_index_find(const struct search_index *index,
                                            const struct search_key *key);

void search_index_free(struct search_index *index); /* takes NULL */

#endif
