/*
 * What the steps of preparing share: the code, its tree, the changes to both
 * texts, and the first fault.  Used by isolate/prepare*.c and strip*.c only.
 */
#ifndef ISOLATE_PREPARATION_H
#define ISOLATE_PREPARATION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "isolate/edits.h"
#include "isolate/syntax.h"

struct fault {
    bool found;
    bool syntax; /* the checker may explain it better */
    size_t at;
    char message[256];
};

struct member_scope;
struct member_scopes {
    struct member_scope *list; /* owned */
    size_t count, capacity;
};

struct preparation {
    struct span code; /* without fences */
    struct node root;
    struct edits check, run; /* changes to the text for the checker and to the one to run */
    struct buf check_head, check_foot, run_head, run_foot; /* what goes around the code */
    const char *form;
    struct node result; /* the statement whose value is the result; none when there is none */
    struct member_scopes scopes; /* of the enums and namespaces met so far */
    struct fault fault;
};

/* Keeps the first fault: what is wrong with the code at byte `at`. */
void fault_at(struct preparation *p, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Erases a node that stands as a statement or a class member from the text to run: a semicolon and
 * spaces, so that what is before it can't run on into what follows. */
void erase_statement(struct preparation *p, struct node node);
/* From both texts. */
void erase_statement_everywhere(struct preparation *p, struct node node);

/* prepare_parse.c: parses a script (valid UTF-8, no U+0000).  Appends the text that was parsed,
 * which is as long as the code and may differ from it, to *ret_parsed.  NULL with ERR_LIMIT when
 * that takes too long.  The caller frees the tree by syntax_free. */
struct syntax_tree *parse_script(struct span code, struct buf *ret_parsed, struct err *err);
/* Erases types that had to be blanked for the parser. */
void erase_what_parsing_dropped(struct preparation *p, struct span parsed);

/* prepare_syntax.c: finds syntax errors, nesting over the limit, and what no engine here runs. */
void find_faults(struct preparation *p);

/* prepare_modules.c: an import or export statement; `top` when it stands in the program itself. */
void prepare_import(struct preparation *p, struct node node);
void prepare_export(struct preparation *p, struct node node, bool top);

/* strip.c: erases types from the text to run, and rewrites what has values. */
void strip_types(struct preparation *p);
/* True when a statement consists of types alone. */
bool is_type_statement(struct node node);
/* The namespace in an expression statement, which is what the grammar makes of some; else none. */
struct node statement_namespace(struct node statement);

/* rewrite.c, rewrite_namespace.c: TypeScript that has values at run time. */
void rewrite_enum(struct preparation *p, struct node node);
void rewrite_namespace(struct preparation *p, struct node node);
/* What goes around the body of an enum, or of a namespace by its first name. */
void open_part(struct preparation *p, struct node node, struct node body, struct span name);
void close_part(struct preparation *p, struct node node, struct node body, struct span name);
void rewrite_class_body(struct preparation *p, struct node node);
void rewrite_import_alias(struct preparation *p, struct node node);

/* rewrite_members.c: names in the parts of enums and namespaces. */
/* The statement that a declaration is: itself, or the one around it (`export`, or what the grammar
 * takes a namespace for at times). */
struct node outer_statement(struct node node);
/* The declaration that a statement holds: itself, or what it exports. */
struct node inner_declaration(struct node statement);
/* The namespace whose body a statement stands in; none when it is another block. */
struct node namespace_around(struct node statement);
/* Of `A.B.C`: `A`, and `B.C`. */
struct span first_name(struct span dotted);
struct span further_names(struct span dotted);
/* True when something declared before in the same block is what a declaration adds to. */
bool has_earlier_part(struct preparation *p, struct node node);
/* From here on, bare names in the body of an enum or namespace may be members of its other parts.
 */
void open_scopes(struct preparation *p, struct node declaration);
/* Puts the object before a name that is a member of one. */
void qualify_name(struct preparation *p, struct node node);
void member_scopes_done(struct member_scopes *scopes);

/* prepare_form.c: finds the form of the code and what its result is. */
void find_form(struct preparation *p);

/* prepare_lint.c: appends a JSON array of what the type checker doesn't find. */
void find_lints(struct preparation *p, struct buf *out);

#endif
