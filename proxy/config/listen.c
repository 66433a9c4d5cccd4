/*
 * The address to listen on, and who may without a token.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/config/config.h"
#include "proxy/config/reader.h"

#define PORT_MAX 65535

/* Splits HOST:PORT at the last colon; brackets around an IPv6 address are dropped. */
static int split_address(const char *text, char **ret_host, const char **ret_port, struct err *err)
{
    const char *colon = strrchr(text, ':');
    size_t len;

    if (!colon)
        return err_set(err, ERR_INVALID, "listen is '%s'; write HOST:PORT, such as 127.0.0.1:8787",
                       text);
    len = (size_t)(colon - text);
    *ret_port = colon + 1;
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        *ret_host = xstrndup(text + 1, len - 2);
        return 0;
    }
    if (memchr(text, ':', len))
        return err_set(err, ERR_INVALID,
                       "listen is '%s'; put an IPv6 address in brackets: [::1]:8787", text);
    *ret_host = xstrndup(text, len);
    return 0;
}

int config_set_listen(struct config *config, const char *text, struct err *err)
{
    CLEANUP(str) char *host = NULL;
    const char *port_text;
    uint64_t port;

    if (split_address(text, &host, &port_text, err) < 0)
        return -1;
    if (!*host)
        return err_set(err, ERR_INVALID,
                       "listen is '%s'; name the host: 127.0.0.1 for this "
                       "machine alone, 0.0.0.0 for all interfaces",
                       text);
    if (!parse_count(port_text, &port) || port > PORT_MAX)
        return err_set(err, ERR_INVALID, "listen is '%s'; the port must be 0 to 65535", text);
    free(config->listen_host);
    config->listen_host = TAKE(host);
    config->listen_port = (uint16_t)port;
    return 0;
}

bool config_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

int config_check_listen(const struct config *config, struct err *err)
{
    if (config_is_loopback(config->listen_host) || (config->tokens && config->tokens[0]))
        return 0;
    return err_set(err, ERR_DENIED,
                   "refusing to listen on %s without a token: whoever reaches it could use every "
                   "server; set auth.tokens, or listen on 127.0.0.1",
                   config->listen_host);
}
