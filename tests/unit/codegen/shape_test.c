#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "codegen/shape.h"
#include "codegen/type_print.h"

#define TEXT_MAX_BYTES ((size_t)32 * 1024 * 1024)
#define REPLIES_MAX    6

static char *type_of(const struct shape_root *root)
{
    static const struct type_style line = { .document = NULL };
    struct buf out = BUF(TEXT_MAX_BYTES);
    struct type_set set;

    type_set_init(&set, 40000);
    type_print(&out, shape_type(&set, &root->shape), &line, "", 0);
    type_set_done(&set);
    return buf_take(&out);
}

static bool see(struct shape_root *root, const char *json)
{
    assert_int_equal(json_check(span_of(json), 0, NULL), 0);
    return shape_see(root, span_of(json));
}

static const struct row {
    const char *replies[REPLIES_MAX];
    const char *type;
} rows[] = {
    { { "\"text\"" }, "string" },
    { { "17" }, "number" },
    { { "null" }, "null" },
    { { "[]" }, "any[]" },
    { { "{}" }, "{ [key: string]: any }" },
    { { "[]", "[1]", "[\"a\"]" }, "(string | number)[]" },
    { { "{\"a\":1}", "{\"a\":\"x\"}", "{\"a\":null}" }, "{ a: string | number | null }" },
    { { "{\"a\":1,\"b\":true}", "{\"a\":2}" }, "{ a: number; b?: boolean }" },
    { { "{\"a\":1}", "{\"a\":2,\"b\":true}" }, "{ a: number; b?: boolean }" },
    { { "{\"a\":1}", "[{\"a\":1}]", "\"none\"" }, "string | { a: number }[] | { a: number }" },
    { { "[{\"a\":1},{\"b\":2},{\"a\":3,\"b\":4}]" }, "{ a?: number; b?: number }[]" },
    { { "{\"a\":{\"b\":{\"c\":[[1]]}}}" }, "{ a: { b: { c: number[][] } } }" },
    { { "{\"a\":null}", "{\"a\":{\"b\":1}}" }, "{ a: { b: number } | null }" },
    /* the same name twice; an escaped name */
    { { "{\"a\":1,\"a\":\"x\"}" }, "{ a: string | number }" },
    { { "{\"\\u0061b\":1}" }, "{ ab: number }" },
    { { "{\"content-type\":\"x\",\"@id\":\"y\",\"$ref\":\"z\"}" },
      "{ \"content-type\": string; \"@id\": string; $ref: string }" },
    /* names that are data */
    { { "{\"550e8400-e29b-41d4-a716-446655440000\":{\"n\":1}}" },
      "{ [key: string]: { n: number } }" },
    { { "{\"someone@example.com\":1,\"other@example.com\":\"x\"}" },
      "{ [key: string]: string | number }" },
    { { "{\"2026-01-31\":1}" }, "{ [key: string]: number }" },
    { { "{\"John Smith\":1}" }, "{ [key: string]: number }" },
    { { "{\"/etc/passwd\":1}", "{\"https://example.com/\":2}" }, "{ [key: string]: number }" },
    { { "{\"\":1,\"\\u0000\":2,\"\\ud800\":3}" }, "{ [key: string]: number }" },
    { { "{\"total\":1,\"48213\":2}" }, "{ total: number; [key: string]: number }" },
    { { "{\"total\":\"x\",\"48213\":2}" }, "{ total: string; [key: string]: any }" },
    /* names that are told apart by nothing but themselves are keys */
    { { "{\"ann\":{\"id\":1},\"bob\":{\"id\":2},\"eve\":{\"id\":3},\"joe\":{\"id\":4}}" },
      "{ [key: string]: { id: number } }" },
    { { "{\"ann\":1,\"bob\":2,\"cyd\":3}", "{\"dan\":1,\"eve\":2}",
        "{\"fay\":1,\"gus\":2,\"hal\":3}" },
      "{ [key: string]: number }" },
    { { "{\"ann\":{\"id\":1},\"bob\":{\"id\":2},\"eve\":{\"id\":3},\"joe\":{\"id\":4}}",
        "{\"sue\":{\"id\":1,\"age\":2}}" },
      "{ [key: string]: { id: number; age?: number } }" },
};

