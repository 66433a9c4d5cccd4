/*
 * Prepares the script on standard input and prints the result as JSON, for the
 * tests that run it: {"ok","check","run","notes"}.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "isolate/prepare.h"

static void write_json(const struct prepare_result *result, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_member_bool(out, "ok", result->ok);
    json_write_member_string(out, "check", buf_span(&result->check_text));
    json_write_member_string(out, "run", buf_span(&result->run_text));
    json_write_member_raw(out, "notes", buf_span(&result->notes));
    buf_add_char(out, '}');
}

int main(void)
{
    CLEANUP(buf) struct buf code = BUF(LIMIT_CODE_BYTES + 1);
    CLEANUP(buf) struct buf out = BUF(256 * 1024 * 1024);
    struct prepare_result result;
    struct err err = ERR_INIT;
    int failed;

    prepare_result_init(&result);
    failed = fd_read_all(STDIN_FILENO, &code, &err) < 0 ||
             prepare_code(buf_span(&code), &result, &err) < 0;
    if (failed)
        fprintf(stderr, "%s\n", err.text);
    else
        write_json(&result, &out);
    prepare_result_done(&result);
    return failed || fwrite(buf_str(&out), 1, out.len, stdout) != out.len;
}
