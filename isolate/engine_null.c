/*
 * A stand-in for the engine, without one: the text to run is a list of
 * commands, one a line.  With it everything around V8 is tested under
 * sanitizers, and a worker can be made to behave as badly as one that was
 * taken over: send forged bytes, try system calls, hang, crash.
 *
 * Never part of an installed program (cmake refuses it).
 */
#include "isolate/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "isolate/wire.h"

#define SOCKET_FD  0 /* where a worker's socket is; one that was taken over knows it too */
#define PAGE_BYTES 4096

struct engine {
    const struct engine_host *host; /* borrowed; set by engine_equip and engine_run */
    struct buf environment;
    struct buf text; /* the commands */
    size_t at;
    struct buf reply; /* JSON of the last reply */
    uint32_t last_id;
    uint32_t pending; /* calls without a reply */
    bool waiting;     /* for every reply */
    uint64_t wake_ms; /* 0: not asleep */
    volatile bool terminated;
    bool done;
};

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void send_done(struct engine *e, struct span status, struct span json)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);

    wire_add_part(&body, status);
    wire_add_part(&body, json);
    e->done = true;
    e->host->send(e->host->ctx, WIRE_DONE, 0, buf_span(&body));
}

static void send_value(struct engine *e, struct span value)
{
    CLEANUP(buf) struct buf json = BUF(LIMIT_WIRE_FRAME_BYTES);

    buf_add_str(&json, "{\"kind\":\"json\",\"value\":");
    buf_add_span(&json, value);
    buf_add_str(&json, ",\"unawaited\":0}");
    send_done(e, SPAN("ok"), buf_span(&json));
}

static void do_value(struct engine *e, struct span argument)
{
    send_value(e, argument);
}

/* The last reply is the value. */
static void do_reply(struct engine *e, struct span argument)
{
    (void)argument;
    send_value(e, buf_span(&e->reply));
}

/* What engine_equip said is the value. */
static void do_environment(struct engine *e, struct span argument)
{
    (void)argument;
    send_value(e, buf_span(&e->environment));
}

static void do_error(struct engine *e, struct span argument)
{
    send_done(e, SPAN("error"), argument);
}

/* A call whose reply is not waited for. */
static void do_send(struct engine *e, struct span argument)
{
    if (e->host->send(e->host->ctx, WIRE_CALL, ++e->last_id, argument))
        e->pending++;
}

static void do_wait(struct engine *e, struct span argument)
{
    (void)argument;
    e->waiting = e->pending > 0;
}

static void do_call(struct engine *e, struct span argument)
{
    do_send(e, argument);
    do_wait(e, argument);
}

static void do_log(struct engine *e, struct span argument)
{
    e->host->send(e->host->ctx, WIRE_LOG, 0, argument);
}

static void do_emit(struct engine *e, struct span argument)
{
    e->host->send(e->host->ctx, WIRE_EMIT, 0, argument);
}

static void do_progress(struct engine *e, struct span argument)
{
    e->host->send(e->host->ctx, WIRE_PROGRESS, 0, argument);
}

static unsigned long number_of(struct span argument)
{
    CLEANUP(str) char *text = span_dup(argument);

    return strtoul(text, NULL, 0);
}

static void do_sleep(struct engine *e, struct span argument)
{
    e->wake_ms = now_ms() + number_of(argument);
}

static void do_spin(struct engine *e, struct span argument)
{
    (void)argument;
    while (!e->terminated)
        continue;
}

/* As code of the engine that can't be interrupted. */
static void do_hang(struct engine *e, struct span argument)
{
    volatile bool forever = true;

    (void)e;
    (void)argument;
    while (forever)
        continue;
}

static void do_eat(struct engine *e, struct span argument)
{
    size_t len = number_of(argument);
    volatile char *bytes = malloc(len);

    if (!bytes)
        e->host->fatal(e->host->ctx, "memory", "out of \"memory\"");
    for (size_t i = 0; i < len; i += PAGE_BYTES)
        bytes[i] = 1;
}

static void do_crash(struct engine *e, struct span argument)
{
    (void)e;
    (void)argument;
    __builtin_trap();
}

static void do_exit(struct engine *e, struct span argument)
{
    (void)e;
    _exit((int)number_of(argument));
}

