/*
 * The questions that a server puts instead of an answer, until all are
 * answered: an `input_required` of the modern era (2026-07-28,
 * basic/patterns/mrtr), or the error of the legacy one that names URLs
 * (2025-11-25, client/elicitation "URL Elicitation Required Error").  The
 * request has ended, and is made again with what was said.
 */
#ifndef PROXY_UPSTREAM_ROUND_H
#define PROXY_UPSTREAM_ROUND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "proxy/config/config.h"
#include "proxy/upstream/ask_private.h"

struct round;

struct round_events {
    /* All questions are answered; not told of a round without any. */
    void (*on_answered)(void *ctx);
    /* One can't be answered: the request fails. */
    void (*on_failed)(void *ctx, const struct err *err);
};

/*
 * Reads the questions of a result of type `input_required`; `capabilities` is
 * what the request declared.  NULL with ERR_PROTOCOL when one is faulty, of an
 * unknown method or of a kind that was not declared.
 */
struct round *round_of_result(const struct server_config *server,
                              struct span result,
                              struct span capabilities,
                              const struct round_events *events,
                              void *ctx,
                              struct err *err);

/* As round_of_result, of the data of the error -32042. */
struct round *round_of_urls(const struct server_config *server,
                            struct span data,
                            const struct round_events *events,
                            void *ctx,
                            struct err *err);

/* The questions in their order, each to be put once; NULL when there are no more. */
struct ask *round_next(struct round *round);

/* Whether it has no question: the request may be made again after a pause. */
bool round_is_empty(const struct round *round);

/* Appends `params` with the members that carry the answers in place of what it has of these. */
int round_write_params(struct buf *out, const struct round *round, struct span params);

/* True unless it is one of URLs and one of these was not accepted. */
bool round_accepted(const struct round *round);

/* notifications/elicitation/complete: raw params.  True when it names a URL of this round that was
 * not complete yet. */
bool round_complete(struct round *round, struct span params);
/* True when the server has said of every URL that it is complete, or it is none of URLs. */
bool round_is_complete(const struct round *round);

/* Frees it with the questions that were not put; those that were must have ended.  Takes NULL. */
void round_free(struct round *round);

#endif
