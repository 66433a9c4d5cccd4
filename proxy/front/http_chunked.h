/*
 * The chunked transfer coding of a request body (RFC 9112 section 7.1),
 * decoded by us because libwebsockets hands it over undecoded.
 *
 * Strict: line ends are CR LF, sizes are plain hex digits.  What two parsers
 * could read in two ways is refused.
 */
#ifndef PROXY_FRONT_HTTP_CHUNKED_H
#define PROXY_FRONT_HTTP_CHUNKED_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum http_chunked_state {
    CHUNKED_SIZE,
    CHUNKED_EXTENSION,
    CHUNKED_SIZE_LF,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_LF,
    CHUNKED_TRAILER_START,
    CHUNKED_TRAILER,
    CHUNKED_TRAILER_LF,
    CHUNKED_END_LF,
    CHUNKED_DONE
};

/* Zero it before the first byte. */
struct http_chunked {
    enum http_chunked_state state;
    unsigned digits;      /* of the size that is being read */
    uint64_t left;        /* bytes of the chunk to come */
    size_t ignored_bytes; /* of extensions and trailers, which are skipped but bounded */
};

/*
 * Decodes what `in` holds and appends the data to `out`.  Returns 1 when the
 * body is whole (*ret_used tells how far it went), 0 when more bytes are
 * needed, -1 with ERR_PROTOCOL (broken coding) or ERR_LIMIT (`out` is full).
 */
int http_chunked_feed(struct http_chunked *chunked,
                      struct span in,
                      struct buf *out,
                      size_t *ret_used,
                      struct err *err);

#endif
