#!/usr/bin/env bash
# Functions that this project does not call, and where an exception holds.
# Prints each place; exits with 1 when there is one.
set -euo pipefail
cd "$(dirname "$0")/../.."

BANNED='strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|strtok_r|atoi|atol|atoll|atof|gets|scanf|sscanf|fscanf|alloca|tmpnam|mktemp|rand|srand'
PROCESS='system|popen|usleep|signal|setjmp|longjmp'
# Memory comes from base/mem.h, but for V8's allocator, which must see a failure,
# and the engine without V8, which uses up memory on purpose.
MEMORY='malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf'
# tree-sitter reads wild memory when asked about a node that is none: isolate/syntax.h asks for all.
TREE_SITTER='ts_(node|tree|parser|query)_[a-z0-9_]+'
found=0

# The text of a C file without comments and string literals, lines kept.
code_only() { # FILE
    perl -0777 -pe '
        s{("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)|/\*.*?\*/|//[^\n]*}
         { my $t = $&; defined $1 ? "\"\"" : ($t =~ tr/\n//cdr) }gse' "$1"
}

# In CODE, the text of FILE.
forbid() { # FILE WORDS WHY
    local hits
    hits=$(grep -nE "(^|[^A-Za-z0-9_.>])($2)[[:space:]]*\(" <<<"$CODE" || true)
    [[ -n $hits ]] || return 0
    found=1
    while IFS= read -r line; do
        printf '%s:%s  [%s]\n' "$1" "$line" "$3"
    done <<<"$hits"
}

while IFS= read -r file; do
    CODE=$(code_only "$file")
    forbid "$file" "$BANNED" "banned"
    [[ $file == tests/* ]] || forbid "$file" "$PROCESS" "banned"
    case $file in
    base/* | tests/* | isolate/engine_v8_memory.cc | isolate/engine_null.c) ;;
    *) forbid "$file" "$MEMORY" "use base/mem.h or base/buf.h" ;;
    esac
    [[ $file == isolate/syntax.c ]] || forbid "$file" "$TREE_SITTER" "use isolate/syntax.h"
    case $file in
    */main.c | tests/*) ;;
    *) forbid "$file" 'exit' "only main may exit" ;;
    esac
done < <(git ls-files '*.c' '*.h' '*.cc')

exit "$found"
