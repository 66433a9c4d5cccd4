#include "proxy/upstream/capabilities.h"

#include "base/json.h"
#include "proxy/upstream/ask_private.h"

int capabilities_write_permitted(struct buf *out, const struct server_config *server)
{
    if (server->ask.elicitation)
        json_write_member_raw(out, "elicitation", SPAN("{\"form\":{},\"url\":{}}"));
    if (server->ask.roots)
        json_write_member_raw(out, "roots", SPAN("{}"));
    if (server->ask.sampling)
        json_write_member_raw(out, "sampling", SPAN("{}"));
    return buf_failed(out) ? -1 : 0;
}

static bool get_object(struct span object, const char *name, struct span *ret)
{
    return json_get(object, name, ret) && json_kind(*ret) == JSON_KIND_OBJECT;
}

static void copy_object(struct buf *out, struct span from, const char *name)
{
    struct span value;

    if (get_object(from, name, &value))
        json_write_member_raw(out, name, value);
}

/* Clients of 2025-06-18 say {} and mean forms. */
static void write_elicitation(struct buf *out, struct span elicitation)
{
    struct span ignored;

    json_write_key(out, "elicitation");
    buf_add_char(out, '{');
    if (!get_object(elicitation, "form", &ignored) && !get_object(elicitation, "url", &ignored))
        json_write_member_raw(out, "form", SPAN("{}"));
    copy_object(out, elicitation, "form");
    copy_object(out, elicitation, "url");
    buf_add_char(out, '}');
}

static void write_sampling(struct buf *out, struct span sampling)
{
    json_write_key(out, "sampling");
    buf_add_char(out, '{');
    copy_object(out, sampling, "context");
    copy_object(out, sampling, "tools");
    buf_add_char(out, '}');
}

int capabilities_write_of_client(struct buf *out,
                                 const struct server_config *server,
                                 struct span client,
                                 bool answers_roots)
{
    struct span value;

    buf_add_char(out, '{');
    if (server->ask.elicitation && get_object(client, "elicitation", &value))
        write_elicitation(out, value);
    if (server->ask.sampling && get_object(client, "sampling", &value))
        write_sampling(out, value);
    if (server->ask.roots &&
        (get_object(client, "roots", &value) || (answers_roots && server->roots)))
        json_write_member_raw(out, "roots", SPAN("{}"));
    buf_add_char(out, '}');
    return buf_failed(out) ? -1 : 0;
}

bool capabilities_hold(struct span capabilities, enum ask_kind kind)
{
    struct span value, mode;

    if (kind == ASK_SAMPLE)
        return get_object(capabilities, "sampling", &value);
    if (kind == ASK_ROOTS)
        return get_object(capabilities, "roots", &value);
    if (!get_object(capabilities, "elicitation", &value))
        return false;
    return get_object(value, kind == ASK_ELICIT_FORM ? "form" : "url", &mode);
}
