/*
 * mcp.search: ranks tools by the words of a query (BM25 with a weight for the
 * field a word stands in), forgiving of endings, typing mistakes and other
 * words for the same thing.
 */
#include "codegen/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "codegen/declarations.h"
#include "codegen/names.h"
#include "codegen/search_index.h"
#include "codegen/search_words.h"
#include "codegen/server_text.h"

#define TERMS_MAX       24
#define EXPANSIONS_MAX  64
#define QUERY_MAX_BYTES 1000

/* Of BM25: how fast repeated words saturate, and how much a long text counts against a tool. */
#define SATURATION    1.2
#define LENGTH_WEIGHT 0.35

#define EXACT_QUALITY   1.0
#define PREFIX_QUALITY  0.6
#define TYPO_QUALITY    0.5
#define SYNONYM_QUALITY 0.45

static const double field_weight[SEARCH_FIELD_COUNT] = {
    [SEARCH_NAME] = 5.0,           [SEARCH_TITLE] = 4.0,     [SEARCH_SERVER] = 4.0,
    [SEARCH_SENTENCE] = 2.6,       [SEARCH_PARAMETER] = 1.4, [SEARCH_DESCRIPTION] = 1.3,
    [SEARCH_PARAMETER_TEXT] = 0.7,
};

struct term {
    char text[SEARCH_WORD_BYTES];
    size_t len;
    bool found; /* some tool has the very word */
};

/* One tool's standing. */
struct hit {
    const struct catalogue_server *server;
    const struct tool *tool;
    double score;
    double best;    /* of the term being added */
    uint32_t terms; /* bits of the terms that match */
    size_t order;
};

struct ranking {
    const struct catalogue *catalogue;
    struct term terms[TERMS_MAX];
    size_t term_count;
    struct hit *hits; /* one for each tool, servers in order */
    size_t hit_count;
    double average_length;
};

static void add_term(void *ctx, const char *word, size_t len)
{
    struct ranking *ranking = ctx;
    struct term *term = &ranking->terms[ranking->term_count];

    if (ranking->term_count == TERMS_MAX || len > sizeof(term->text))
        return;
    for (size_t i = 0; i < ranking->term_count; i++) {
        if (ranking->terms[i].len == len && memcmp(ranking->terms[i].text, word, len) == 0)
            return;
    }
    memcpy(term->text, word, len);
    term->len = len;
    ranking->term_count++;
}

/* Words that say nothing are dropped, unless nothing else is left. */
static void drop_empty_terms(struct ranking *ranking)
{
    size_t kept = 0;

    for (size_t i = 0; i < ranking->term_count; i++) {
        if (!search_word_is_empty(ranking->terms[i].text, ranking->terms[i].len))
            ranking->terms[kept++] = ranking->terms[i];
    }
    if (kept)
        ranking->term_count = kept;
}

static void add_hits(struct ranking *ranking)
{
    uint64_t total = 0;
    size_t count = 0;

    for (size_t i = 0; i < ranking->catalogue->server_count; i++)
        count += ranking->catalogue->servers[i]->tool_count;
    ranking->hits = xcalloc(count + 1, sizeof(*ranking->hits));
    for (size_t i = 0; i < ranking->catalogue->server_count; i++) {
        const struct catalogue_server *server = ranking->catalogue->servers[i];

        total += search_index_of(server)->total_length;
        for (size_t k = 0; k < server->tool_count; k++, ranking->hit_count++)
            ranking->hits[ranking->hit_count] = (struct hit){ .server = server,
                                                              .tool = &server->tools[k],
                                                              .order = ranking->hit_count };
    }
    ranking->average_length = count ? (double)total / (double)count : 1;
}

static size_t tools_with(const struct ranking *ranking, const char *word, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < ranking->catalogue->server_count; i++) {
        const struct search_word *found =
            search_index_find(search_index_of(ranking->catalogue->servers[i]), word, len);

        count += found ? found->count : 0;
    }
    return count;
}

static double rarity(const struct ranking *ranking, size_t count)
{
    return log1p(((double)ranking->hit_count - (double)count + 0.5) / ((double)count + 0.5));
}

