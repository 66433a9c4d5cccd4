/*
 * Questions as upstream/ makes them.  A question has a source, which gets what
 * came of it (a request of a legacy server, an entry of an `input_required`),
 * and a holder, the call that it was put to.
 */
#ifndef PROXY_UPSTREAM_ASK_PRIVATE_H
#define PROXY_UPSTREAM_ASK_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/err.h"
#include "proxy/config/config.h"
#include "proxy/upstream/ask.h"

TAILQ_HEAD(ask_list, ask);

/* How a question ends.  Exactly one of these is called; the ask is freed behind it. */
struct ask_source {
    /* A raw result object. */
    void (*on_answer)(struct ask *ask, struct span result);
    /* JSON-RPC's error, where the source can take one: nobody answers, for a reason of ours. */
    void (*on_failure)(struct ask *ask, int code, const char *why);
    /* The request has ended, nobody waits for the answer. */
    void (*on_drop)(struct ask *ask);
};

struct ask {
    enum ask_kind kind;
    const struct server_config *server; /* borrowed: who asks */
    char *params;                       /* owned */
    size_t params_len;
    char *elicitation_id; /* owned: the server's for its URL; NULL when it has none */
    uint64_t visit;       /* by ask_note_visit; 0: not noted */
    const struct ask_source *source;
    void *source_ctx;
    /* The call that it was put to; NULL before. */
    struct upstream_call *call;
    TAILQ_ENTRY(ask) of_call;
};

/*
 * Reads a question.  NULL with err: ERR_UNSUPPORTED when the method is none,
 * ERR_INVALID when its params are faulty, ERR_LIMIT when they are over
 * LIMIT_QUESTION_BYTES.  The texts are fit for the server.
 */
struct ask *ask_new(const struct server_config *server,
                    struct span method,
                    struct span params,
                    const struct ask_source *source,
                    void *source_ctx,
                    struct err *err);

/* Ends a question with an error, also one that ask_refuse would answer with "cancel".  Frees the
 * ask. */
void ask_fail(struct ask *ask, int code, const char *why);

/* Nobody waits for the answer any more.  Frees the ask; its holder must have let go of it. */
void ask_drop(struct ask *ask);

/* Frees an ask that its source and its holder have let go of. */
void ask_free(struct ask *ask);

/* Whether the server's configuration lets it put questions of that kind. */
bool ask_permitted(const struct server_config *server, enum ask_kind kind);

/* Appends the result of roots/list that the configuration has: {"roots":[...]}. */
int ask_write_roots(struct buf *out, const struct server_config *server);

/* True when the result of an elicitation says "accept". */
bool ask_accepted(struct span result);

/* --- of upstream_call.c --- */

/* A question that was put to a call is over: answered, or refused because of `why` (may be NULL).
 */
void upstream_call_asked(struct upstream_call *call, struct ask *ask, const char *why);

/* The client of the call is sent to the URL of a question, or does not go there. */
void upstream_call_note_visit(struct upstream_call *call, const struct ask *ask);
void upstream_call_drop_visit(struct upstream_call *call, const struct ask *ask);

#endif
