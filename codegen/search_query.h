/*
 * A query as codegen/search asks it: for each of its words, the words of the
 * catalogue that may stand for it.
 */
#ifndef CODEGEN_SEARCH_QUERY_H
#define CODEGEN_SEARCH_QUERY_H

#include "codegen/catalogue.h"
#include "codegen/search_index.h"
#include "codegen/search_words.h"

#define SEARCH_TERMS_MAX        24
#define SEARCH_ALTERNATIVES_MAX 48

/* How a word stands for a word of the query, the surest first. */
enum search_relation {
    SEARCH_SAME,     /* but for case, plural, ending */
    SEARCH_COMPOUND, /* written in one or in two words */
    SEARCH_TYPO,
    SEARCH_PART,    /* begins like it */
    SEARCH_SYNONYM, /* another word for it */
    SEARCH_RELATION_COUNT
};

struct search_alternative {
    char text[SEARCH_WORD_BYTES];
    struct span word; /* folded, in `text` */
    uint32_t hash;    /* of the word */
    enum search_relation relation;
    double quality; /* 1 for the word itself */
};

struct search_term {
    char shown[SEARCH_WORD_BYTES]; /* as asked, in lower case */
    size_t shown_len;
    struct search_alternative alternatives[SEARCH_ALTERNATIVES_MAX];
    size_t alternative_count; /* at least 1: the word itself comes first */
};

struct search_query {
    struct search_term terms[SEARCH_TERMS_MAX];
    size_t term_count;
};

/* Reads the first words of a text; none when it has none.  The caller frees the query. */
struct search_query *search_query_new(const struct catalogue *catalogue, struct span text);

void search_query_free(struct search_query *query); /* takes NULL */

#endif
