/*
 * mcp.search: ranks tools by the words of a query.  BM25 over weighted fields
 * (BM25F), where words may stand in for those of the query; then tools that
 * have more of the query's words, and whose name says less besides, go first.
 */
#include "codegen/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "codegen/declarations.h"
#include "codegen/search_index.h"
#include "codegen/search_query.h"
#include "codegen/search_words.h"
#include "codegen/server_text.h"

#define QUERY_MAX_BYTES 1000

/* Of BM25: how fast repeated words saturate. */
#define SATURATION 1.5
/* The parts of a score that depend on how many of the query's words a tool has, and on how much of
 * its name they are. */
#define COVERAGE_SHARE  0.6
#define PRECISION_SHARE 0.5
#define EXACT_PATH      1000.0

/* One tool's standing. */
struct hit {
    const struct catalogue_server *server;
    const struct search_index *index;
    uint32_t tool;  /* of the server */
    uint32_t order; /* in the catalogue */
    uint32_t terms; /* bits of the terms that match */
    uint32_t named; /* bits of those that match in the name */
    double score;
    double covered; /* the weight of the terms that match, less where others stand in */
    double best;    /* of the term being added: its score, ... */
    double quality; /* ... and that of the word that stands for it */
};

struct ranking {
    const struct catalogue *catalogue;
    const struct search_query *query;
    struct hit *hits;       /* one for each tool, servers in order */
    struct hit **touched;   /* those that match, in the order they came */
    struct hit **unsettled; /* those that the current term matches */
    size_t hit_count, touched_count, unsettled_count;
    const struct search_word **found; /* the current word in each server */
    double weight;                    /* of all terms that some tool has */
};

static void start_ranking(struct ranking *ranking)
{
    const struct catalogue *catalogue = ranking->catalogue;
    size_t count = 0;
    struct hit *hit;

    for (size_t i = 0; i < catalogue->server_count; i++)
        count += catalogue->servers[i]->tool_count;
    ranking->hit_count = count;
    ranking->hits = hit = xcalloc(count + 1, sizeof(*ranking->hits));
    ranking->touched = xcalloc(count + 1, sizeof(struct hit *));
    ranking->unsettled = xcalloc(count + 1, sizeof(struct hit *));
    ranking->found = xcalloc(catalogue->server_count + 1, sizeof(const struct search_word *));
    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];
        const struct search_index *index = search_index_of(server);

        for (size_t k = 0; k < server->tool_count; k++, hit++)
            *hit = (struct hit){ .server = server,
                                 .index = index,
                                 .tool = (uint32_t)k,
                                 .order = (uint32_t)(hit - ranking->hits) };
    }
}

static void end_ranking(struct ranking *ranking)
{
    free(ranking->hits);
    free(ranking->touched);
    free(ranking->unsettled);
    free((void *)ranking->found);
}

static double rarity(const struct ranking *ranking, size_t count)
{
    return log1p(((double)ranking->hit_count - (double)count + 0.5) / ((double)count + 0.5));
}

static void score_posting(struct ranking *ranking,
                          const struct search_posting *posting,
                          struct hit *hit,
                          double weight,
                          double quality)
{
    double count = (double)posting->weight / SEARCH_WEIGHT_ONE;
    double score = quality * weight * count * (SATURATION + 1) / (count + SATURATION);

    if (hit->best == 0)
        ranking->unsettled[ranking->unsettled_count++] = hit;
    if (score <= hit->best)
        return;
    hit->best = score;
    hit->quality = quality;
}

/* Finds a word in all servers; returns how many tools have it. */
static size_t find_word(struct ranking *ranking, const struct search_alternative *word)
{
    size_t count = 0;

    for (size_t i = 0; i < ranking->catalogue->server_count; i++) {
        const struct search_index *index = search_index_of(ranking->catalogue->servers[i]);

        ranking->found[i] = search_index_find(index, word->word, word->hash);
        count += ranking->found[i] ? ranking->found[i]->count : 0;
    }
    return count;
}

/* Scores the tools that have the word found last. */
static void score_found(struct ranking *ranking, double weight, double quality, uint32_t term_bit)
{
    struct hit *first = ranking->hits;

    for (size_t i = 0; i < ranking->catalogue->server_count; i++) {
        const struct search_word *word = ranking->found[i];

        for (uint32_t k = 0; word && k < word->count; k++) {
            struct hit *hit = &first[word->postings[k].tool];

            score_posting(ranking, &word->postings[k], hit, weight, quality);
            if (word->postings[k].fields & 1U << SEARCH_NAME)
                hit->named |= term_bit;
        }
        first += ranking->catalogue->servers[i]->tool_count;
    }
}

