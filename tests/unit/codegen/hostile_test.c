/*
 * Servers that send text made to break out: whatever it is and wherever it
 * stands, what is declared of them parses as TypeScript and holds nothing but
 * declarations.
 */
#include "tests/unit/test.h"

#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"
#include "codegen/describe.h"
#include "codegen/search.h"
#include "isolate/syntax.h"

#define TEXT_MAX_BYTES ((size_t)4 * 1024 * 1024)

static const char *const hostile[] = {
    "*/ declare const evil: any; /*",
    "\n}\ndeclare const evil: any;\ninterface X {\n",
    "\"); evil(); (\"",
    "'; evil(); '",
    "`${evil()}`",
    "${evil()}",
    "\\",
    "\\\"",
    "\\`",
    "// evil",
    "<script>evil()</script>",
    "/// <reference path=\"/etc/passwd\" />",
    "@ts-ignore",
    "@deprecated\n@ts-expect-error",
    "\r\nevil();\r\n",
    "\xE2\x80\xA8 evil(); \xE2\x80\xA9", /* line and paragraph separator */
    /* Bidirectional override, isolate.  NOLINTNEXTLINE(misc-misleading-bidirectional) */
    "\xE2\x80\xAE live \xE2\x81\xA6\xE2\x81\xA9",
    "\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD", /* shows nothing */
    "\xF3\xA0\x81\x85\xF3\xA0\x81\x96", /* tag characters */
    "\x1B[31m\x1B]0;title\x07",
    ("\xC2\x9B"
     "31m"), /* CSI in one character */
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "class",
    "default",
    "await",
    "new",
    "delete",
    "enum",
    "any",
    "never",
    "null",
    "undefined",
    "string",
    "Promise",
    "globalThis",
    "mcp",
    "0",
    "-1",
    "1e999",
    " ",
    "a b",
    "a.b",
    "a-b",
    "[key: string]",
    "?",
    "readonly x",
    "\xE5\x90\x8D\xE5\x89\x8D",
};

/* A text as the key and the value of everything a schema can have. */
static json_t *schema_of(const char *text)
{
    json_t *pattern = json_sprintf("^%s", text);
    json_t *reference = json_sprintf("#/$defs/%s", text);
    json_t *schema = json_pack(
        "{s:s, s:s, s:s, s:{s:{s:s,s:s,s:s,s:s,s:[s],s:s,s:s}, s:{s:[s,s]}, s:{s:s}, s:{s:{s:s}},"
        " s:{s:{s:{s:s}},s:{s:s}}, s:{s:o}, s:{s:s,s:{s:s},s:s}}, s:[s,s], "
        "s:{s:{s:s,s:{s:{s:s}}}}}",
        "type", "object", "title", text, "description", text, "properties", text, "type", "string",
        "description", text, "default", text, "format", text, "examples", text, "pattern", text,
        "title", text, "enum", "enum", text, "x", "const", "const", text, "object", "properties",
        text, text, "pattern", "patternProperties", text, "type", "string", "additionalProperties",
        "type", "number", "reference", "$ref", reference, "other", "type", "object", "contains",
        "description", text, "contentEncoding", text, "required", text, "undeclared", "$defs", text,
        "type", "object", "properties", "again", "$ref", "#");
    json_t *patterns = json_object_get(
        json_object_get(json_object_get(schema, "properties"), "pattern"), "patternProperties");

    assert_non_null(schema);
    json_object_set_new(patterns, json_string_value(pattern), json_pack("{s:s}", "type", "null"));
    json_decref(pattern);
    return schema;
}

static json_t *tool_of(const char *text, const char *name)
{
    json_t *tool = json_pack("{s:s, s:s, s:s, s:{s:s}, s:o, s:o}", "name", name, "title", text,
                             "description", text, "annotations", "title", text, "inputSchema",
                             schema_of(text), "outputSchema", schema_of(text));

    assert_non_null(tool);
    return tool;
}

/* A server whose key, tool and schemas are a text; a second tool has a plain name, since a name
 * with a control character is left out. */
static struct catalogue *catalogue_of(const char *text)
{
    json_t *tools = json_pack("[o, o]", tool_of(text, text), tool_of(text, "plain"));
    CLEANUP(str) char *list = json_dumps(tools, 0);
    struct catalogue_lists lists = { .tools = span_of(list) };
    struct catalogue_server *server = catalogue_server_new(text, &lists, NULL, NULL, NULL);
    struct catalogue *catalogue;

    assert_non_null(server);
    assert_true(server->tool_count >= 1);
    catalogue = catalogue_new(&server, 1, 1);
    catalogue_server_unref(server);
    json_decref(tools);
    return catalogue;
}

static bool is_shown(uint32_t c)
{
    return (c >= 0x20 || c == '\n') && (c < 0x7F || c >= 0xA0) && c != 0xAD && c != 0x200B &&
           c != 0xFEFF && !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2060 && c <= 0x206F) &&
           !(c >= 0xE0000 && c <= 0xE0FFF);
}

static void check_characters(struct span text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = 0;
        size_t len = utf8_decode(text.data + at, text.len - at, &c);

        assert_true(len > 0 && is_shown(c));
        at += len;
    }
}

static bool is_declaration(enum kind kind)
{
    return kind == KIND_INTERFACE || kind == KIND_AMBIENT || kind == KIND_COMMENT;
}

/* What could do something, or stands in no declaration of ours. */
static bool is_foreign(enum kind kind)
{
    return kind == KIND_ERROR || kind == KIND_EXPRESSION_STATEMENT || kind == KIND_VARIABLE ||
           kind == KIND_CLASS_DECLARATION || kind == KIND_FUNCTION_SIGNATURE ||
           kind == KIND_IMPORT || kind == KIND_EXPORT;
}

static void check_declarations(struct span text)
{
    struct err err = ERR_INIT;
    struct syntax_tree *tree = syntax_parse(text, &err);

    if (!tree)
        fail_msg("%s", err.text);
    {
        CLEANUP(children) struct children it = children_of(syntax_root(tree));
        CLEANUP(walk) struct walk walk = walk_of(syntax_root(tree));

        while (children_next(&it))
            assert_true(is_declaration(it.kind));
        while (walk_next(&walk)) {
            if (is_foreign(walk.kind))
                fail_msg("not a declaration:\n%.*s", SPAN_ARG(text));
        }
    }
    assert_false(node_has_error(syntax_root(tree)));
    syntax_free(tree);
}

static void declares_nothing_but_tools(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(hostile); i++) {
        struct catalogue *catalogue = catalogue_of(hostile[i]);

        for (int style = 0; style <= DECLARATION_FULL; style++) {
            CLEANUP(buf) struct buf out = BUF(TEXT_MAX_BYTES);

            assert_int_equal(declarations_of_server(catalogue->servers[0],
                                                    (enum declaration_style)style, &out, NULL),
                             0);
            check_characters(buf_span(&out));
            check_declarations(buf_span(&out));
        }
        catalogue_unref(catalogue);
    }
}

static void describes_without_unseen_characters(void **state)
{
    static const struct describe_options options = { .budget_tokens = 8000 };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(hostile); i++) {
        struct catalogue *catalogue = catalogue_of(hostile[i]);
        CLEANUP(buf) struct buf out = BUF(TEXT_MAX_BYTES);

        assert_int_equal(describe_catalogue(catalogue, &options, &out, NULL), 0);
        check_characters(buf_span(&out));
        catalogue_unref(catalogue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declares_nothing_but_tools),
        cmocka_unit_test(describes_without_unseen_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