static void merges_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct shape_root root = { 0 };
        CLEANUP(str) char *type = NULL;

        for (size_t k = 0; k < REPLIES_MAX && rows[i].replies[k]; k++)
            see(&root, rows[i].replies[k]);
        type = type_of(&root);
        assert_string_equal(type, rows[i].type);
        shape_done(&root);
        assert_int_equal(root.nodes, 0);
    }
}

static void tells_whether_it_changed(void **state)
{
    struct shape_root root = { 0 };

    (void)state;
    assert_true(see(&root, "{\"a\":[1],\"b\":2}"));
    assert_false(see(&root, "{\"a\":[7,8],\"b\":9}"));
    assert_true(see(&root, "{\"a\":[1]}"));
    assert_false(see(&root, "{\"a\":[]}"));
    assert_true(see(&root, "{\"a\":[\"x\"]}"));
    shape_done(&root);
}

static void keeps_no_value(void **state)
{
    static const char *const secrets[] = { "hunter", "8134", "someone", "tok-", "Basel" };
    struct shape_root root = { 0 };
    CLEANUP(buf) struct buf out = BUF(SHAPE_TEXT_BYTES);

    (void)state;
    see(&root,
        "{\"password\":\"hunter2\",\"pin\":8134,\"someone@example.com\":{\"n\":[\"hunter\"]},"
        "\"tok-81f3a9c2e\":1,\"in Basel\":true}");
    assert_int_equal(shape_write(&root.shape, &out, NULL), 0);
    for (size_t i = 0; i < ARRAY_COUNT(secrets); i++)
        assert_null(strstr(buf_str(&out), secrets[i]));
    assert_non_null(strstr(buf_str(&out), "password"));
    shape_done(&root);
}

static void survives_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct shape_root root = { 0 }, again = { 0 };
        CLEANUP(buf) struct buf out = BUF(SHAPE_TEXT_BYTES);

        for (size_t k = 0; k < REPLIES_MAX && rows[i].replies[k]; k++)
            see(&root, rows[i].replies[k]);
        assert_int_equal(shape_write(&root.shape, &out, NULL), 0);
        assert_int_equal(shape_read(buf_span(&out), &again, NULL), 0);
        assert_true(shape_equal(&root.shape, &again.shape));
        assert_int_equal(root.nodes, again.nodes);
        shape_done(&root);
        shape_done(&again);
    }
}

static void refuses_other_texts(void **state)
{
    static const char *const texts[] = {
        "",
        "[",
        "[]",
        "{}",
        "{\"kinds\":\"x\"}",
        "{\"kinds\":-2}",
        "{\"kinds\":1}",
        "{\"kinds\":128}",
        "{\"kinds\":64,\"names\":{\"a b\":{\"kinds\":4}}}",
        "{\"kinds\":64,\"names\":{\"a\":{\"kinds\":4},\"a\":{\"kinds\":4}}}",
        "{\"kinds\":64,\"names\":{\"a\":{}}}",
        "{\"kinds\":64,\"others\":[]}",
        "{\"kinds\":32,\"elements\":{\"kinds\":2,\"names\":{\"a\":1}}}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct shape_root root = { 0 };
        struct err err = ERR_INIT;

        assert_int_equal(shape_read(span_of(texts[i]), &root, &err), -1);
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(root.nodes, 0);
        assert_int_equal(root.shape.kinds, 0);
    }
}

/* Nested `depth` deep in arrays and objects by turns. */
static char *nested(size_t depth)
{
    struct buf out = BUF(TEXT_MAX_BYTES);

    for (size_t i = 0; i < depth; i++)
        buf_add_str(&out, i % 2 ? "[" : "{\"a\":");
    buf_add_char(&out, '1');
    for (size_t i = depth; i > 0; i--)
        buf_add_char(&out, (i - 1) % 2 ? ']' : '}');
    return buf_take(&out);
}

