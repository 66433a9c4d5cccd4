/*
 * Which tools of a server exist for scripts: include_tools and exclude_tools of
 * its configuration.
 */
#ifndef PROXY_UPSTREAM_TOOL_FILTER_H
#define PROXY_UPSTREAM_TOOL_FILTER_H

#include <stdbool.h>

#include "base/span.h"
#include "proxy/config/config.h"

struct tool_filter {
    const struct server_config *server; /* borrowed */
    bool *include_used, *exclude_used;  /* for each pattern: whether a tool fitted it */
};

struct tool_filter tool_filter_make(const struct server_config *server);
void tool_filter_done(struct tool_filter *filter);

/* True when scripts may see and call the tool of that name (raw JSON). */
bool tool_filter_shows(struct tool_filter *filter, struct span name);

/* Logs each pattern that no tool fitted: a misspelt one hides nothing, or everything. */
void tool_filter_warn_of_unused(const struct tool_filter *filter);

#endif
