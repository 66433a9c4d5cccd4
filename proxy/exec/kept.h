/*
 * Kept results: the whole of a value that was shortened in the reply, until
 * memory is needed for newer ones.  Ids are random, so that knowing one is
 * having been given it.
 */
#ifndef PROXY_EXEC_KEPT_H
#define PROXY_EXEC_KEPT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define KEPT_URI_PREFIX "mcpfold://results/"
#define KEPT_ID_CHARS   32
#define KEPT_URI_BYTES  (sizeof(KEPT_URI_PREFIX) + KEPT_ID_CHARS)

struct kept;

/* A store of at most `max_bytes`; pages have `page_characters`. */
struct kept *kept_new(size_t max_bytes, size_t page_characters);
void kept_free(struct kept *kept); /* takes NULL */

/* Keeps a copy of a JSON value, dropping the longest unused ones for it.  Writes its URI.
 * -1 with ERR_LIMIT when it is larger than the store. */
int kept_add(struct kept *kept,
             struct span value_json,
             char ret_uri[KEPT_URI_BYTES],
             struct err *err);

/* The whole value of a URI (a query is ignored), valid until the next kept_add.  ERR_NOT_FOUND when
 * it is unknown or was dropped, ERR_INVALID when it is no such URI. */
int kept_value(struct kept *kept, struct span uri, struct span *ret_value, struct err *err);

/*
 * Appends the page of "...?offset=N" (in characters, 0 without it): the text of
 * a string value, the JSON of any other.  When more follows, a last line
 * names the next page.  *ret_mime is "application/json" for a whole JSON
 * value, else "text/plain".
 */
int kept_page(
    struct kept *kept, struct span uri, struct buf *out, const char **ret_mime, struct err *err);

#endif