static void bounds_depth(void **state)
{
    struct shape_root root = { 0 };
    CLEANUP(str) char *json = nested(400);
    CLEANUP(str) char *type = NULL;

    (void)state;
    see(&root, json);
    type = type_of(&root);
    assert_true(root.nodes <= SHAPE_DEPTH_MAX);
    assert_true(strlen(type) < 200);
    shape_done(&root);
}

static void bounds_names(void **state)
{
    struct shape_root root = { 0 };
    CLEANUP(buf) struct buf json = BUF(TEXT_MAX_BYTES);
    CLEANUP(str) char *type = NULL;

    (void)state;
    buf_add_char(&json, '{');
    for (int a = 'a'; a <= 'z'; a++) {
        for (int b = 'a'; b <= 'd'; b++)
            buf_printf(&json, "%s\"%c%c\":%d", json.len > 1 ? "," : "", a, b, a);
    }
    buf_add_char(&json, '}');
    see(&root, buf_str(&json));
    type = type_of(&root);
    assert_string_equal(type, "{ [key: string]: number }");
    shape_done(&root);
}

/* Objects in objects, whose names are others in each reply. */
static void add_changing(struct buf *json, unsigned reply, unsigned level)
{
    buf_add_char(json, '{');
    for (unsigned i = 0; i < 6; i++) {
        buf_printf(json, "%s\"n%c%c%c\":", i ? "," : "", 'a' + (int)(reply % 26),
                   'a' + (int)(reply / 26 % 26), 'a' + (int)i);
        if (level == 4)
            buf_add_str(json, i % 2 ? "1" : "[{\"x\":1}]");
        else
            add_changing(json, reply * 7 + i, level + 1);
    }
    buf_add_char(json, '}');
}

static void bounds_what_changes_for_ever(void **state)
{
    struct shape_root root = { 0 };
    CLEANUP(buf) struct buf text = BUF(SHAPE_TEXT_BYTES);

    (void)state;
    for (unsigned reply = 0; reply < 200; reply++) {
        CLEANUP(buf) struct buf json = BUF(TEXT_MAX_BYTES);

        add_changing(&json, reply, 0);
        see(&root, buf_str(&json));
        assert_true(root.nodes <= SHAPE_NODES_MAX);
    }
    assert_int_equal(shape_write(&root.shape, &text, NULL), 0);
    shape_done(&root);
    assert_int_equal(root.nodes, 0);
}

static void bounds_what_is_walked_over(void **state)
{
    struct shape_root root = { 0 };
    CLEANUP(buf) struct buf json = BUF(TEXT_MAX_BYTES);
    CLEANUP(str) char *type = NULL;

    (void)state;
    see(&root, "{\"first\":1,\"last\":1}");
    buf_add_str(&json, "{\"first\":\"");
    for (size_t i = 0; i <= SHAPE_LOOK_BYTES; i++)
        buf_add_char(&json, 'x');
    buf_add_str(&json, "\"}");
    see(&root, buf_str(&json));
    type = type_of(&root);
    assert_string_equal(type, "{ first: number; last: number }");
    shape_done(&root);
}

static void tells_names_from_data(void **state)
{
    static const char *const names[] = { "id",      "created_at", "htmlUrl", "sha256", "line_2",
                                         "$schema", "@type",      "x-y",     "r2d2" };
    static const char *const data[] = { "",          "1",      "a b",       "a.b", "a/b",
                                        "a@b",       "a:b",    "item48213", "é",   "f81d4fae",
                                        "a1b2c3d4e", "2026-1", "x\xff",     "-x",  "C:\\x" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        assert_false(shape_name_is_data(span_of(names[i])));
    for (size_t i = 0; i < ARRAY_COUNT(data); i++)
        assert_true(shape_name_is_data(span_of(data[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_replies),
        cmocka_unit_test(tells_whether_it_changed),
        cmocka_unit_test(keeps_no_value),
        cmocka_unit_test(survives_its_text),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(bounds_depth),
        cmocka_unit_test(bounds_names),
        cmocka_unit_test(bounds_what_changes_for_ever),
        cmocka_unit_test(bounds_what_is_walked_over),
        cmocka_unit_test(tells_names_from_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
