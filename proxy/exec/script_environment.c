#include "proxy/exec/script_environment.h"

#include <string.h>

#include "base/json.h"

void script_environment_init(struct script_environment *environment)
{
    environment->change = 0;
    buf_init(&environment->json, LIMIT_WIRE_FRAME_BYTES / 2);
}

void script_environment_done(struct script_environment *environment)
{
    buf_done(&environment->json);
}

void script_environment_clear(struct script_environment *environment)
{
    buf_clear(&environment->json);
}

/* True for what stands for itself in a name that the runtime decodes. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_-./:", c));
}

static void write_encoded(const char *name, struct buf *out)
{
    for (; *name; name++) {
        if (is_plain(*name))
            buf_add_char(out, *name);
        else
            buf_printf(out, "%%%02X", (unsigned char)*name);
    }
}

/* One text for all, ",list,get_it=get.it,": a list of thousands would be read whole before each
 * script, which calls a few of them.  What is in it needs no escapes of JSON. */
static void write_tools(const struct catalogue_server *server, struct buf *out)
{
    json_write_key(out, "tools");
    buf_add_str(out, "\",");
    for (size_t i = 0; i < server->tool_count; i++) {
        const struct tool *tool = &server->tools[i];

        buf_add_str(out, tool->identifier);
        if (strcmp(tool->identifier, tool->name) != 0) {
            buf_add_char(out, '=');
            write_encoded(tool->name, out);
        }
        buf_add_char(out, ',');
    }
    buf_add_char(out, '"');
}

static void write_server(const struct catalogue_server *server, struct buf *out)
{
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "key", span_of(server->key));
    json_write_member_string(out, "identifier", span_of(server->identifier));
    write_tools(server, out);
    buf_add_char(out, '}');
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

static void
write_environment(const struct catalogue *catalogue, const struct limits *limits, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_key(out, "servers");
    buf_add_char(out, '[');
    for (size_t i = 0; i < catalogue->server_count; i++)
        write_server(catalogue->servers[i], out);
    buf_add_char(out, ']');
    write_limits(limits, out);
    buf_add_char(out, '}');
}

static bool is_of(const struct script_environment *environment,
                  const struct catalogue *catalogue,
                  const struct limits *limits)
{
    return environment->json.len && environment->change == catalogue->change &&
           memcmp(&environment->limits, limits, sizeof(*limits)) == 0;
}

int script_environment_refresh(struct script_environment *environment,
                               const struct catalogue *catalogue,
                               const struct limits *limits,
                               struct err *err)
{
    if (is_of(environment, catalogue, limits))
        return 0;
    buf_clear(&environment->json);
    write_environment(catalogue, limits, &environment->json);
    if (buf_check(&environment->json, "the names of all tools", err) < 0) {
        buf_clear(&environment->json);
        return -1;
    }
    environment->change = catalogue->change;
    environment->limits = *limits;
    return 1;
}
