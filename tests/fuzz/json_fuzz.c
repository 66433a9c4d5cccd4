/*
 * The span scanner on any bytes: what json_check accepts can be walked to its
 * end, decoded and written again, and is still accepted.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct span value, unsigned depth)
{
    struct json_iter it = json_iter(value);
    CLEANUP(buf) struct buf text = BUF(value.len * 6 + 16);
    CLEANUP(buf) struct buf again = BUF(value.len * 12 + 64);
    size_t count = 0;

    if (json_kind(value) == JSON_KIND_STRING) {
        BUG_ON(json_decode_string(value, &text) < 0);
        BUG_ON(json_write_string(&again, buf_span(&text)) < 0);
        BUG_ON(json_check(buf_span(&again), 0, NULL) < 0);
    }
    while (json_next(&it)) {
        BUG_ON(json_check(it.value, 0, NULL) < 0);
        if (depth < 20)
            walk(it.value, depth + 1);
        count++;
    }
    BUG_ON(count != json_count(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    CLEANUP(buf) struct buf quoted = BUF(size * 6 + 16);
    struct span value;
    int64_t number;
    double real;

    json_get(text, "method", &value);
    json_no_duplicates(text, NULL);
    json_int64(text, &number);
    json_double(text, &real);
    BUG_ON(json_write_string(&quoted, text) < 0);
    BUG_ON(json_check(buf_span(&quoted), 0, NULL) < 0);
    if (size < 4096 && json_check(text, 0, NULL) == 0)
        walk(text, 0);
    return 0;
}