static void score_posting(const struct ranking *ranking,
                          const struct search_index *index,
                          const struct search_posting *posting,
                          struct hit *hit,
                          double weight)
{
    double length = (double)index->lengths[posting->tool] / ranking->average_length;
    double norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
    double count = (double)posting->count;
    double score =
        weight * field_weight[posting->field] * (count * (SATURATION + 1)) / (count + norm);

    if (score > hit->best)
        hit->best = score;
}

/* Scores every tool that has `word`, as a stand-in of the given quality for the current term. */
static size_t score_word(struct ranking *ranking, const char *word, size_t len, double quality)
{
    size_t count = tools_with(ranking, word, len), first = 0;
    double weight = quality * rarity(ranking, count);

    for (size_t i = 0; count && i < ranking->catalogue->server_count; i++) {
        const struct catalogue_server *server = ranking->catalogue->servers[i];
        const struct search_index *index = search_index_of(server);
        const struct search_word *found = search_index_find(index, word, len);

        for (size_t k = 0; found && k < found->count; k++)
            score_posting(ranking, index, &found->postings[k],
                          &ranking->hits[first + found->postings[k].tool], weight);
        first += server->tool_count;
    }
    return count;
}

static double similarity(const struct term *term, const struct search_word *word)
{
    unsigned allowed = term->len >= 8 ? 2 : term->len >= 4 ? 1 : 0;

    if (term->len >= 3 && word->len > term->len && memcmp(word->text, term->text, term->len) == 0)
        return PREFIX_QUALITY;
    if (word->len >= 4 && term->len > word->len && memcmp(word->text, term->text, word->len) == 0)
        return PREFIX_QUALITY * 0.8;
    if (!allowed || word->len + allowed < term->len || term->len + allowed < word->len)
        return 0;
    /* Hardly anybody mistypes the first letter, but for taking the second before it. */
    if (word->text[0] != term->text[0] && word->text[0] != term->text[1])
        return 0;
    return name_distance(span_make(term->text, term->len), span_make(word->text, word->len),
                         allowed) <= allowed
               ? TYPO_QUALITY
               : 0;
}

/* Words that stand in for a term that no tool has. */
struct expansions {
    struct {
        struct span word;
        double quality;
    } words[EXPANSIONS_MAX];
    size_t count;
};

static void add_expansion(struct expansions *expansions, struct span word, double quality)
{
    for (size_t i = 0; i < expansions->count; i++) {
        if (span_equal(expansions->words[i].word, word))
            return;
    }
    if (expansions->count == EXPANSIONS_MAX)
        return;
    expansions->words[expansions->count].word = word;
    expansions->words[expansions->count++].quality = quality;
}

static void score_similar(struct ranking *ranking, const struct term *term)
{
    struct expansions expansions = { .count = 0 };

    for (size_t i = 0; i < ranking->catalogue->server_count; i++) {
        const struct search_index *index = search_index_of(ranking->catalogue->servers[i]);

        for (const struct search_word *word = index->words; word; word = word->hh.next) {
            double quality = similarity(term, word);

            if (quality > 0)
                add_expansion(&expansions, span_make(word->text, word->len), quality);
        }
    }
    for (size_t i = 0; i < expansions.count; i++)
        score_word(ranking, expansions.words[i].word.data, expansions.words[i].word.len,
                   expansions.words[i].quality);
}

static void score_synonym(void *ctx, const char *word, size_t len)
{
    score_word(ctx, word, len, SYNONYM_QUALITY);
}

/* Adds what the current term is worth to each tool. */
static void settle_term(struct ranking *ranking, size_t term)
{
    for (size_t i = 0; i < ranking->hit_count; i++) {
        struct hit *hit = &ranking->hits[i];

        if (hit->best > 0)
            hit->terms |= 1U << term;
        hit->score += hit->best;
        hit->best = 0;
    }
}

static void score_terms(struct ranking *ranking)
{
    for (size_t i = 0; i < ranking->term_count; i++) {
        struct term *term = &ranking->terms[i];

        term->found = score_word(ranking, term->text, term->len, EXACT_QUALITY) > 0;
        search_synonyms(term->text, term->len, score_synonym, ranking);
        if (!term->found)
            score_similar(ranking, term);
        settle_term(ranking, i);
    }
}

