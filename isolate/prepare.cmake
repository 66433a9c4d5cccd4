# Library prepare: from the code as sent to text to check and to run, in the
# worker.  Library shifts: columns of that text back to the code, in the proxy.
mcpfold_library(prepare
    SOURCES bindings.c edits.c fences.c mend.c name_set.c prepare.c prepare_form.c prepare_lint.c prepare_modules.c
            prepare_parse.c prepare_syntax.c rewrite.c rewrite_members.c rewrite_namespace.c
            strip.c syntax.c
    DEPS base tree_sitter_typescript)
mcpfold_library(shifts SOURCES shifts.c DEPS base)
