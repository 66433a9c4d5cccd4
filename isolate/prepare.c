/*
 * The steps of preparing, in order.
 */
#include "isolate/prepare.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "isolate/fences.h"
#include "isolate/preparation.h"

/* Rewritten code grows, but in proportion. */
#define TEXT_MAX (64 * LIMIT_CODE_BYTES)

void prepare_result_init(struct prepare_result *result)
{
    *result = (struct prepare_result){ .ok = false };
    buf_init(&result->check_text, TEXT_MAX);
    buf_init(&result->run_text, TEXT_MAX);
    buf_init(&result->notes, LIMIT_CODE_BYTES * 16);
}

void prepare_result_done(struct prepare_result *result)
{
    buf_done(&result->check_text);
    buf_done(&result->run_text);
    buf_done(&result->notes);
}

static void preparation_init(struct preparation *p, struct span code, struct node root)
{
    *p = (struct preparation){ .code = code, .root = root, .form = "statements" };
    edits_init(&p->check, code);
    edits_init(&p->run, code);
    buf_init(&p->check_head, 256);
    buf_init(&p->check_foot, LIMIT_CODE_BYTES * 2);
    buf_init(&p->run_head, 256);
    buf_init(&p->run_foot, LIMIT_CODE_BYTES * 2);
    buf_add_str(&p->check_head, "export default async function () {");
    buf_add_str(&p->run_head, PREPARE_RUN_HEAD);
}

static void preparation_cleanup(struct preparation *p)
{
    edits_done(&p->check);
    edits_done(&p->run);
    buf_done(&p->check_head);
    buf_done(&p->check_foot);
    buf_done(&p->run_head);
    buf_done(&p->run_foot);
    member_scopes_done(&p->scopes);
}

static void write_fault(const struct fault *fault, struct span code, struct buf *notes)
{
    struct text_position position = text_position(code, fault->at);

    buf_add_char(notes, '{');
    json_write_member_int(notes, "line", position.line);
    json_write_member_int(notes, "column", position.column);
    json_write_member_string(notes, "message", span_of(fault->message));
    json_write_member_bool(notes, "syntax", fault->syntax);
    buf_add_char(notes, '}');
}

static void write_text(
    struct buf *out, struct buf *head, struct edits *edits, struct buf *foot, struct buf *shifts)
{
    buf_add_span(out, buf_span(head));
    buf_add_char(out, '\n');
    edits_write(edits, out, shifts);
    if (out->len && out->data[out->len - 1] == '\r')
        buf_add_char(out, '\n'); /* CR at the end is a line end, not half of the next */
    buf_add_char(out, '\n');
    buf_add_span(out, buf_span(foot));
}

/* Writes both texts and the notes of code without a fault. */
static void write_result(struct preparation *p, struct prepare_result *ret)
{
    CLEANUP(buf) struct buf shifts = BUF(LIMIT_CODE_BYTES * 8);
    CLEANUP(buf) struct buf lints = BUF(LIMIT_CODE_BYTES * 4);

    find_lints(p, &lints);
    buf_add_char(&p->check_foot, '}');
    buf_add_str(&p->run_foot, PREPARE_RUN_FOOT);
    write_text(&ret->check_text, &p->check_head, &p->check, &p->check_foot, NULL);
    write_text(&ret->run_text, &p->run_head, &p->run, &p->run_foot, &shifts);
    buf_add_char(&ret->notes, '{');
    json_write_member_string(&ret->notes, "form", span_of(p->form));
    json_write_member_raw(&ret->notes, "lints", buf_span(&lints));
    json_write_member_raw(&ret->notes, "shifts", buf_span(&shifts));
    buf_add_char(&ret->notes, '}');
    ret->ok = true;
}

/* Code with a fault: the checker sees it as it is, when it may explain the fault better. */
static void write_failure(struct preparation *p, struct prepare_result *ret)
{
    write_fault(&p->fault, p->code, &ret->notes);
    if (!p->fault.syntax)
        return;
    buf_add_char(&p->check_foot, '}');
    write_text(&ret->check_text, &p->check_head, &p->check, &p->check_foot, NULL);
}

static int prepare_plain(struct span code, struct prepare_result *ret, struct err *err)
{
    CLEANUP(buf) struct buf parsed = BUF(LIMIT_CODE_BYTES);
    struct syntax_tree *tree = parse_script(code, &parsed, err);

    if (!tree)
        return -1;
    CLEANUP(preparation) struct preparation p;
    preparation_init(&p, code, syntax_root(tree));
    find_faults(&p);
    if (!p.fault.found) {
        erase_what_parsing_dropped(&p, buf_span(&parsed));
        strip_types(&p);
        find_form(&p);
    }
    if (p.fault.found)
        write_failure(&p, ret);
    else
        write_result(&p, ret);
    syntax_free(tree);
    if (buf_check(&ret->check_text, "the prepared code", err) < 0 ||
        buf_check(&ret->run_text, "the prepared code", err) < 0)
        return -1;
    return buf_check(&ret->notes, "the notes on the code", err);
}

/* The offset of the first byte that is no text, or code.len. */
static size_t find_no_text(struct span code)
{
    size_t at = 0;

    while (at < code.len) {
        uint32_t point;
        size_t len = utf8_decode(code.data + at, code.len - at, &point);

        if (len == 0 || point == 0)
            break;
        at += len;
    }
    return at;
}

/* The code with a byte order mark and all that is outside a fenced block blanked. */
static void take_off(struct span code, struct buf *out)
{
    struct edits edits;

    edits_init(&edits, code);
    if (span_starts_with(code, SPAN("\xEF\xBB\xBF")))
        edits_blank(&edits, 0, 3);
    fences_blank(&edits);
    edits_write(&edits, out, NULL);
    edits_done(&edits);
}

int prepare_code(struct span code, struct prepare_result *ret, struct err *err)
{
    CLEANUP(buf) struct buf plain = BUF(LIMIT_CODE_BYTES);
    struct fault fault = { .message =
                               "this byte is no text: the code must be UTF-8 without U+0000" };

    if (code.len > LIMIT_CODE_BYTES)
        return err_set(err, ERR_LIMIT, "the code has %zu bytes, the limit is %d", code.len,
                       LIMIT_CODE_BYTES);
    fault.at = find_no_text(code);
    if (fault.at < code.len) {
        write_fault(&fault, span_make(code.data, fault.at), &ret->notes);
        return buf_check(&ret->notes, "the notes on the code", err);
    }
    take_off(code, &plain);
    return prepare_plain(buf_span(&plain), ret, err);
}
