/*
 * A list of HTTP headers to be sent.
 */
#ifndef PROXY_UPSTREAM_HEADERS_H
#define PROXY_UPSTREAM_HEADERS_H

#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "proxy/config/config.h"

struct header_list {
    char **lines; /* owned: "Name: value" */
    size_t count;
};

void header_list_done(struct header_list *list);

static inline void header_list_cleanup(struct header_list *list)
{
    header_list_done(list);
}

/* Adds a header.  ERR_INVALID, without the value in its text, when name or value hold what a
 * header can't (a line end, a control character). */
int header_list_add(struct header_list *list, const char *name, struct span value, struct err *err);

/*
 * As header_list_add, with any UTF-8 value: one that is not plain visible
 * ASCII, begins or ends with a blank, or looks like the marker itself goes as
 * `=?base64?...?=` (2026-07-28, basic/transports/streamable-http).
 */
int header_list_add_encoded(struct header_list *list,
                            const char *name,
                            struct span value,
                            struct err *err);

/* Adds all of another list (NULL: none). */
void header_list_add_all(struct header_list *list, const struct header_list *from);
/* Adds the headers of a server's configuration, whose values are secrets. */
int header_list_add_configured(struct header_list *list,
                               const struct server_config *server,
                               struct err *err);

#endif
