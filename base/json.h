/*
 * JSON as spans of bytes: checking, walking and writing without a tree.
 *
 * Payloads pass through the program byte for byte; this reads only what has to
 * be known of them.  Call json_check() once on foreign text; all other readers
 * may then be used on it and on the spans they return.  They never read
 * outside their span even when the text was not checked.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define JSON_DEPTH_MAX 512

enum json_kind {
    JSON_KIND_NONE, /* not JSON */
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_NUMBER,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

/*
 * 0 when `text` is one RFC 8259 value with at most `max_depth` nested
 * containers (0 means JSON_DEPTH_MAX) and its strings are valid UTF-8, white
 * space around allowed; else -1 with ERR_INVALID (the offset is named) or
 * ERR_LIMIT (depth).  Takes linear time and no memory.
 */
int json_check(struct span text, unsigned max_depth, struct err *err);

/*
 * The length of the first value in `text` with the white space before it, or
 * 0 when there is none that is complete.  Checks as json_check does.
 */
size_t json_value_len(struct span text, unsigned max_depth);

/* What a value is, by its first character. */
enum json_kind json_kind(struct span value);

/* Walks the members of an object or the elements of an array:
 *     struct json_iter it = json_iter(value);
 *     while (json_next(&it)) use(it.key, it.value);
 */
struct json_iter {
    struct span rest;
    bool object;
    bool started;
    struct span key;   /* raw, without its quotes; empty for an array */
    struct span value; /* raw, without white space around */
};

/* An iterator over `container`; over nothing when it is neither object nor array. */
struct json_iter json_iter(struct span container);
bool json_next(struct json_iter *it);

/*
 * The value of member `key` of `object`.  Returns true and sets *ret_value
 * when there is one; of equal names the last counts, as in ECMAScript.
 */
bool json_get(struct span object, const char *key, struct span *ret_value);

/* As json_get along a path: json_get_path(v, (const char *[]){"params", "_meta", NULL}, &m). */
bool json_get_path(struct span object, const char *const *path, struct span *ret_value);

/* ERR_INVALID when two members of `object` have the same name (compared decoded), ERR_LIMIT when it
 * has more than 256, else 0.  For envelopes. */
int json_no_duplicates(struct span object, struct err *err);

/* The number of elements of an array or members of an object. */
size_t json_count(struct span container);

/* Appends the decoded text of a string value (with its quotes) as UTF-8; a lone surrogate becomes
 * U+FFFD.  0, or -1 when it is no string or `out` is full. */
int json_decode_string(struct span value, struct buf *out);

/* The decoded text as a terminated string that the caller frees; NULL when `value` is no string,
 * is longer than `max_bytes`, or contains U+0000. */
char *json_dup_string(struct span value, size_t max_bytes);

/* True when `value` is a string whose decoded text is `text`. */
bool json_string_is(struct span value, const char *text);

/* True when the raw key of an iterator, decoded, is `text`. */
bool json_key_is(struct span raw_key, const char *text);

/* True and *ret when `value` is true or false. */
bool json_bool(struct span value, bool *ret);

/* True and *ret when `value` is an integer within int64_t (1.0 and 1e3 count). */
bool json_int64(struct span value, int64_t *ret);

/* True and *ret when `value` is a finite number. */
bool json_double(struct span value, double *ret);

/* Appends `text` as a JSON string with quotes.  Bytes that are not UTF-8 become U+FFFD; control
 * characters, U+2028, U+2029 and DEL are escaped. */
int json_write_string(struct buf *out, struct span text);

/* Appends `"name":`, with a comma before it unless the last byte is `{` or `[`. */
int json_write_key(struct buf *out, const char *name);

/* Appends a comma unless the last byte is `{` or `[` (before an element of an array). */
int json_write_comma(struct buf *out);

/* `"name":"text"` with a comma when needed. */
int json_write_member_string(struct buf *out, const char *name, struct span text);
/* `"name":raw` with a comma when needed; `raw` must be JSON. */
int json_write_member_raw(struct buf *out, const char *name, struct span raw);
/* The member that `it` stands at, as it is written there. */
int json_write_member_at(struct buf *out, const struct json_iter *it);
int json_write_member_int(struct buf *out, const char *name, int64_t number);
int json_write_member_bool(struct buf *out, const char *name, bool value);

#endif
