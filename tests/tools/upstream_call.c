/*
 * Connects to one server and makes calls, for tests and for a person:
 *
 *     upstream_call (--command PROGRAM [ARG...] | --url URL | --sse URL) [--call METHOD PARAMS]...
 *
 * (`--command` takes all arguments up to `--call`.)  Prints what the catalogue
 * shows of the server, then a line for each call in order.  Exit status 1 when
 * the server is down or a call fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "proxy/upstream/upstreams.h"

#define CALL_TIMEOUT_MS    30000
#define CONNECT_TIMEOUT_MS 60000

struct driver {
    struct loop *loop;
    struct upstreams *upstreams;
    struct server_config server;
    struct config config;
    char **calls; /* method, params, method, params, ... */
    int status;
};

static void call_next(struct driver *driver);

static void on_stopped(void *ctx)
{
    loop_stop(((struct driver *)ctx)->loop);
}

static void on_result(void *ctx, struct span result)
{
    printf("result %.*s\n", SPAN_ARG(result));
    call_next(ctx);
}

static void on_error(void *ctx, const struct err *err, int64_t code, struct span data)
{
    struct driver *driver = ctx;

    printf("error %s %lld %s %.*s\n", err_code_name(err->code), (long long)code, err->text,
           SPAN_ARG(data));
    driver->status = 1;
    call_next(driver);
}

static void on_progress(void *ctx, struct span params)
{
    (void)ctx;
    printf("progress %.*s\n", SPAN_ARG(params));
}

static void call_next(struct driver *driver)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error,
                                                        .on_progress = on_progress };

    if (!driver->calls[0] || !driver->calls[1]) {
        upstreams_stop(driver->upstreams, on_stopped, driver);
        return;
    }
    driver->calls += 2;
    upstreams_call(driver->upstreams, SPAN("server"), driver->calls[-2], span_of(driver->calls[-1]),
                   CALL_TIMEOUT_MS, NULL, &events, driver);
}

static void on_settled(void *ctx)
{
    struct driver *driver = ctx;
    const struct catalogue_server *server = upstreams_catalogue(driver->upstreams)->servers[0];
    struct upstream_status status;

    upstreams_status(driver->upstreams, 0, &status);
    printf("state %d protocol %s era %d ms %llu title %s version %s problem %s\n", status.state,
           status.protocol ? status.protocol : "-", status.era,
           (unsigned long long)status.connect_ms, server->title ? server->title : "-",
           server->version ? server->version : "-", status.problem ? status.problem : "-");
    printf("%zu tools, %zu resources, %zu templates, %zu prompts\n", server->tool_count,
           server->resource_count, server->template_count, server->prompt_count);
    for (size_t i = 0; i < server->tool_count; i++)
        printf("tool %s\n", server->tools[i].name);
    driver->status = status.state == SERVER_READY ? 0 : 1;
    call_next(driver);
}

/* Reads the arguments; false when they can't be. */
static bool read_arguments(struct driver *driver, int argc, char **argv)
{
    int at = 1;

    driver->server.key = xstrdup("server");
    if (argc < 3)
        return false;
    if (strcmp(argv[1], "--command") == 0) {
        driver->server.transport = TRANSPORT_STDIO;
        driver->server.argv = &argv[2];
        for (at = 2; at < argc && strcmp(argv[at], "--call") != 0; at++)
            continue;
    } else {
        driver->server.transport = strcmp(argv[1], "--sse") == 0 ? TRANSPORT_SSE : TRANSPORT_HTTP;
        driver->server.url = argv[2];
        at = 3;
    }
    driver->calls = xcalloc((size_t)argc + 2, sizeof(char *));
    for (int count = 0; at + 2 < argc; at += 3) {
        driver->calls[count++] = argv[at + 1];
        driver->calls[count++] = argv[at + 2];
        argv[at] = NULL;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct driver driver = { .status = 1 };
    struct err err = ERR_INIT;
    char **calls;

    keeper_main(argc, argv);
    if (!read_arguments(&driver, argc, argv)) {
        fprintf(stderr, "usage: upstream_call (--command PROGRAM [ARG...] | --url URL | --sse URL) "
                        "[--call METHOD PARAMS]...\n");
        return 2;
    }
    calls = driver.calls;
    log_setup(getenv("DEBUG") ? LOG_DEBUG : LOG_INFO, LOG_FORMAT_TEXT);
    driver.config = (struct config){ .servers = &driver.server, .server_count = 1 };
    driver.loop = loop_new(&err);
    driver.upstreams =
        upstreams_new(driver.loop, &driver.config, &(const struct upstreams_events){ 0 }, NULL);
    upstreams_when_settled(driver.upstreams, CONNECT_TIMEOUT_MS, on_settled, &driver);
    loop_run(driver.loop);
    upstreams_free(driver.upstreams);
    loop_drain(driver.loop, 1000);
    loop_free(driver.loop);
    free(driver.server.key);
    free(calls);
    return driver.status;
}
