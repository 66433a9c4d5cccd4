/*
 * Host and Origin against DNS rebinding, bearer tokens, media types.
 */
#include "proxy/mcp/http_guard.h"

#include <strings.h>

#include <openssl/crypto.h>

static bool equals_ignoring_case(struct span a, struct span b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

static bool is_port(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return text.len <= 5;
}

/* The name of `name[:port]` or `[address][:port]`, without brackets; empty when it is neither. */
static struct span host_name(struct span authority)
{
    const char *end;
    struct span name, rest;

    if (authority.len && authority.data[0] == '[') {
        end = memchr(authority.data, ']', authority.len);
        if (!end)
            return SPAN_NONE;
        name = span_make(authority.data + 1, (size_t)(end - authority.data) - 1);
        rest = span_skip(authority, name.len + 2);
    } else {
        end = memchr(authority.data ? authority.data : "", ':', authority.len);
        name = end ? span_make(authority.data, (size_t)(end - authority.data)) : authority;
        rest = span_skip(authority, name.len);
    }
    if (rest.len && (rest.data[0] != ':' || !is_port(span_skip(rest, 1))))
        return SPAN_NONE;
    return name;
}

static bool is_loopback_name(struct span name)
{
    return equals_ignoring_case(name, SPAN("localhost")) || span_is(name, "127.0.0.1") ||
           span_is(name, "::1");
}

static bool is_allowed_name(const struct config *config, struct span name)
{
    if (name.len == 0)
        return false;
    if (is_loopback_name(name) || equals_ignoring_case(name, span_of(config->listen_host)))
        return true;
    for (char *const *host = config->allowed_hosts; host && *host; host++) {
        if (equals_ignoring_case(name, span_of(*host)))
            return true;
    }
    return false;
}

static bool takes_any_host(const struct config *config)
{
    return !config_is_loopback(config->listen_host) &&
           !(config->allowed_hosts && config->allowed_hosts[0]);
}

bool guard_host(const struct config *config, struct span host)
{
    struct span name = host_name(host);

    return name.len > 0 && (takes_any_host(config) || is_allowed_name(config, name));
}

bool guard_origin(const struct config *config, struct span origin, struct span host)
{
    struct span name = SPAN_NONE;

    if (span_starts_with(origin, SPAN("http://")))
        name = host_name(span_skip(origin, sizeof("http://") - 1));
    else if (span_starts_with(origin, SPAN("https://")))
        name = host_name(span_skip(origin, sizeof("https://") - 1));
    if (is_allowed_name(config, name))
        return true;
    return takes_any_host(config) && name.len > 0 && equals_ignoring_case(name, host_name(host));
}

int guard_principal(const struct config *config, struct span authorization)
{
    struct span token;
    int found = -1;

    if (!config->tokens || !config->tokens[0])
        return 0;
    if (authorization.len < 7 || strncasecmp(authorization.data, "bearer ", 7) != 0)
        return -1;
    token = span_trim(span_skip(authorization, 7));
    for (int i = 0; config->tokens[i]; i++) {
        struct span wanted = span_of(config->tokens[i]);

        if (wanted.len == token.len && wanted.len &&
            CRYPTO_memcmp(wanted.data, token.data, token.len) == 0)
            found = i;
    }
    return found;
}

/* The part before `;`, trimmed. */
static struct span media_type_of(struct span value)
{
    const char *end = memchr(value.data ? value.data : "", ';', value.len);

    return span_trim(end ? span_make(value.data, (size_t)(end - value.data)) : value);
}

bool guard_is_json(struct span content_type)
{
    return equals_ignoring_case(media_type_of(content_type), SPAN("application/json"));
}

static bool range_admits(struct span range, struct span media_type)
{
    const char *slash = memchr(media_type.data, '/', media_type.len);
    size_t type_len = (size_t)(slash - media_type.data) + 1;

    if (span_is(range, "*/*") || equals_ignoring_case(range, media_type))
        return true;
    return range.len == type_len + 1 && range.data[type_len] == '*' &&
           strncasecmp(range.data, media_type.data, type_len) == 0;
}

bool guard_accepts(struct span accept, const char *media_type)
{
    if (span_trim(accept).len == 0)
        return true;
    while (accept.len) {
        const char *comma = memchr(accept.data, ',', accept.len);
        size_t len = comma ? (size_t)(comma - accept.data) : accept.len;

        if (range_admits(media_type_of(span_make(accept.data, len)), span_of(media_type)))
            return true;
        accept = span_skip(accept, comma ? len + 1 : len);
    }
    return false;
}
