/*
 * Clients that were sent to a URL over one connection, until its server says
 * that they are done there (2025-11-25, client/elicitation "Completion
 * Notifications for URL Mode Elicitation").  A user may be done long after the
 * question was answered, and the call over.
 *
 * Bounded: of one session LIMIT_SESSION_VISITS, of the connection LIMIT_VISITS;
 * the oldest goes.  One that is older than LIMIT_VISIT_MS is none any more.
 */
#ifndef PROXY_UPSTREAM_VISITS_H
#define PROXY_UPSTREAM_VISITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/span.h"

struct visit {
    TAILQ_ENTRY(visit) link;
    char *id;        /* owned: the server's elicitationId */
    char *session;   /* owned: upstream_caller.session of the client */
    uint64_t number; /* of the client's question, by ask_note_visit */
    uint64_t since_ms;
};

struct visits {
    TAILQ_HEAD(visit_list, visit) list; /* owned; the oldest first */
    size_t count;
};

void visits_init(struct visits *visits);

/* Keeps a visit; the strings are copied.  `now_ms` is of loop_now_ms and never goes back, as in all
 * here. */
void visits_add(
    struct visits *visits, struct span id, struct span session, uint64_t number, uint64_t now_ms);

/* True when the server has given this id to more than one session, so that nobody can tell whose it
 * is. */
bool visits_are_mixed(const struct visits *visits, struct span id, uint64_t now_ms);

/* Takes out the oldest visit of this id, which the caller frees by visit_free; NULL when there is
 * none. */
struct visit *visits_take(struct visits *visits, struct span id, uint64_t now_ms);
void visit_free(struct visit *visit);

/* The user does not go there: forgets the visit of that number. */
void visits_drop(struct visits *visits, struct span session, uint64_t number);

/* Forgets those of a session, or all. */
void visits_forget(struct visits *visits, struct span session);
void visits_clear(struct visits *visits);

#endif
