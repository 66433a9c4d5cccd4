/*
 * A connection, for connection.c (its life) and connection_messages.c (what
 * goes over it).
 */
#ifndef PROXY_UPSTREAM_CONNECTION_PRIVATE_H
#define PROXY_UPSTREAM_CONNECTION_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/rpc/log_level.h"
#include "proxy/upstream/connection.h"
#include "proxy/upstream/questions.h"
#include "proxy/upstream/subscription.h"
#include "proxy/upstream/transport.h"

/* Of the params of what we send unasked. */
#define CONNECTION_PARAMS_BYTES 4096

/* A handshake of one era, as far as it has come. */
struct handshake {
    struct connection *connection; /* borrowed */
    const struct era_ops *ops;
    bool sent, ended;
    bool repeated;           /* after an error that offered our version */
    bool taken;              /* the server is of this era; waits for what the other says */
    bool other;              /* it is not of this era: what the other says counts */
    struct server_info info; /* owned */
    struct err err;          /* why it was of no use */
};

struct connection {
    struct loop *loop;                  /* borrowed */
    const struct server_config *server; /* borrowed */
    struct http_client *http;           /* borrowed */
    struct connection_events events;
    void *ctx;
    struct connection_hint hint;
    struct transport *transport; /* owned */
    struct rpc_client *rpc;      /* owned */
    struct questions *questions; /* owned: of a legacy server */
    struct handshake modern, legacy;
    const struct era_ops *speaking;    /* the era of what is being sent */
    struct server_info info;           /* owned; filled when ready */
    struct subscription *subscription; /* owned */
    struct loop_timer *timer;          /* owned: the probe's silence */
    struct loop_task task;        /* moves on to HTTP+SSE outside the old transport's callback */
    enum message_level log_level; /* the least that the server was told to send */
    bool ready, lost, closing;
    bool renewing; /* its session was lost, and the next is being opened */
    bool fresh;    /* nothing has been answered yet in a session that follows a lost one */
};

/* How requests are sent, and what is done with messages of the server. */
extern const struct rpc_wire connection_wire;
extern const struct questions_events connection_questions;

/* What follows waits until the server has taken it, with `holds_others`. */
void connection_notify(struct connection *connection,
                       const char *method,
                       struct span params,
                       bool holds_others);

#endif
