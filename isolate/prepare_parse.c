/*
 * Parsing, with what tree-sitter's grammar reads otherwise than TypeScript
 * mended: the text that is parsed differs from the code there, byte for byte
 * as long.
 */
#include "isolate/mend.h"
#include "isolate/preparation.h"

#include <string.h>

/* A type that runs on over a line end hides one more behind it; nobody writes many. */
#define REPARSE_MAX 16

/* True when a type goes on behind a line end with a bracket, which TypeScript takes for a new
 * statement; turns that line end into a semicolon in the text to parse. */
static bool end_types_at_lines(struct node root, struct span code, struct buf *parsed)
{
    CLEANUP(walk) struct walk walk = walk_of(root);
    bool changed = false;

    while (walk_next(&walk)) {
        struct node element, bracket;

        if (walk.kind != KIND_LOOKUP_TYPE && walk.kind != KIND_ARRAY_TYPE)
            continue;
        element = node_child_at(walk.node, 0);
        bracket = node_child(walk.node, KIND_BRACKET_OPEN);
        if (!node_exists(bracket) || !has_line_end(code, node_end(element), node_start(bracket)))
            continue;
        parsed->data[node_end(element)] = ';';
        changed = true;
    }
    return changed;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/* The length of a variance word (`in`, `out`) that stands at `at` before a name, else 0. */
static size_t variance_len(struct span text, size_t at)
{
    struct span rest = span_skip(text, at);
    size_t len = span_starts_with(rest, SPAN("in "))    ? 2
                 : span_starts_with(rest, SPAN("out ")) ? 3
                                                        : 0;

    if (len == 0 || len + 1 >= rest.len || (at > 0 && is_name(text.data[at - 1])))
        return 0;
    return is_name(rest.data[len + 1]) ? len : 0;
}

/* Blanks `in` and `out` before type parameters where the grammar, which knows them not, stumbled;
 * they are erased with the parameters anyway. */
static bool drop_variance(struct node root, struct buf *parsed)
{
    CLEANUP(walk) struct walk walk = walk_of(root);
    bool changed = false;

    if (!node_has_error(root))
        return false;
    while (walk_next(&walk)) {
        if (walk.kind != KIND_TYPE_PARAMETERS || !node_has_error(walk.node))
            continue;
        for (size_t at = node_start(walk.node); at < node_end(walk.node); at++) {
            size_t len = variance_len(buf_span(parsed), at);

            memset(parsed->data + at, ' ', len);
            changed = changed || len > 0;
        }
    }
    return changed;
}

/* `value as A.B.C` ends too early in the grammar, at `A.B`; as it is erased, `A.B_C` does as well.
 */
static bool join_qualified_names(struct node root, struct buf *parsed)
{
    CLEANUP(walk) struct walk walk = walk_of(root);
    bool changed = false;

    while (walk_next(&walk)) {
        struct node object;

        if (walk.kind != KIND_MEMBER)
            continue;
        object = node_field(walk.node, "object");
        if (!node_exists(object) ||
            (node_kind(object) != KIND_AS && node_kind(object) != KIND_SATISFIES) ||
            parsed->data[node_end(object)] != '.')
            continue;
        parsed->data[node_end(object)] = '_';
        changed = true;
    }
    return changed;
}

/* Mends by the tree, until nothing is left to mend.  Takes the tree, returns the last one. */
static struct syntax_tree *
mend_by_tree(struct syntax_tree *tree, struct span code, struct buf *parsed, struct err *err)
{
    for (unsigned i = 0; tree && i < REPARSE_MAX; i++) {
        bool ended = end_types_at_lines(syntax_root(tree), code, parsed);
        bool dropped = drop_variance(syntax_root(tree), parsed);
        bool joined = !ended && join_qualified_names(syntax_root(tree), parsed);

        if (!ended && !dropped && !joined)
            break;
        syntax_free(tree);
        tree = syntax_parse(buf_span(parsed), err);
    }
    return tree;
}

/* Mends the text itself.  The result counts only when it has no error; else it is NULL, and
 * `parsed` is what it was. */
static struct syntax_tree *
mend_by_text(struct node root, struct span code, struct buf *parsed, struct err *err)
{
    CLEANUP(buf) struct buf mended = BUF(code.len);
    struct syntax_tree *tree;
    bool changed;

    buf_add_span(&mended, buf_span(parsed));
    changed = mend_tag_types(&mended);
    changed = (node_has_error(root) && mend_signatures(&mended)) || changed;
    if (!changed)
        return NULL;
    tree = mend_by_tree(syntax_parse(buf_span(&mended), err), code, &mended, err);
    if (!tree || node_has_error(syntax_root(tree))) {
        syntax_free(tree);
        return NULL;
    }
    memcpy(parsed->data, mended.data, mended.len);
    return tree;
}

struct syntax_tree *parse_script(struct span code, struct buf *ret_parsed, struct err *err)
{
    struct err unmended = ERR_INIT; /* a text that mending makes too long to parse stays unmended */
    struct syntax_tree *tree, *mended;

    buf_add_span(ret_parsed, code);
    tree = mend_by_tree(syntax_parse(code, err), code, ret_parsed, err);
    mended = tree ? mend_by_text(syntax_root(tree), code, ret_parsed, &unmended) : NULL;
    if (mended)
        syntax_free(tree);
    return mended ? mended : tree;
}

void erase_what_parsing_dropped(struct preparation *p, struct span parsed)
{
    for (size_t i = 0; i < parsed.len; i++) {
        if (parsed.data[i] == ' ' && (unsigned char)p->code.data[i] > ' ')
            edits_blank(&p->run, i, i + 1);
    }
}
