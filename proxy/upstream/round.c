#include "proxy/upstream/round.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/capabilities.h"

struct entry {
    struct round *round; /* borrowed */
    struct ask *ask;     /* owned until it is put; then it ends by itself */
    char *key;           /* owned: raw, without quotes; of URLs the elicitationId, may be NULL */
    char *response;      /* owned: raw; NULL while it is not answered */
    bool put, complete;
};

struct round {
    const struct server_config *server; /* borrowed */
    struct round_events events;
    void *ctx;
    struct entry *entries; /* owned */
    size_t count, open;
    char *state; /* owned: raw string; NULL when there was none */
    bool of_urls;
};

/* --- what comes of the questions --- */

static void take_response(struct entry *entry, struct span response)
{
    struct round *round = entry->round;

    entry->ask = NULL;
    entry->response = span_dup(response);
    if (--round->open == 0)
        round->events.on_answered(round->ctx);
}

static void on_answer(struct ask *ask, struct span result)
{
    take_response(ask->source_ctx, result);
}

/* An answer is a bare result, there is none that says no. */
static void on_failure(struct ask *ask, int code, const char *why)
{
    struct entry *entry = ask->source_ctx;
    struct round *round = entry->round;
    struct err err = ERR_INIT;

    (void)code;
    entry->ask = NULL;
    err_set(&err, ERR_UNSUPPORTED, "server '%s' asks for %s before it answers, and gets none: %s",
            round->server->key, ask_method(ask->kind), why);
    round->events.on_failed(round->ctx, &err);
}

static void on_drop(struct ask *ask)
{
    ((struct entry *)ask->source_ctx)->ask = NULL;
}

static const struct ask_source source = { .on_answer = on_answer,
                                          .on_failure = on_failure,
                                          .on_drop = on_drop };

/* --- reading --- */

static struct round *round_new(const struct server_config *server,
                               size_t count,
                               const struct round_events *events,
                               void *ctx)
{
    struct round *round = NEW(struct round);

    round->server = server;
    round->events = *events;
    round->ctx = ctx;
    round->entries = xcalloc(count + 1, sizeof(struct entry));
    return round;
}

/* Appends a question; `key` may be empty. */
static int add_entry(
    struct round *round, struct span key, struct span method, struct span params, struct err *err)
{
    struct entry *entry = &round->entries[round->count];
    struct err why = ERR_INIT;

    entry->ask = ask_new(round->server, method, params, &source, entry, &why);
    if (!entry->ask)
        return err_set(err, ERR_PROTOCOL, "server '%s' asks in a way that is not valid: %s",
                       round->server->key, why.text);
    entry->round = round;
    entry->key = key.data ? span_dup(key) : NULL;
    round->count++;
    round->open++;
    return 0;
}

static int check_declared(const struct round *round, struct span capabilities, struct err *err)
{
    enum ask_kind kind = round->entries[round->count - 1].ask->kind;

    if (capabilities_hold(capabilities, kind))
        return 0;
    return err_set(err, ERR_PROTOCOL,
                   "server '%s' asks for %s%s, which the request did not declare",
                   round->server->key, ask_method(kind), kind == ASK_ELICIT_URL ? " by url" : "");
}

static int
read_requests(struct round *round, struct span requests, struct span capabilities, struct err *err)
{
    struct json_iter it = json_iter(requests);
    struct span raw_method, params;

    while (json_next(&it)) {
        CLEANUP(str) char *method = NULL;

        params = SPAN_NONE;
        if (json_get(it.value, "method", &raw_method))
            method = json_dup_string(raw_method, LIMIT_QUESTION_BYTES);
        json_get(it.value, "params", &params);
        if (add_entry(round, it.key, span_of(method ? method : ""), params, err) < 0 ||
            check_declared(round, capabilities, err) < 0)
            return -1;
    }
    return 0;
}

static int read_state(struct round *round, struct span result, struct err *err)
{
    struct span state;

    if (!json_get(result, "requestState", &state))
        return 0;
    if (json_kind(state) != JSON_KIND_STRING)
        return err_set(err, ERR_PROTOCOL, "the requestState of server '%s' is no string",
                       round->server->key);
    round->state = span_dup(state);
    return 0;
}

/* The members of inputRequests; -1 when the result is not valid. */
static int read_members(const struct server_config *server,
                        struct span result,
                        struct span *ret_requests,
                        struct err *err)
{
    struct span state;
    bool has_requests = json_get(result, "inputRequests", ret_requests);

    if (!has_requests && !json_get(result, "requestState", &state))
        return err_set(err, ERR_PROTOCOL,
                       "server '%s' requires input, but names neither questions nor a state",
                       server->key);
    if (has_requests && json_kind(*ret_requests) != JSON_KIND_OBJECT)
        return err_set(err, ERR_PROTOCOL, "the inputRequests of server '%s' are no object",
                       server->key);
    if (json_count(*ret_requests) > LIMIT_QUESTIONS)
        return err_set(err, ERR_PROTOCOL, "server '%s' asks more than QUESTIONS (%d) at a time",
                       server->key, LIMIT_QUESTIONS);
    return json_no_duplicates(*ret_requests, err);
}

