/*
 * Scripts over outputs that were observed, checked by the real compiler: what
 * was not in all replies must be looked for, and nothing else that replies
 * were like is held against a script.
 */
#include "tests/unit/test.h"

#include <string.h>

#include "codegen/observed.h"
#include "tests/unit/proxy/check/harness.h"

#define TOOLS                                                                   \
    "[{\"name\":\"look\",\"inputSchema\":{\"type\":\"object\",\"properties\":{" \
    "\"id\":{\"type\":\"string\"}}}},"                                          \
    "{\"name\":\"say\",\"inputSchema\":{\"type\":\"object\",\"properties\":{}}}]"

static const char *const replies[] = {
    "{\"id\":1,\"title\":\"a\",\"owner\":{\"login\":\"x\",\"seat\":null},\"tags\":[\"t\"],"
    "\"empty\":[],"
    "\"items\":[{\"n\":1,\"by\":{\"name\":\"x\"}}],\"page\":{\"next\":2}}",
    "{\"id\":2,\"title\":\"a\",\"owner\":null,\"tags\":[],\"empty\":[],"
    "\"items\":[{\"n\":1}],\"note\":\"x\"}",
};

static struct catalogue *make_catalogue(void)
{
    struct catalogue_lists lists = { .tools = SPAN(TOOLS) };
    struct catalogue_server *server = catalogue_server_new("s", &lists, NULL, NULL, NULL);
    struct catalogue *catalogue = catalogue_new(&server, 1, 1);

    for (size_t i = 0; i < server->tool_count; i++) {
        struct observed *observed = observed_new(0);

        for (size_t k = 0; k < ARRAY_COUNT(replies); k++)
            shape_see(&observed->root, i ? SPAN("\"text\"") : span_of(replies[k]));
        observed->replies = ARRAY_COUNT(replies);
        server->tools[i].observed = observed;
    }
    catalogue_server_unref(server);
    return catalogue;
}

static int set_up(void **state)
{
    *state = fixture_new(make_catalogue());
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

#define R "const r = await s.look({});\n"

/* Right for replies other than those that were seen. */
static const char *const right[] = {
    R "return [r.id + 1, r.title.length, r.tags[0], r.items[0].n]",
    R "return r.never.seen[0].at.all()",
    R "return r.owner?.login ?? r.note?.length",
    R "if (r.owner && r.page) return r.owner.login + r.page.next",
    R "return r.page!.next",
    R "return r.items.map((i) => i.by?.name).filter(Boolean)",
    R "return r.items.filter((i) => i.other > 1).map((i) => i.other.deep)",
    R "return r.empty.map((x) => x.name)",
    R "return r.owner?.seat.number",
    R "const { id, missing = 5, ...rest } = r;\nreturn [id, missing, rest.page]",
    R
    "return typeof r.id === 'string' ? r.id.trim() : Array.isArray(r.id) ? r.id.length : r.id.deep",
    R "return typeof r === 'string' ? r.split(' ').length : r.id",
    R "let n = 0;\nfor (const x of r) n += x.size;\nreturn n",
    R "return [...r].length",
    R "return r.map((x) => x.id)",
    R "return r.title * 2 - r.id",
    R "return r.id === 'x' || r.title === 5",
    R "return Object.entries(r).map(([key, value]) => key + value.n)",
    R "r.id = 'changed';\nr.tags.push(1);\nr.added = {};\ndelete r.title;\nreturn r",
    R "return JSON.parse(r)",
    R "return s.look({ id: r.id })",
    ("interface Issue { number: number; labels: string[] }\n"
     "const list: Issue[] = await s.look({});\nreturn list[0].labels.join()"),
    "const list = (await s.look({})) as { n: number }[];\nreturn list[0].n",
    "const first = <T,>(list: T[]): T => list[0];\nreturn first(await s.look({})).n",
    "const t = await s.say();\nreturn t.toUpperCase() + t.items.length",
    "const t = await s.say();\nreturn typeof t === 'string' ? t : t.items.map((i) => i.name)",
    "return (await Promise.all([s.look({}), s.say()])).map((x) => x.id)",
};

static const struct {
    const char *code, *words;
} wrong[] = {
    { R "return r.owner.login", "line 2, column 8: 'r.owner' is possibly 'null'. (TS18047)" },
    { R "return r.page.next", "line 2, column 8: 'r.page' is possibly 'undefined'. (TS18048)" },
    { R "return r.note.length",
      "hint: it was not in all replies seen so far: check it first, or use "
      "?. or ??\n" },
    { "return (await s.look({})).page.next", "Object is possibly 'undefined'. (TS2532)" },
    { "return (await s.look({})).page.next",
      "signature: s.look(input?: { id?: string }): Promise<Observed<{ id: number;" },
    { R "return r.items.map((i) => i.by.name)", "'i.by' is possibly 'undefined'" },
    /* What else is wrong stays so, in the order of the script, and nothing is told of kinds. */
    { R "const x = nix;\nreturn r.page.next + r.id.trim()",
      "line 2, column 11: Cannot find name 'nix'" },
    { R "const n: number = r.page.next;\nconst t: number = 'x';\nreturn [n, t]",
      "line 2, column 19: 'r.page' is possibly 'undefined'" },
    { "const r = s.look({});\nreturn r.id", "hint: await it first" },
    { R "return s.look({ id: 1 })", "Type 'number' is not assignable to type 'string'" },
};

static void right_programs_pass(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_COUNT(right); i++) {
        struct outcome outcome = check_with(fixture, fixture->catalogue, right[i]);

        if (outcome.code_of_failure != ERR_NONE || outcome.text.len)
            fail_msg("%s\n%d %s", right[i], outcome.code_of_failure, buf_str(&outcome.text));
        buf_done(&outcome.text);
    }
}

static void what_may_be_missing_is_found(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct outcome outcome = check_with(fixture, fixture->catalogue, wrong[i].code);

        if (outcome.code_of_failure != ERR_NONE || !strstr(buf_str(&outcome.text), wrong[i].words))
            fail_msg("%s\n%d %s", wrong[i].code, outcome.code_of_failure, buf_str(&outcome.text));
        assert_null(strstr(buf_str(&outcome.text), "'trim'"));
        buf_done(&outcome.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(right_programs_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_may_be_missing_is_found, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
