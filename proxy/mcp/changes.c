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

/* ---- lists of one session ---- */

static void tell_own(struct mcp_server *server, enum change_kind kind, struct span name)
{
    struct mcp_session *session = server_session_named(server, name);
    struct mcp_call *call;

    if (session)
        session_tell(session, methods[kind], SPAN_NONE);
    TAILQ_FOREACH(call, &server->calls, link)
    {
        CLEANUP(buf) struct buf of_call = BUF(CALL_SESSION_BYTES);

        call_session_name(call, &of_call);
        if (call->listening && (call->listens & (1u << kind)) &&
            span_equal(name, buf_span(&of_call)))
            listen_tell(call, methods[kind], SPAN_NONE);
    }
}

void mcp_server_session_lists(struct mcp_server *server,
                              const char *server_key,
                              struct span session,
                              unsigned lists)
{
    static const unsigned bits[CHANGE_KINDS] = {
        [CHANGE_TOOLS] = UPSTREAM_TOOLS,
        [CHANGE_PROMPTS] = UPSTREAM_PROMPTS,
        [CHANGE_RESOURCES] = UPSTREAM_RESOURCES,
    };

    if (server->stopping || !mode_mirrors(server) || strcmp(server_key, mode_mirrored(server)) != 0)
        return;
    for (unsigned kind = 0; kind < CHANGE_KINDS; kind++) {
        if (lists & bits[kind])
            tell_own(server, kind, session);
    }
}

/* ---- lists of all ---- */

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

/* What was told, and where. */
struct update {
    const char *server_key;
    struct span connection, uri;
};

static bool hears(const struct subscription_list *list, const struct update *update)
{
    return subscription_covers(list, update->server_key, update->connection, update->uri);
}

static void tell_updated(struct mcp_server *server, const struct update *update, struct span params)
{
    static const char method[] = "notifications/resources/updated";
    struct mcp_session *session;
    struct mcp_call *call;

    TAILQ_FOREACH(session, &server->sessions.by_use, link)
    {
        if (hears(&session->subscriptions, update))
            session_tell(session, method, params);
    }
    TAILQ_FOREACH(session, &server->unstored, link)
    {
        if (hears(&session->subscriptions, update))
            session_tell(session, method, params);
    }
    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->listening && hears(&call->subscriptions, update))
            listen_tell(call, method, params);
    }
}

void mcp_server_resource_updated(struct mcp_server *server,
                                 const char *server_key,
                                 struct span session,
                                 struct span params)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_INNER_BYTES), told = BUF(2 * WRAPPED_URI_BYTES);
    struct span value;

    if (server->stopping || !json_get(params, "uri", &value) ||
        json_decode_string(value, &uri) < 0 || uri.len == 0)
        return;
    write_updated(server, &told, server_key, buf_span(&uri));
    if (!buf_failed(&told))
        tell_updated(server, &(const struct update){ server_key, session, buf_span(&uri) },
                     buf_span(&told));
}
