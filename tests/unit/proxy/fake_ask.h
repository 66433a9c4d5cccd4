/*
 * Questions of servers that no server asks.
 */
#ifndef TESTS_UNIT_PROXY_FAKE_ASK_H
#define TESTS_UNIT_PROXY_FAKE_ASK_H

#include <sys/queue.h>

#include "base/buf.h"
#include "proxy/upstream/ask.h"

struct ask {
    TAILQ_ENTRY(ask) link; /* of those open */
    const void *owner;     /* the test's; NULL at first */
    enum ask_kind kind;
    char *server;
    struct span params;
};

/* "<server> <method> answer <result>\n" or "<server> <method> refuse <why>\n" for each that ended
 * so. */
extern struct buf fake_ask_log;
extern unsigned fake_asks_open;
/* The number of the last ask_note_visit; 0: none. */
extern uint64_t fake_ask_visit;

/* The params are a literal; empty: usual ones of that kind. */
struct ask *fake_ask_new(const char *server, enum ask_kind kind, struct span params);

/* The first that is open and has that owner; NULL when there is none. */
struct ask *fake_ask_of(const void *owner);

/* The server takes it back. */
void fake_ask_free(struct ask *ask);

#endif
