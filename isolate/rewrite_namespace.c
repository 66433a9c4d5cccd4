/*
 * Namespaces become objects in place, so that their expressions stay on their
 * lines; what one exports stays a variable of its body, seen through getters.
 *
 *     namespace N { ... }      let N=(N=>{<getters of what it exports> ...;return N})({});
 *     namespace N { ... }      ;(N=>{...;return N})(N);          a further part
 *     namespace A.B { ... }    let A=(A=>{(B=>{...;return B})(A.B ??= {});return A})({});
 *
 * A namespace that another one exports goes on with the object that an earlier
 * part of that one exported by the same name.
 */
#include "isolate/preparation.h"

#include "isolate/bindings.h"

/* What a namespace's parts before this one exported. */
#define EARLIER "__earlier"

/* Opens the function around the body of an object that is declared: the first part makes the
 * object, a further one gets it. */
void open_part(struct preparation *p, struct node node, struct node body, struct span name)
{
    edits_blank(&p->run, node_start(node), node_start(body));
    if (has_earlier_part(p, node))
        edits_insert(&p->run, node_start(node), ";(%.*s=>", SPAN_ARG(name));
    else
        edits_insert(&p->run, node_start(node), "let %.*s=(%.*s=>", SPAN_ARG(name), SPAN_ARG(name));
}

void close_part(struct preparation *p, struct node node, struct node body, struct span name)
{
    struct node statement = outer_statement(node);
    bool exported = node_kind(statement) == KIND_EXPORT && node_exists(namespace_around(statement));

    if (has_earlier_part(p, node))
        edits_insert(&p->run, node_end(body), ")(%.*s);", SPAN_ARG(name));
    else if (exported)
        edits_insert(&p->run, node_end(body), ")(" EARLIER ".%.*s??{});", SPAN_ARG(name));
    else
        edits_insert(&p->run, node_end(body), ")({});");
}

/* `get name(){return name},`, with a setter for what may be assigned, for all names that a
 * statement exports. */
static void write_getters(struct preparation *p, struct node statement, struct buf *out)
{
    struct node declaration = node_field(statement, "declaration");
    enum kind kind = node_kind(declaration);
    bool assignable =
        (kind == KIND_LEXICAL || kind == KIND_VARIABLE) && !node_has(declaration, KIND_WORD_CONST);
    CLEANUP(name_set) struct name_set names = NAME_SET_INIT;

    if (!node_exists(declaration))
        return;
    statement_names(statement, p->code, &names);
    for (size_t i = 0; i < names.count; i++) {
        struct span name = names.names[i];

        buf_printf(out, "get %.*s(){return %.*s},", SPAN_ARG(name), SPAN_ARG(name));
        if (assignable)
            buf_printf(out, "set %.*s(v){%.*s=v},", SPAN_ARG(name), SPAN_ARG(name));
    }
}

/* Opens the body of a namespace with the getters through which what it exports is seen from
 * outside, and closes it with the object itself. */
static void fill_body(struct preparation *p, struct node body, struct span name)
{
    CLEANUP(buf) struct buf getters = BUF(8 * LIMIT_CODE_BYTES);
    CLEANUP(children) struct children it = children_of(body);

    while (children_next(&it)) {
        if (it.kind == KIND_EXPORT)
            write_getters(p, it.node, &getters);
    }
    edits_insert(&p->run, node_start(body) + 1,
                 "const " EARLIER "={...%.*s};"
                 "Object.defineProperties(%.*s,Object.getOwnPropertyDescriptors({%s}));",
                 SPAN_ARG(name), SPAN_ARG(name), buf_str(&getters));
    edits_insert(&p->run, node_end(body) - 1, ";return %.*s", SPAN_ARG(name));
}

/* Opens a function for each further name of `A.B`, with the object of that name in the one before.
 */
static struct span
wrap_further(struct preparation *p, struct node node, struct node body, struct span dotted)
{
    CLEANUP(buf) struct buf close = BUF(8 * LIMIT_CODE_BYTES);
    struct span rest = further_names(dotted), before = first_name(dotted);

    for (; rest.len; rest = further_names(rest)) {
        struct span name = first_name(rest);
        CLEANUP(str) char *after = buf_take(&close);

        edits_insert(&p->run, node_start(node), "{(%.*s=>", SPAN_ARG(name));
        buf_printf(&close, ")(%.*s.%.*s?\?={});return %.*s}%s", SPAN_ARG(before), SPAN_ARG(name),
                   SPAN_ARG(before), after);
        before = name;
    }
    edits_insert(&p->run, node_end(body), "%s", buf_str(&close));
    return before;
}

void rewrite_namespace(struct preparation *p, struct node node)
{
    struct node name_node = node_field(node, "name"), body = node_field(node, "body");
    struct span dotted = node_text(name_node, p->code);
    struct span last;

    if (is_type_statement(node)) {
        erase_statement(p, node);
        return;
    }
    if (!node_exists(name_node) || !node_exists(body))
        return;
    open_scopes(p, node);
    open_part(p, node, body, first_name(dotted));
    last = wrap_further(p, node, body, dotted);
    close_part(p, node, body, first_name(dotted));
    fill_body(p, body, last);
}