struct round *round_of_result(const struct server_config *server,
                              struct span result,
                              struct span capabilities,
                              const struct round_events *events,
                              void *ctx,
                              struct err *err)
{
    struct span requests = SPAN_NONE;
    struct round *round;

    if (read_members(server, result, &requests, err) < 0)
        return NULL;
    round = round_new(server, json_count(requests), events, ctx);
    if (read_state(round, result, err) < 0 ||
        read_requests(round, requests, capabilities, err) < 0) {
        round_free(round);
        return NULL;
    }
    return round;
}

static int read_urls(struct round *round, struct span elicitations, struct err *err)
{
    struct json_iter it = json_iter(elicitations);
    struct span id;

    while (json_next(&it)) {
        if (!json_get(it.value, "elicitationId", &id) || json_kind(id) != JSON_KIND_STRING)
            id = SPAN_NONE;
        if (add_entry(round, id, SPAN("elicitation/create"), it.value, err) < 0)
            return -1;
        if (round->entries[round->count - 1].ask->kind != ASK_ELICIT_URL)
            return err_set(err, ERR_PROTOCOL, "server '%s' requires a URL and names none",
                           round->server->key);
    }
    return 0;
}

struct round *round_of_urls(const struct server_config *server,
                            struct span data,
                            const struct round_events *events,
                            void *ctx,
                            struct err *err)
{
    struct span elicitations;
    struct round *round;
    size_t count;

    if (!json_get(data, "elicitations", &elicitations) ||
        json_kind(elicitations) != JSON_KIND_ARRAY || (count = json_count(elicitations)) == 0 ||
        count > LIMIT_QUESTIONS) {
        err_set(err, ERR_PROTOCOL, "server '%s' requires URLs and names none, or too many",
                server->key);
        return NULL;
    }
    round = round_new(server, count, events, ctx);
    round->of_urls = true;
    if (read_urls(round, elicitations, err) < 0) {
        round_free(round);
        return NULL;
    }
    return round;
}

/* --- questions and answers --- */

struct ask *round_next(struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        if (!round->entries[i].put) {
            round->entries[i].put = true;
            return round->entries[i].ask;
        }
    }
    return NULL;
}

bool round_is_empty(const struct round *round)
{
    return round->count == 0;
}

static bool is_answer_member(struct span key)
{
    return json_key_is(key, "inputResponses") || json_key_is(key, "requestState");
}

static void write_responses(struct buf *out, const struct round *round)
{
    json_write_key(out, "inputResponses");
    buf_add_char(out, '{');
    for (size_t i = 0; i < round->count; i++) {
        json_write_comma(out);
        buf_add_char(out, '"');
        buf_add_str(out, round->entries[i].key);
        buf_add_str(out, "\":");
        buf_add_str(out, round->entries[i].response);
    }
    buf_add_char(out, '}');
}

int round_write_params(struct buf *out, const struct round *round, struct span params)
{
    struct json_iter it = json_iter(params);

    buf_add_char(out, '{');
    while (json_next(&it)) {
        if (!is_answer_member(it.key))
            json_write_member_at(out, &it);
    }
    if (round->count && !round->of_urls)
        write_responses(out, round);
    if (round->state)
        json_write_member_raw(out, "requestState", span_of(round->state));
    buf_add_char(out, '}');
    return buf_failed(out) ? -1 : 0;
}

/* --- URLs --- */

bool round_accepted(const struct round *round)
{
    for (size_t i = 0; round->of_urls && i < round->count; i++) {
        if (!ask_accepted(span_of(round->entries[i].response)))
            return false;
    }
    return true;
}

bool round_complete(struct round *round, struct span params)
{
    struct span id;

    if (!round->of_urls || !json_get(params, "elicitationId", &id))
        return false;
    for (size_t i = 0; i < round->count; i++) {
        struct entry *entry = &round->entries[i];

        if (!entry->complete && entry->key && span_is(id, entry->key)) {
            entry->complete = true;
            return true;
        }
    }
    return false;
}

bool round_is_complete(const struct round *round)
{
    for (size_t i = 0; round->of_urls && i < round->count; i++) {
        if (!round->entries[i].complete)
            return false;
    }
    return true;
}

void round_free(struct round *round)
{
    if (!round)
        return;
    for (size_t i = 0; i < round->count; i++) {
        if (round->entries[i].ask && !round->entries[i].put)
            ask_free(round->entries[i].ask);
        free(round->entries[i].key);
        free(round->entries[i].response);
    }
    free(round->entries);
    free(round->state);
    free(round);
}
