/*
 * Erases types from a module on standard input, for the differential test:
 * strip.mjs compares the result with TypeScript's own.  Imports are left out.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "isolate/preparation.h"

#define INPUT_MAX_BYTES (4 * 1024 * 1024)

/* Blanks imports, and exports from other modules: what is bound to names there is not compared. */
static void blank_modules(struct preparation *p)
{
    CLEANUP(children) struct children it = children_of(p->root);

    while (children_next(&it)) {
        if (it.kind == KIND_IMPORT ||
            (it.kind == KIND_EXPORT && node_exists(node_field(it.node, "source"))))
            edits_blank(&p->run, node_start(it.node), node_end(it.node));
    }
}

static int strip(struct span code, struct buf *out, struct err *err)
{
    struct preparation p = { .code = code };
    CLEANUP(buf) struct buf parsed = BUF(INPUT_MAX_BYTES);
    struct syntax_tree *tree = parse_script(code, &parsed, err);

    if (!tree)
        return -1;
    p.root = syntax_root(tree);
    edits_init(&p.check, code);
    edits_init(&p.run, code);
    find_faults(&p);
    erase_what_parsing_dropped(&p, buf_span(&parsed));
    strip_types(&p);
    blank_modules(&p);
    edits_write(&p.run, out, NULL);
    edits_done(&p.check);
    edits_done(&p.run);
    member_scopes_done(&p.scopes);
    syntax_free(tree);
    return p.fault.found && p.fault.syntax ? err_set(err, ERR_INVALID, "%s", p.fault.message) : 0;
}

int main(void)
{
    CLEANUP(buf) struct buf code = BUF(INPUT_MAX_BYTES);
    CLEANUP(buf) struct buf out = BUF(16 * INPUT_MAX_BYTES);
    struct err err = ERR_INIT;

    if (fd_read_all(STDIN_FILENO, &code, &err) < 0 || strip(buf_span(&code), &out, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return fwrite(out.data, 1, out.len, stdout) == out.len ? 0 : 1;
}
