/*
 * Reads the head of a request out of libwebsockets.  Private to front/.
 */
#ifndef PROXY_FRONT_HTTP_READ_H
#define PROXY_FRONT_HTTP_READ_H

#include "proxy/front/http_request.h"

/* A header to copy from each head. */
struct http_wanted {
    const char *name;
    int token;   /* the library's index, -1 for one that it does not know by itself */
    bool single; /* repeated it makes the request be refused */
};

struct http_wanted_list {
    struct http_wanted *items;
    size_t count;
};

/* The headers that front/ needs and those of `names` (ended by NULL; may be NULL; kept). */
void http_wanted_init(struct http_wanted_list *list, const char *const *names);
void http_wanted_done(struct http_wanted_list *list);

/*
 * Fills method, path, query, header fields, peer and the plan for the body;
 * call it inside LWS_CALLBACK_HTTP.  0, or the HTTP status to refuse with and
 * *ret_why, a constant.
 */
int http_read_head(struct http_request *request,
                   const struct http_wanted_list *list,
                   struct span path,
                   size_t max_body_bytes,
                   const char **ret_why);

#endif
