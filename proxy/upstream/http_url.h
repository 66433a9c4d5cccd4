/*
 * URLs as libcurl understands them, so that what is compared is what is asked.
 */
#ifndef PROXY_UPSTREAM_HTTP_URL_H
#define PROXY_UPSTREAM_HTTP_URL_H

/* `reference` as seen from `base`, as a string to free; NULL when it is no URL or leads to another
 * origin. */
char *http_same_origin_url(const char *base, const char *reference);

/* The URL `text` without user name, password and query, for logs and messages; a string to free. */
char *http_url_for_people(const char *text);

#endif