/* Adds what the current term is worth to each tool. */
static void settle_term(struct ranking *ranking, double weight, uint32_t term_bit)
{
    for (size_t i = 0; i < ranking->unsettled_count; i++) {
        struct hit *hit = ranking->unsettled[i];

        if (hit->score == 0)
            ranking->touched[ranking->touched_count++] = hit;
        hit->terms |= term_bit;
        hit->score += hit->best;
        hit->covered += hit->quality * weight;
        hit->best = 0;
    }
    ranking->unsettled_count = 0;
    ranking->weight += weight;
}

/* A stand-in is worth no more than the word asked for, however rare it is itself. */
static void score_term(struct ranking *ranking, const struct search_term *term, uint32_t term_bit)
{
    double most = 0;

    for (size_t i = 0; i < term->alternative_count; i++) {
        const struct search_alternative *alternative = &term->alternatives[i];
        size_t count = find_word(ranking, alternative);
        double weight = rarity(ranking, count);

        if (count == 0)
            continue;
        if (most == 0 || (i == 0 && weight > most))
            most = weight;
        if (weight > most)
            weight = most;
        score_found(ranking, weight, alternative->quality, term_bit);
    }
    settle_term(ranking, most, term_bit);
}

static bool is_ignored(char c)
{
    return c == '_' || c == '-' || c == '.' || c == '/' || c == '[' || c == ']' || c == '"' ||
           c == '\'' || c == ' ';
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Takes what is written alike off the front of `text`, without regard to case and separators. */
static bool take_alike(struct span *text, struct span name)
{
    for (;;) {
        while (text->len && is_ignored(text->data[0]))
            *text = span_skip(*text, 1);
        while (name.len && is_ignored(name.data[0]))
            name = span_skip(name, 1);
        if (!name.len)
            return true;
        if (!text->len || lower(text->data[0]) != lower(name.data[0]))
            return false;
        *text = span_skip(*text, 1);
        name = span_skip(name, 1);
    }
}

/* "github.create_issue", "github createIssue", or the tool's name alone. */
static bool is_path_of(const struct hit *hit, struct span query)
{
    struct span name = span_of(hit->server->tools[hit->tool].name);
    struct span rest = query;

    if (take_alike(&rest, name) && rest.len == 0)
        return true;
    rest = query;
    return take_alike(&rest, span_of(hit->server->key)) && take_alike(&rest, name) && rest.len == 0;
}

static void weigh_hit(const struct ranking *ranking, struct hit *hit, struct span query)
{
    double covered = hit->covered / ranking->weight;
    double named = (double)__builtin_popcount(hit->named);
    double name_words = (double)hit->index->name_words[hit->tool];
    double precise = name_words > 0 ? fmin(named / name_words, 1) : 0;

    hit->score *= 1 - COVERAGE_SHARE + COVERAGE_SHARE * covered;
    hit->score *= 1 - PRECISION_SHARE + PRECISION_SHARE * precise;
    if ((size_t)__builtin_popcount(hit->terms) == ranking->query->term_count &&
        is_path_of(hit, query))
        hit->score += EXACT_PATH;
}

static bool is_better(const struct hit *left, const struct hit *right)
{
    return left->score != right->score ? left->score > right->score : left->order < right->order;
}

/* Sorts the best `limit` of those that match to the front; returns how many there are. */
static size_t select_best(struct ranking *ranking, size_t limit)
{
    struct hit **best = ranking->touched;
    size_t count = 0;

    for (size_t i = 0; i < ranking->touched_count; i++) {
        struct hit *hit = ranking->touched[i];
        size_t at = count;

        if (count == limit && !is_better(hit, best[count - 1]))
            continue;
        if (count == limit)
            at--;
        else
            count++;
        for (; at > 0 && is_better(hit, best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = hit;
    }
    return count;
}

static const char *field_name(uint16_t fields)
{
    static const char *const names[SEARCH_FIELD_COUNT] = {
        [SEARCH_NAME] = "name",
        [SEARCH_TITLE] = "title",
        [SEARCH_SERVER] = "server",
        [SEARCH_SENTENCE] = "description",
        [SEARCH_PARAMETER] = "parameter",
        [SEARCH_DESCRIPTION] = "description",
        [SEARCH_PARAMETER_TEXT] = "parameter",
    };

    return names[__builtin_ctz(fields)];
}

static const struct search_posting *find_posting(const struct search_word *word, uint32_t tool)
{
    size_t low = 0, high = word->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (word->postings[middle].tool < tool)
            low = middle + 1;
        else
            high = middle;
    }
    return low < word->count && word->postings[low].tool == tool ? &word->postings[low] : NULL;
}

/* Which word of the tool stands best for a term. */
struct match {
    const struct search_word *word;
    const struct search_posting *posting;
    const struct search_alternative *alternative;
};

static struct match best_match(const struct hit *hit, const struct search_term *term)
{
    struct match best = { .word = NULL };
    double most = 0;

    for (size_t i = 0; i < term->alternative_count; i++) {
        const struct search_alternative *alternative = &term->alternatives[i];
        const struct search_word *word =
            search_index_find(hit->index, alternative->word, alternative->hash);
        const struct search_posting *posting = word ? find_posting(word, hit->tool) : NULL;
        double worth = posting ? alternative->quality * posting->weight : 0;

        if (worth > most) {
            most = worth;
            best = (struct match){ word, posting, alternative };
        }
    }
    return best;
}

/* "issue (name)"; "erase: remove (description)" when another word stands for the query's. */
static void write_match(const struct search_term *term, const struct match *match, struct buf *out)
{
    CLEANUP(buf) struct buf text = BUF(4 * SEARCH_WORD_BYTES);

    buf_add_span(&text, span_make(term->shown, term->shown_len));
    if (match->alternative->relation != SEARCH_SAME) {
        buf_add_str(&text, ": ");
        buf_add_span(&text, match->word->shown);
    }
    buf_printf(&text, " (%s)", field_name(match->posting->fields));
    json_write_comma(out);
    json_write_string(out, buf_span(&text));
}

static void write_matched(const struct ranking *ranking, const struct hit *hit, struct buf *out)
{
    json_write_key(out, "matched");
    buf_add_char(out, '[');
    for (size_t i = 0; i < ranking->query->term_count; i++) {
        struct match match;

        if (!(hit->terms >> i & 1))
            continue;
        match = best_match(hit, &ranking->query->terms[i]);
        if (match.word)
            write_match(&ranking->query->terms[i], &match, out);
    }
    buf_add_char(out, ']');
}

static int
write_hit(const struct ranking *ranking, const struct hit *hit, struct buf *out, struct err *err)
{
    const struct tool *tool = &hit->server->tools[hit->tool];
    CLEANUP(buf) struct buf text = BUF(out->max);

    json_write_comma(out);
    buf_add_char(out, '{');
    buf_printf(&text, "%s.%s", hit->server->identifier, tool->identifier);
    json_write_member_string(out, "path", buf_span(&text));
    buf_clear(&text);
    if (declarations_signature(hit->server, tool, &text, err) < 0)
        return -1;
    json_write_member_string(out, "signature", buf_span(&text));
    buf_clear(&text);
    server_text_sentence(&text, tool);
    json_write_member_string(out, "description", buf_span(&text));
    write_matched(ranking, hit, out);
    buf_add_char(out, '}');
    return 0;
}

static int write_hits(const struct ranking *ranking, size_t count, struct buf *out, struct err *err)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (write_hit(ranking, ranking->touched[i], out, err) < 0)
            return -1;
    }
    buf_add_char(out, ']');
    return buf_check(out, "the search result", err);
}

