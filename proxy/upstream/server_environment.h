/*
 * The environment of a stdio server: few variables of ours, and what is
 * configured; and the care that configured values, which are often secrets,
 * are never logged.
 */
#ifndef PROXY_UPSTREAM_SERVER_ENVIRONMENT_H
#define PROXY_UPSTREAM_SERVER_ENVIRONMENT_H

#include "base/buf.h"
#include "base/span.h"
#include "proxy/config/config.h"

struct server_environment {
    char **pairs; /* owned: "NAME=value", ended by NULL */
};

/* HOME, LOGNAME, PATH, SHELL, TERM and USER of ours, as the official SDKs, with `env` of the
 * server over them. */
struct server_environment server_environment_of(const struct server_config *server);
void server_environment_done(struct server_environment *environment);

/* Appends `text` with each configured value of `env` in it replaced by "***". */
void server_environment_hide_secrets(const struct server_config *server,
                                     struct span text,
                                     struct buf *out);

#endif
