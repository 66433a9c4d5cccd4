/*
 * Starting and ending libwebsockets as a guest on our loop.
 */
#include "proxy/front/http_context.h"

#include <sys/resource.h>

#include <libwebsockets.h>

#include "base/limits.h"
#include "base/log.h"

#define READ_BYTES      65536 /* of one read by the library */
#define HEAD_TIMEOUT_S  20    /* to send a whole head */
#define KEEP_ALIVE_S    75    /* an idle connection; longer than the clients' own pools keep one */
#define DEPARTURE_TURNS 3     /* of the loop, for it to close the library's handles */

/* What the library calls an error is mostly a client's doing. */
static void on_lws_log(int level, const char *line)
{
    (void)level;
    /* 4.1.6 prints this for each event stream over HTTP/1.1. */
    if (strstr(line, "lws_mux_mark_immortal"))
        return;
    log_warn("lws", "library", LOG_SPAN("text", span_trim(span_of(line))));
}

/* The library's tables are as large as the soft limit on descriptors: enough, but not a billion. */
static void settle_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur =
        limit.rlim_max < LIMIT_DESCRIPTORS ? limit.rlim_max : (rlim_t)LIMIT_DESCRIPTORS;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        log_warn("front", "descriptor_limit", LOG_INT("wanted", limit.rlim_cur));
}

/* What is left of a server: the library on its way out. */
struct departure {
    struct lws_context *context;
    struct loop_timer *timer;
    int turns;
};

/* A turn begins with its timers and ends with closing handles.  Whoever came here before a whole
 * turn was over would unload the library's plug-in while the loop has still to call it. */
static void finish_departure(void *ctx)
{
    struct departure *departure = ctx;

    if (--departure->turns > 0) {
        loop_timer_start(departure->timer, 1);
        return;
    }
    lws_context_destroy(departure->context);
    loop_timer_free(departure->timer);
    free(departure);
}

/* On a loop that is not its own the library wants to be destroyed twice: once to close its handles,
 * and again when the loop has closed them. */
void http_context_free(struct loop *loop, struct lws_context *context)
{
    struct departure *departure = NEW(struct departure);

    lws_context_destroy(context);
    departure->context = context;
    departure->turns = DEPARTURE_TURNS;
    departure->timer = loop_timer_new(loop, finish_departure, departure);
    loop_timer_start(departure->timer, 1);
}

struct lws_context *http_context_new(struct loop *loop,
                                     const struct lws_protocols *protocols,
                                     void *user,
                                     struct lws_vhost **ret_vhost,
                                     struct err *err)
{
    void *loops[] = { loop_uv(loop) };
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .user = user,
        .foreign_loops = loops,
        .pt_serv_buf_size = READ_BYTES,
        .max_http_header_data2 = 2 * LIMIT_HTTP_HEADER_BYTES,
        .timeout_secs = HEAD_TIMEOUT_S,
        .keepalive_timeout = KEEP_ALIVE_S,
    };
    struct lws_context *context;

    settle_descriptor_limit();
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    context = lws_create_context(&info);
    *ret_vhost = context ? lws_create_vhost(context, &info) : NULL;
    if (*ret_vhost)
        return context;
    if (context)
        http_context_free(loop, context);
    err_set(err, ERR_IO,
            "libwebsockets does not start on the libuv loop (is its libuv plug-in, "
            "libwebsockets-evlib-uv, installed?)");
    return NULL;
}
