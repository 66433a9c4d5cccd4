/*
 * Preparing any bytes: no crash, the notes are JSON, and the text to run has
 * the lines of the code, each as long in UTF-16 units but for listed shifts; the
 * checker's text has its lines.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "isolate/edits.h"
#include "isolate/prepare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line of *rest, without its end; moves *rest behind it. */
static struct span take_line(struct span *rest)
{
    struct span line = *rest;
    size_t len = 0, end = 0;

    while (end < rest->len && (len = line_end_len(span_skip(*rest, end))) == 0)
        end++;
    line.len = end;
    *rest = span_skip(*rest, end + len);
    return line;
}

static bool has_shift(struct span shifts, int64_t line)
{
    for (struct json_iter it = json_iter(shifts); json_next(&it);) {
        struct json_iter numbers = json_iter(it.value);
        int64_t number;

        BUG_ON(!json_next(&numbers) || !json_int64(numbers.value, &number));
        if (number == line)
            return true;
    }
    return false;
}

static void compare_lines(struct span code, struct span text, struct span shifts)
{
    take_line(&text);
    for (int64_t line = 1; code.len; line++) {
        struct span before = take_line(&code), after = take_line(&text);

        if (!has_shift(shifts, line))
            BUG_ON(utf8_utf16_len(before.data, before.len) !=
                   utf8_utf16_len(after.data, after.len));
    }
    BUG_ON(text.len == 0);
}

static size_t count_lines(struct span text)
{
    size_t count = 1;

    for (size_t at = 0; at < text.len;) {
        size_t len = line_end_len(span_skip(text, at));

        count += len > 0;
        at += len ? len : 1;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span code = span_make((const char *)data, size), shifts = SPAN_NONE;
    struct prepare_result result;
    struct err err = ERR_INIT;

    prepare_result_init(&result);
    if (prepare_code(code, &result, &err) == 0) {
        BUG_ON(json_check(buf_span(&result.notes), 0, NULL) < 0);
        if (result.ok) {
            json_get(buf_span(&result.notes), "shifts", &shifts);
            compare_lines(code, buf_span(&result.run_text), shifts);
            BUG_ON(count_lines(buf_span(&result.check_text)) != count_lines(code) + 2);
        }
    } else {
        BUG_ON(err.code != ERR_LIMIT);
    }
    prepare_result_done(&result);
    return 0;
}
