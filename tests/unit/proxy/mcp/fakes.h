/*
 * Stand-ins for executions and upstreams, told what to do by the test.
 */
#ifndef TESTS_UNIT_PROXY_MCP_FAKES_H
#define TESTS_UNIT_PROXY_MCP_FAKES_H

#include "base/loop.h"
#include "codegen/catalogue.h"
#include "proxy/exec/exec.h"
#include "proxy/mcp/server.h"

/*
 * What a fake execution does is in its code:
 *   "hang"     nothing until it is cancelled
 *   "hold"     nothing until fake_tell_held and fake_end_held
 *   "progress" tells 1 and 2 of 2 and a console line, then ends
 *   "kept"     ends with a kept result
 *   "fail"     ends with an error
 *   "ask K,K;K" servers ask questions of kinds form, url, sample and roots, those before `;` first
 *              and at the same time; ends with what came of each, or holds after `;hold`
 *   "big N"    ends with N bytes of text
 *   others     ends with the code as its text
 */
struct exec_service {
    struct loop *loop;
    unsigned started, cancelled, running;
    struct exec *held;
    struct exec *asking;     /* the last that asked */
    struct buf capabilities; /* of the client that the last execution is for now */
    struct buf meta;         /* and its `_meta` */
};

/* A request to a fake server, until the test or the server under test ends it. */
struct upstream_call {
    TAILQ_ENTRY(upstream_call) link;
    struct upstreams *upstreams;
    char *server, *method, *params, *meta;
    const char *log_level;
    bool takes_input_required, cancelled;
    struct upstream_call_events events;
    void *ctx;
    struct loop_task task;
};

struct upstreams {
    struct loop *loop;
    TAILQ_HEAD(upstream_call_list, upstream_call) calls; /* the newest first */
    const char *capabilities;                            /* of each server */
    enum era era;                                        /* the same */
    struct buf watched; /* "+key uri" and "-key uri", " of SESSION" behind it, a line each */
    struct buf heard;   /* sessions that upstreams_session_heard named, a line each */
    bool full;          /* nothing more can be watched */
    struct catalogue *catalogue;
    bool hold; /* when_settled does not come until fake_settle */
    unsigned waits;
    loop_fn *settled;
    void *settled_ctx;
    struct loop_task task;
    struct buf gone; /* sessions that upstreams_session_gone named, a line each */
};

/* A server under test with its stand-ins. */
struct fake_world {
    struct loop *loop;
    struct config config;
    struct exec_service exec;
    struct upstreams upstreams;
    struct mcp_server *server;
    unsigned starts; /* calls of parts.start */
};

void fake_world_init(struct fake_world *world);
void fake_world_done(struct fake_world *world);

void fake_settle(struct fake_world *world);

/* The last "hold" tells its progress, and ends with "released". */
void fake_tell_held(struct fake_world *world, double progress);
void fake_end_held(struct fake_world *world);

/* The last request to a server, which must be of this method; it ends with fake_result or
 * fake_error. */
struct upstream_call *fake_call(struct fake_world *world, const char *method);
void fake_result(struct fake_world *world, const char *method, const char *result);
void fake_error(struct fake_world *world, int64_t code, const char *text, const char *data);

/* What one fake server has, as raw arrays; NULL: nothing. */
struct fake_server {
    const char *key, *tools, *resources, *templates, *prompts;
};
/* Another catalogue, with these servers, all ready. */
void fake_servers(struct fake_world *world, const struct fake_server *servers, size_t count);
/* The servers take back what the last "ask" has open. */
void fake_take_back(struct fake_world *world);

/* A server's log message in the last "hold". */
void fake_server_log(struct fake_world *world, const char *server, const char *params);

/* Another catalogue, with a server of that key without tools. */
void fake_change_catalogue(struct fake_world *world, const char *key);

#endif
