#include "proxy/exec/script_environment.h"

#include <time.h>

#include "base/json.h"
#include "base/random.h"

#define SEED_BYTES 32

void script_environment_init(struct script_environment *environment)
{
    environment->change = 0;
    buf_init(&environment->servers, LIMIT_WIRE_FRAME_BYTES / 2);
}

void script_environment_done(struct script_environment *environment)
{
    buf_done(&environment->servers);
}

static void write_tool(const struct tool *tool, struct buf *out)
{
    json_write_comma(out);
    if (strcmp(tool->identifier, tool->name) == 0) {
        json_write_string(out, span_of(tool->name));
        return;
    }
    buf_add_char(out, '[');
    json_write_string(out, span_of(tool->identifier));
    json_write_comma(out);
    json_write_string(out, span_of(tool->name));
    buf_add_char(out, ']');
}

static void write_server(const struct catalogue_server *server, struct buf *out)
{
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "key", span_of(server->key));
    json_write_member_string(out, "identifier", span_of(server->identifier));
    json_write_key(out, "tools");
    buf_add_char(out, '[');
    for (size_t i = 0; i < server->tool_count; i++)
        write_tool(&server->tools[i], out);
    buf_add_str(out, "]}");
}

static int
refresh(struct script_environment *environment, const struct catalogue *catalogue, struct err *err)
{
    struct buf *out = &environment->servers;

    if (out->len && environment->change == catalogue->change)
        return 0;
    buf_clear(out);
    buf_add_char(out, '[');
    for (size_t i = 0; i < catalogue->server_count; i++)
        write_server(catalogue->servers[i], out);
    buf_add_char(out, ']');
    environment->change = catalogue->change;
    if (buf_check(out, "the names of all tools", err) == 0)
        return 0;
    buf_clear(out);
    return -1;
}

static void write_limits(const struct limits *limits, struct buf *out)
{
    json_write_key(out, "limits");
    buf_add_char(out, '{');
    json_write_member_int(out, "memory_bytes", (int64_t)limits->memory_bytes);
    json_write_member_int(out, "cpu_ms", (int64_t)limits->cpu_ms);
    json_write_member_int(out, "log_bytes", LIMIT_LOG_BYTES);
    json_write_member_int(out, "emit_bytes", LIMIT_EMIT_BYTES);
    json_write_member_int(out, "result_bytes", LIMIT_RESULT_BYTES);
    json_write_member_int(out, "stack_kib", LIMIT_STACK_KIB);
    json_write_member_int(out, "timers", LIMIT_PENDING_TIMERS);
    json_write_member_int(out, "calls", (int64_t)limits->calls);
    json_write_member_int(out, "concurrent_calls", (int64_t)limits->concurrent_calls);
    json_write_member_int(out, "argument_bytes", (int64_t)limits->argument_bytes);
    buf_add_char(out, '}');
}

static int64_t wall_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int script_environment_write(struct script_environment *environment,
                             const struct catalogue *catalogue,
                             const struct limits *limits,
                             struct span input,
                             struct buf *out,
                             struct err *err)
{
    char seed[2 * SEED_BYTES + 1];

    if (refresh(environment, catalogue, err) < 0)
        return -1;
    random_hex(seed, SEED_BYTES);
    buf_add_char(out, '{');
    if (input.len)
        json_write_member_raw(out, "input", input);
    json_write_member_raw(out, "servers", buf_span(&environment->servers));
    write_limits(limits, out);
    json_write_member_string(out, "seed", span_of(seed));
    json_write_member_int(out, "now_ms", wall_clock_ms());
    buf_add_char(out, '}');
    return buf_check(out, "the environment of a script", err);
}