/* "github.create_issue", or the tool's name alone. */
static bool is_path_of(const struct hit *hit, struct span query)
{
    const char *dot = query.len ? memchr(query.data, '.', query.len) : NULL;
    struct span tool;

    if (name_distance(query, span_of(hit->tool->name), 0) == 0)
        return true;
    if (!dot)
        return false;
    tool = span_skip(query, (size_t)(dot - query.data) + 1);
    return name_distance(span_make(query.data, (size_t)(dot - query.data)),
                         span_of(hit->server->key), 0) == 0 &&
           name_distance(tool, span_of(hit->tool->name), 0) == 0;
}

/* Tools that have more of the query's words come before those that have one often. */
static void weigh_coverage(struct ranking *ranking, struct span query)
{
    for (size_t i = 0; i < ranking->hit_count; i++) {
        struct hit *hit = &ranking->hits[i];
        double covered = (double)__builtin_popcount(hit->terms) / (double)ranking->term_count;

        hit->score *= 0.4 + 0.6 * covered;
        if (is_path_of(hit, query))
            hit->score += 1000;
    }
}

/* Moves the tools that match to the front. */
static void drop_misses(struct ranking *ranking)
{
    size_t kept = 0;

    for (size_t i = 0; i < ranking->hit_count; i++) {
        if (ranking->hits[i].score > 0)
            ranking->hits[kept++] = ranking->hits[i];
    }
    ranking->hit_count = kept;
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *left = a, *right = b;

    if (left->score != right->score)
        return left->score < right->score ? 1 : -1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static void write_matched(const struct ranking *ranking, const struct hit *hit, struct buf *out)
{
    json_write_key(out, "matched");
    buf_add_char(out, '[');
    for (size_t i = 0; i < ranking->term_count; i++) {
        if (!(hit->terms >> i & 1))
            continue;
        json_write_comma(out);
        json_write_string(out, span_make(ranking->terms[i].text, ranking->terms[i].len));
    }
    buf_add_char(out, ']');
}

static int
write_hit(const struct ranking *ranking, const struct hit *hit, struct buf *out, struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(out->max);

    json_write_comma(out);
    buf_add_char(out, '{');
    buf_printf(&text, "%s.%s", hit->server->identifier, hit->tool->identifier);
    json_write_member_string(out, "path", buf_span(&text));
    buf_clear(&text);
    if (declarations_signature(hit->server, hit->tool, &text, err) < 0)
        return -1;
    json_write_member_string(out, "signature", buf_span(&text));
    buf_clear(&text);
    server_text_sentence(&text, hit->tool);
    json_write_member_string(out, "description", buf_span(&text));
    write_matched(ranking, hit, out);
    buf_add_char(out, '}');
    return 0;
}

static int write_hits(const struct ranking *ranking, size_t limit, struct buf *out, struct err *err)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < ranking->hit_count && i < limit; i++) {
        if (write_hit(ranking, &ranking->hits[i], out, err) < 0)
            return -1;
    }
    buf_add_char(out, ']');
    return buf_check(out, "the search result", err);
}

int search_tools(const struct catalogue *catalogue,
                 struct span query,
                 size_t limit,
                 struct buf *out,
                 struct err *err)
{
    struct ranking ranking = { .catalogue = catalogue };
    int result;

    if (limit == 0)
        limit = SEARCH_LIMIT_DEFAULT;
    if (limit > SEARCH_LIMIT_MAX)
        limit = SEARCH_LIMIT_MAX;
    if (query.len > QUERY_MAX_BYTES)
        query.len = QUERY_MAX_BYTES;
    query = span_trim(query);
    search_words(query, add_term, &ranking);
    drop_empty_terms(&ranking);
    add_hits(&ranking);
    if (ranking.term_count) {
        score_terms(&ranking);
        weigh_coverage(&ranking, query);
    }
    drop_misses(&ranking);
    qsort(ranking.hits, ranking.hit_count, sizeof(*ranking.hits), compare_hits);
    result = write_hits(&ranking, limit, out, err);
    free(ranking.hits);
    return result;
}
