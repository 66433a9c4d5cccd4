/*
 * What asking.c (any question), asking_legacy.c and asking_modern.c share.
 * Nobody else includes it.
 */
#ifndef PROXY_MCP_ASKING_PRIVATE_H
#define PROXY_MCP_ASKING_PRIVATE_H

#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/question.h"
#include "proxy/mcp/request_state.h"
#include "proxy/mcp/server_private.h"

/* A question that waits for the client. */
struct question {
    TAILQ_ENTRY(question) link;
    struct mcp_call *call;
    struct ask *ask;          /* the upstream's */
    uint64_t number;          /* of the server's questions: its id for the client */
    struct loop_timer *timer; /* of a legacy client: limits.ask; NULL for a modern one */
};

enum asking_state {
    ASKING_ATTACHED,  /* a request of the client waits for the call's answer */
    ASKING_SUSPENDED, /* it was answered with `input_required`; the client is to come back */
    ASKING_ANSWERED   /* the call is over; its answer is kept */
};

/* What a call has to do with questions; from its first one on. */
struct asking {
    struct mcp_call *call;
    TAILQ_HEAD(question_list, question) questions;
    unsigned count;

    /* Of legacy calls: the numbers of the last URLs that the client was asked to visit, in a ring.
     */
    uint64_t visits[LIMIT_SESSION_VISITS];
    unsigned visit_count;

    /* Of modern calls. */
    enum asking_state state;
    char id[REQUEST_STATE_ID_CHARACTERS + 1];
    unsigned round;           /* of the last `input_required` answer; 0: none yet */
    uint64_t expires_ms;      /* of loop_now_ms: until when the client may come back */
    struct loop_timer *timer; /* gathers questions; then until expires_ms; then keeps the answer */
    const struct mcp_session *session; /* of a suspended call over stdio */
    bool abandoned;                    /* nobody waits for the answer any more */
    struct buf result;                 /* the answer, when it is no fault */
    struct fault fault;
    bool has_answer;
};

/* The call's, made when there is none. */
struct asking *asking_of(struct mcp_call *call);

/* Takes the question out of its call and frees it; its ask stays. */
struct ask *question_take(struct question *question);

/* Each frees the question. */
void question_answer(struct question *question, struct span result);
void question_refuse(struct question *question, const char *why);

/* Refuses all questions of the call. */
void asking_refuse_all(struct mcp_call *call, const char *why);

/* How long a client may take, as the reason why a question got no answer. */
void asking_write_overdue(const struct mcp_server *server, struct buf *out);

/* asking_legacy.c: sends the question; false when it can't be sent, with why.  Tells the client
 * that it is not wanted any more. */
bool asking_legacy_send(struct question *question, struct err *err);
void asking_legacy_withdraw(const struct question *question, const char *why);

/* asking_modern.c: the question goes out with the next `input_required` answer. */
void asking_modern_gather(struct mcp_call *call);

#endif
