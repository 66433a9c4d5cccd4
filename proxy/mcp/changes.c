#include "proxy/mcp/changes.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/located.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/server_private.h"

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static const char *const methods[CHANGE_KINDS] = {
    [CHANGE_TOOLS] = "notifications/tools/list_changed",
    [CHANGE_PROMPTS] = "notifications/prompts/list_changed",
    [CHANGE_RESOURCES] = "notifications/resources/list_changed",
};

/* ---- what the lists are ---- */

static uint64_t mix(uint64_t digest, const char *text)
{
    do
        digest = (digest ^ (unsigned char)*text) * FNV_PRIME;
    while (*text++);
    return digest;
}

static uint64_t mix_tools(uint64_t digest, const struct catalogue_server *server)
{
    for (size_t i = 0; i < server->tool_count; i++)
        digest = mix(digest, server->tools[i].definition);
    return server->code_tool ? mix(digest, server->code_tool->definition) : digest;
}

static uint64_t mix_prompts(uint64_t digest, const struct catalogue_server *server)
{
    for (size_t i = 0; i < server->prompt_count; i++)
        digest = mix(digest, server->prompts[i].definition);
    return digest;
}

static uint64_t mix_resources(uint64_t digest, const struct catalogue_server *server)
{
    for (size_t i = 0; i < server->resource_count; i++)
        digest = mix(digest, server->resources[i].definition);
    digest = mix(digest, "templates");
    for (size_t i = 0; i < server->template_count; i++)
        digest = mix(digest, server->templates[i].definition);
    return digest;
}

static uint64_t digest_of(const struct mcp_server *server, enum change_kind kind)
{
    static uint64_t (*const mixers[CHANGE_KINDS])(uint64_t digest,
                                                  const struct catalogue_server *server) = {
        [CHANGE_TOOLS] = mix_tools,
        [CHANGE_PROMPTS] = mix_prompts,
        [CHANGE_RESOURCES] = mix_resources,
    };
    const struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);
    uint64_t digest = FNV_START;

    for (size_t i = 0; i < catalogue->server_count; i++)
        digest = mixers[kind](mix(digest, catalogue->servers[i]->key), catalogue->servers[i]);
    return digest;
}

void changes_seen(struct mcp_server *server, enum change_kind kind)
{
    struct change_state *state = &server->lists[kind];

    if (state->seen)
        return;
    state->seen = true;
    state->digest = digest_of(server, kind);
}

static bool has_changed(struct mcp_server *server, enum change_kind kind)
{
    struct change_state *state = &server->lists[kind];
    uint64_t digest;
    bool changed = kind == CHANGE_TOOLS && server->tools && tools_refresh(server);

    if (!state->seen)
        return changed;
    digest = digest_of(server, kind);
    changed |= digest != state->digest;
    state->digest = digest;
    return changed;
}

/* ---- who hears of it ---- */

static void tell(struct mcp_server *server, enum change_kind kind)
{
    struct mcp_session *session;
    struct mcp_call *call;

    TAILQ_FOREACH(session, &server->sessions.by_use, link)
    session_tell(session, methods[kind], SPAN_NONE);
    TAILQ_FOREACH(session, &server->unstored, link)
    session_tell(session, methods[kind], SPAN_NONE);
    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->listening && (call->listens & (1u << kind)))
            listen_tell(call, methods[kind], SPAN_NONE);
    }
}

void changes_tell(struct mcp_server *server)
{
    for (unsigned kind = 0; kind < CHANGE_KINDS; kind++) {
        if (has_changed(server, kind))
            tell(server, kind);
    }
}

/* ---- resources ---- */

/* The params with the URI that clients know. */
static void write_updated(const struct mcp_server *server,
                          struct buf *out,
                          const char *server_key,
                          struct span uri)
{
    CLEANUP(buf) struct buf wrapped = BUF(WRAPPED_URI_BYTES);

    if (mode_mirrors(server))
        buf_add_span(&wrapped, uri);
    else
        wrapped_uri_write(&wrapped, server_key, uri);
    buf_add_char(out, '{');
    json_write_member_string(out, "uri", buf_span(&wrapped));
    buf_add_char(out, '}');
}

static void
tell_updated(struct mcp_server *server, const char *server_key, struct span uri, struct span params)
{
    static const char method[] = "notifications/resources/updated";
    struct mcp_session *session;
    struct mcp_call *call;

    TAILQ_FOREACH(session, &server->sessions.by_use, link)
    {
        if (subscription_covers(&session->subscriptions, server_key, uri))
            session_tell(session, method, params);
    }
    TAILQ_FOREACH(session, &server->unstored, link)
    {
        if (subscription_covers(&session->subscriptions, server_key, uri))
            session_tell(session, method, params);
    }
    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->listening && subscription_covers(&call->subscriptions, server_key, uri))
            listen_tell(call, method, params);
    }
}

void mcp_server_resource_updated(struct mcp_server *server,
                                 const char *server_key,
                                 struct span params)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_INNER_BYTES), told = BUF(2 * WRAPPED_URI_BYTES);
    struct span value;

    if (server->stopping || !json_get(params, "uri", &value) ||
        json_decode_string(value, &uri) < 0 || uri.len == 0)
        return;
    write_updated(server, &told, server_key, buf_span(&uri));
    if (!buf_failed(&told))
        tell_updated(server, server_key, buf_span(&uri), buf_span(&told));
}