static void do_fatal(struct engine *e, struct span argument)
{
    (void)argument;
    e->host->fatal(e->host->ctx, "engine", "as it was told");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes, in hexadecimal, that no correct worker would send. */
static void do_raw(struct engine *e, struct span argument)
{
    CLEANUP(buf) struct buf bytes = BUF(LIMIT_CODE_BYTES);

    (void)e;
    for (size_t i = 0; i + 1 < argument.len; i += 2) {
        int high = hex_digit(argument.data[i]), low = hex_digit(argument.data[i + 1]);

        buf_add_char(&bytes, (char)(high << 4 | low));
    }
    if (send(SOCKET_FD, buf_str(&bytes), bytes.len, MSG_NOSIGNAL) < 0)
        _exit(1);
}

/* `syscall NUMBER ARGUMENT...`: the value is the result, or minus the error number. */
static void do_syscall(struct engine *e, struct span argument)
{
    CLEANUP(str) char *text = span_dup(argument);
    char *next = text, result_text[32];
    unsigned long a[7] = { 0 };
    long result;

    for (size_t i = 0; i < ARRAY_COUNT(a) && *next; i++)
        a[i] = strtoul(next, &next, 0);
    result = syscall((long)a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    snprintf(result_text, sizeof(result_text), "%ld", result < 0 ? -(long)errno : result);
    send_value(e, span_of(result_text));
}

struct command {
    const char *name;
    void (*run)(struct engine *e, struct span argument);
};

static const struct command commands[] = {
    { "value", do_value },             /* JSON: ends with this value */
    { "reply", do_reply },             /* ends with the last reply as value */
    { "environment", do_environment }, /* ends with what it was equipped with as value */
    { "error", do_error },             /* JSON: ends with this error */
    { "call", do_call },               /* JSON: a host call, waits for the reply */
    { "send", do_send },               /* JSON: a host call, goes on */
    { "wait", do_wait },               /* for the replies to all calls */
    { "log", do_log },                 /* JSON */
    { "emit", do_emit },               /* JSON */
    { "progress", do_progress },       /* JSON */
    { "sleep", do_sleep },             /* milliseconds */
    { "spin", do_spin },               /* uses processor time until it is terminated */
    { "hang", do_hang },               /* the same, and can't be terminated */
    { "eat", do_eat },                 /* bytes: allocates and touches them */
    { "crash", do_crash },             /* dies of a signal */
    { "exit", do_exit },               /* status: exits without a word */
    { "fatal", do_fatal },             /* as the engine when it gives up */
    { "raw", do_raw },                 /* hexadecimal: these bytes on the socket */
    { "syscall", do_syscall },         /* number and arguments: ends with its result */
};

static void run_line(struct engine *e, struct span line)
{
    size_t name_len = 0;

    while (name_len < line.len && line.data[name_len] != ' ')
        name_len++;
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
        if (span_is(span_make(line.data, name_len), commands[i].name)) {
            commands[i].run(e, span_trim(span_skip(line, name_len)));
            return;
        }
    }
    send_done(e, SPAN("error"),
              SPAN("{\"kind\":\"SyntaxError\",\"name\":\"SyntaxError\",\"message\":\"no such "
                   "command of the null engine\",\"unawaited\":0}"));
}

/* Runs commands until one has to wait or the text is at its end. */
static void go_on(struct engine *e)
{
    while (!e->done && !e->waiting && !e->wake_ms && !e->terminated && e->at < e->text.len) {
        struct span rest = span_skip(buf_span(&e->text), e->at);
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.data) : rest.len;
        struct span line = span_trim(span_make(rest.data, len));

        e->at += len + (end ? 1 : 0);
        if (line.len)
            run_line(e, line);
    }
}

struct engine *engine_start(const struct engine_options *options, struct err *err)
{
    struct engine *e = NEW(struct engine);

    (void)options;
    (void)err;
    buf_init(&e->environment, LIMIT_WIRE_FRAME_BYTES);
    buf_init(&e->text, LIMIT_WIRE_FRAME_BYTES);
    buf_init(&e->reply, LIMIT_WIRE_FRAME_BYTES);
    return e;
}

void engine_warm_up(struct engine *engine)
{
    buf_room(&engine->text, PAGE_BYTES);
}

const char *engine_version(void)
{
    return "null engine";
}

const void *engine_text(void)
{
    return NULL;
}

const char *engine_probe_text(void)
{
    return "value 2";
}

void engine_sample(const struct engine *engine, struct engine_sample *ret)
{
    (void)engine;
    *ret = (struct engine_sample){ .script = { .run_text = span_of(engine_probe_text()) },
                                   .environment = SPAN("{\"limits\":{\"cpu_ms\":5000}}") };
}

void engine_equip(struct engine *engine, const struct engine_host *host, struct span environment)
{
    engine->host = host;
    buf_clear(&engine->environment);
    buf_add_span(&engine->environment, environment);
}

void engine_run(struct engine *engine,
                const struct engine_host *host,
                const struct engine_script *script)
{
    engine->host = host;
    buf_add_span(&engine->text, script->run_text);
    go_on(engine);
}

void engine_reply(struct engine *engine, uint32_t id, bool ok, struct span json)
{
    (void)id;
    (void)ok;
    buf_clear(&engine->reply);
    buf_add_span(&engine->reply, json);
    if (engine->pending)
        engine->pending--;
    if (!engine->pending)
        engine->waiting = false;
    go_on(engine);
}

int64_t engine_next_ms(struct engine *engine)
{
    uint64_t now = now_ms();

    if (!engine->wake_ms)
        return -1;
    return engine->wake_ms > now ? (int64_t)(engine->wake_ms - now) : 0;
}

void engine_tick(struct engine *engine)
{
    if (engine_next_ms(engine) == 0)
        engine->wake_ms = 0;
    go_on(engine);
}

bool engine_done(const struct engine *engine)
{
    return engine->done;
}

void engine_terminate(struct engine *engine)
{
    engine->terminated = true;
}
