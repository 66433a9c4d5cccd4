/*
 * The syntax tree: all functions take none, and trees with errors, which lack
 * any part of themselves.
 */
#include "isolate/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void none_has_nothing(void **state)
{
    struct node none = NO_NODE;

    (void)state;
    assert_false(node_exists(none));
    assert_int_equal(node_kind(none), KIND_OTHER);
    assert_string_equal(node_type(none), "");
    assert_int_equal(node_start(none), 0);
    assert_int_equal(node_end(none), 0);
    assert_int_equal(node_text(none, SPAN("abc")).len, 0);
    assert_true(node_same(none, NO_NODE));
    assert_false(node_is_named(none) || node_is_missing(none) || node_has_error(none));
    assert_int_equal(node_child_count(none) + node_named_count(none), 0);
    assert_false(node_has(none, KIND_OTHER));
    assert_false(node_exists(node_unparenthesized(none)));
}

static void neighbours_of_none_are_none(void **state)
{
    struct node none = NO_NODE;

    (void)state;
    assert_false(node_exists(node_parent(none)));
    assert_false(node_exists(node_child_at(none, 0)));
    assert_false(node_exists(node_named_child(none, 0)));
    assert_false(node_exists(node_child(none, KIND_CALL)));
    assert_false(node_exists(node_field(none, "name")));
}

static void walks_of_none_end_at_once(void **state)
{
    CLEANUP(children) struct children children = children_of(NO_NODE);
    CLEANUP(walk) struct walk walk = walk_of(NO_NODE);

    (void)state;
    assert_false(children_next(&children));
    assert_false(walk_next(&walk));
    assert_null(walk_field(&walk));
}

/* Asks all there is to ask about a node. */
static void ask_all(struct node node, struct span code)
{
    assert_true(node_start(node) <= node_end(node) && node_end(node) <= code.len);
    assert_int_equal(node_text(node, code).len, node_end(node) - node_start(node));
    assert_true(node_named_count(node) <= node_child_count(node));
    assert_false(node_exists(node_child_at(node, node_child_count(node))));
    assert_false(node_exists(node_named_child(node, node_named_count(node))));
    assert_false(node_exists(node_field(node, "no such field")));
    assert_true(node_same(node, node));
    assert_false(node_same(node, NO_NODE));
    assert_non_null(node_type(node));
}

static void trees_with_errors_are_asked_safely(void **state)
{
    static const char *const codes[] = {
        "",
        "(",
        "const main = asyncngth=> 3",
        "class { constructor(public",
        "enum {",
        "=> =>",
        "`${",
        "a as",
        "namespace . {",
        "import * from",
        "export default",
        "<T>",
        "f<",
        "x?.[",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
        struct err err = ERR_INIT;
        struct syntax_tree *tree = syntax_parse(span_of(codes[i]), &err);

        assert_non_null(tree);
        CLEANUP(walk) struct walk walk = walk_of(syntax_root(tree));
        while (walk_next(&walk))
            ask_all(walk.node, span_of(codes[i]));
        syntax_free(tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_has_nothing),
        cmocka_unit_test(neighbours_of_none_are_none),
        cmocka_unit_test(walks_of_none_end_at_once),
        cmocka_unit_test(trees_with_errors_are_asked_safely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
