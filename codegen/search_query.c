#include "codegen/search_query.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/names.h"

#define COMPOUND_QUALITY  0.9
#define TYPO_QUALITY      0.75 /* one letter wrong */
#define FAR_TYPO_QUALITY  0.5  /* two */
#define PART_QUALITY      0.6
#define SHORTER_QUALITY   0.45 /* the query's word begins like a shorter one */
#define SYNONYM_QUALITY   0.5
#define COMPOUND_PART_LEN 3 /* of a word taken apart, at least */

/* Adds a word that may stand for the term, or improves it when it is there. */
static void add_alternative(struct search_term *term,
                            struct span word,
                            enum search_relation relation,
                            double quality)
{
    struct search_alternative *to;

    for (size_t i = 0; i < term->alternative_count; i++) {
        to = &term->alternatives[i];
        if (span_equal(to->word, word)) {
            if (quality > to->quality) {
                to->quality = quality;
                to->relation = relation;
            }
            return;
        }
    }
    if (term->alternative_count == SEARCH_ALTERNATIVES_MAX || word.len > sizeof(to->text))
        return;
    to = &term->alternatives[term->alternative_count++];
    memcpy(to->text, word.data, word.len);
    to->word = span_make(to->text, word.len);
    to->hash = text_hash(word);
    to->relation = relation;
    to->quality = quality;
}

static bool has_term(const struct search_query *query, const char *word, size_t len)
{
    for (size_t i = 0; i < query->term_count; i++) {
        if (span_equal(query->terms[i].alternatives[0].word, span_make(word, len)))
            return true;
    }
    return false;
}

static void add_term(void *ctx, const char *word, size_t len, struct span shown)
{
    struct search_query *query = ctx;
    struct search_term *term = &query->terms[query->term_count];

    if (query->term_count == SEARCH_TERMS_MAX || has_term(query, word, len))
        return;
    memcpy(term->shown, shown.data, shown.len);
    term->shown_len = shown.len;
    add_alternative(term, span_make(word, len), SEARCH_SAME, 1);
    query->term_count++;
}

static void add_telling_term(void *ctx, const char *word, size_t len, struct span shown)
{
    if (!search_word_is_empty(word, len))
        add_term(ctx, word, len, shown);
}

static bool is_known(const struct catalogue *catalogue, struct span word)
{
    uint32_t hash = text_hash(word);

    for (size_t i = 0; i < catalogue->server_count; i++) {
        if (search_index_find(search_index_of(catalogue->servers[i]), word, hash))
            return true;
    }
    return false;
}

/* How like a word of the catalogue, with its sketch, is to the one asked for; 0 when it is another.
 */
static double likeness(struct span term,
                       uint32_t letters,
                       const char *word,
                       const struct search_sketch *sketch,
                       enum search_relation *ret_relation)
{
    unsigned allowed = term.len >= 8 ? 2 : term.len >= 4 ? 1 : 0;
    unsigned distance;

    *ret_relation = SEARCH_PART;
    /* Hardly anybody mistypes the first letter, but for taking the second before it. */
    if (sketch->first != term.data[0] && (term.len < 2 || sketch->first != term.data[1]))
        return 0;
    if (term.len >= 3 && sketch->len > term.len && !(letters & ~sketch->letters) &&
        memcmp(word, term.data, term.len) == 0)
        return PART_QUALITY;
    if (sketch->len >= 4 && term.len > sketch->len && !(sketch->letters & ~letters) &&
        memcmp(word, term.data, sketch->len) == 0)
        return SHORTER_QUALITY;
    *ret_relation = SEARCH_TYPO;
    if (!allowed || sketch->len + allowed < term.len || term.len + allowed < sketch->len ||
        (unsigned)__builtin_popcount(letters ^ sketch->letters) > 2 * allowed)
        return 0;
    distance = name_distance(term, span_make(word, sketch->len), 2);
    return distance > allowed ? 0 : distance < 2 ? TYPO_QUALITY : FAR_TYPO_QUALITY;
}

static void add_similar(const struct search_index *index, struct search_term *term)
{
    struct span asked = term->alternatives[0].word;
    uint32_t letters = search_sketch(asked).letters;

    for (size_t i = 0; i < index->texts.count; i++) {
        struct span word = index->texts.texts[i];
        enum search_relation relation;
        double quality = likeness(asked, letters, word.data, &index->sketches[i], &relation);

        if (quality > 0)
            add_alternative(term, word, relation, quality);
    }
}

/* A word that is two known ones written together: "salesforce", "datacenter". */
static void add_halves(const struct catalogue *catalogue, struct search_term *term)
{
    const char *word = term->shown;

    for (size_t at = COMPOUND_PART_LEN; at + COMPOUND_PART_LEN <= term->shown_len; at++) {
        char halves[2][SEARCH_WORD_BYTES];
        size_t lens[2] = { at, term->shown_len - at };
        bool known = true;

        memcpy(halves[0], word, lens[0]);
        memcpy(halves[1], word + at, lens[1]);
        for (int i = 0; i < 2 && known; i++) {
            lens[i] = search_fold(halves[i], lens[i]);
            known = is_known(catalogue, span_make(halves[i], lens[i]));
        }
        for (int i = 0; i < 2 && known; i++)
            add_alternative(term, span_make(halves[i], lens[i]), SEARCH_COMPOUND,
                            COMPOUND_QUALITY / 2);
    }
}

static void add_synonym(void *ctx, const char *word, size_t len, struct span shown)
{
    (void)shown;
    add_alternative(ctx, span_make(word, len), SEARCH_SYNONYM, SYNONYM_QUALITY);
}

/* Two neighbours of the query that tools write as one word: "drop down", "air table". */
static void
add_compound(const struct catalogue *catalogue, struct search_term *left, struct search_term *right)
{
    char word[SEARCH_WORD_BYTES];
    size_t len = left->shown_len + right->shown_len;

    if (len > sizeof(word))
        return;
    memcpy(word, left->shown, left->shown_len);
    memcpy(word + left->shown_len, right->shown, right->shown_len);
    len = search_fold(word, len);
    if (!is_known(catalogue, span_make(word, len)))
        return;
    add_alternative(left, span_make(word, len), SEARCH_COMPOUND, COMPOUND_QUALITY);
    add_alternative(right, span_make(word, len), SEARCH_COMPOUND, COMPOUND_QUALITY);
}

static void add_alternatives(const struct catalogue *catalogue, struct search_term *term)
{
    struct span word = term->alternatives[0].word;
    bool known = is_known(catalogue, word);

    search_synonyms(word.data, word.len, add_synonym, term);
    if (known)
        return;
    add_halves(catalogue, term);
    for (size_t i = 0; i < catalogue->server_count; i++)
        add_similar(search_index_of(catalogue->servers[i]), term);
}

struct search_query *search_query_new(const struct catalogue *catalogue, struct span text)
{
    struct search_query *query = NEW(struct search_query);

    search_words(text, add_telling_term, query);
    if (query->term_count == 0)
        search_words(text, add_term, query);
    for (size_t i = 0; i + 1 < query->term_count; i++)
        add_compound(catalogue, &query->terms[i], &query->terms[i + 1]);
    for (size_t i = 0; i < query->term_count; i++)
        add_alternatives(catalogue, &query->terms[i]);
    return query;
}

void search_query_free(struct search_query *query)
{
    free(query);
}
