/*
 * What a stdio server writes beside its messages, in our log: without the
 * secrets of its configuration, and no more lines than LIMIT_SERVER_LOG_LINES
 * in LIMIT_SERVER_LOG_MS; how many more there were is logged after that time.
 */
#ifndef PROXY_UPSTREAM_SERVER_LOG_H
#define PROXY_UPSTREAM_SERVER_LOG_H

#include <stdbool.h>

#include "base/loop.h"
#include "base/span.h"
#include "proxy/config/config.h"

#define SERVER_LOG_WORDS_BYTES 300

struct server_log {
    const struct server_config *server; /* borrowed */
    struct loop_timer *timer;           /* owned: the end of the time; runs while there is one */
    unsigned lines;                     /* logged in it */
    uint64_t left_out;
    /* Of the lines on stderr, logged or not, the last that is no detail of one before it. */
    char last_words[SERVER_LOG_WORDS_BYTES + 1];
    bool warned_of_stdout;
    bool of_messages; /* of notifications, not of stderr */
};

void server_log_init(struct server_log *log, struct loop *loop, const struct server_config *server);
/* One for server_log_message alone. */
void server_log_init_messages(struct server_log *log,
                              struct loop *loop,
                              const struct server_config *server);
void server_log_done(struct server_log *log);

/* A line of stderr; `cut` when it is not the whole. */
void server_log_stderr(struct server_log *log, struct span line, bool cut);

/* notifications/message that belong to no request: raw params, at level debug. */
void server_log_message(struct server_log *log, struct span params);

/* A line of stdout that is no message; only the first is logged. */
void server_log_stdout(struct server_log *log, struct span line);

#endif
