/*
 * A task that a server begins in place of an answer, polled until it ends: of
 * the core of 2025-11-25 (basic/utilities/tasks), where we ask for it, and of
 * the extension io.modelcontextprotocol/tasks of 2026-07-28, where the server
 * decides.  Whoever made the call sees an answer, progress and questions.
 */
#ifndef PROXY_UPSTREAM_SERVER_TASK_H
#define PROXY_UPSTREAM_SERVER_TASK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "proxy/rpc/protocol.h"

struct server_task;
struct upstream_call;

/* Appends the params of a request that is to begin a task, kept by the server for that time. */
int server_task_write_params(struct buf *out, struct span params, uint64_t ttl_ms);

/* Polls the task that `created` (a raw object with a taskId) names, on behalf of `call`, which ends
 * with what comes of it.  NULL with ERR_PROTOCOL when there is no taskId. */
struct server_task *
server_task_new(struct upstream_call *call, enum era era, struct span created, struct err *err);

/* Sends what comes next, or waits for the connection, or ends the call later. */
void server_task_go_on(struct server_task *task);

/* The call is about to end: nothing is sent any more. */
void server_task_stop(struct server_task *task);

/* Frees it; a task that has not ended is cancelled, as far as the connection stands.  The questions
 * of the call must be gone.  Takes NULL. */
void server_task_free(struct server_task *task);

#endif