/* The front of a query, without half a character at its end. */
static struct span front_of(struct span query)
{
    query = span_trim(query);
    if (query.len <= QUERY_MAX_BYTES)
        return query;
    query.len = QUERY_MAX_BYTES;
    while (query.len && ((unsigned char)query.data[query.len] & 0xC0) == 0x80)
        query.len--;
    return query;
}

int search_tools(const struct catalogue *catalogue,
                 struct span query,
                 size_t limit,
                 struct buf *out,
                 struct err *err)
{
    struct ranking ranking = { .catalogue = catalogue };
    struct search_query *asked;
    int result;

    if (limit == 0)
        limit = SEARCH_LIMIT_DEFAULT;
    if (limit > SEARCH_LIMIT_MAX)
        limit = SEARCH_LIMIT_MAX;
    query = front_of(query);
    ranking.query = asked = search_query_new(catalogue, query);
    start_ranking(&ranking);
    for (size_t i = 0; i < asked->term_count; i++)
        score_term(&ranking, &asked->terms[i], 1U << i);
    for (size_t i = 0; i < ranking.touched_count; i++)
        weigh_hit(&ranking, ranking.touched[i], query);
    result = write_hits(&ranking, select_best(&ranking, limit), out, err);
    end_ranking(&ranking);
    search_query_free(asked);
    return result;
}
