#!/usr/bin/env bash
# Each folder includes only what layers.txt allows, and each library's header
# stands only in the files that libraries.txt names.
set -euo pipefail
cd "$(dirname "$0")/../.."

# "FILE:LINE HEADER KIND" for each #include of the tree.
includes() {
    git ls-files '*.c' '*.h' '*.cc' | xargs grep -HnE '^[[:space:]]*#[[:space:]]*include' |
        sed -nE 's/^([^:]+):([0-9]+):[^<"]*([<"])([^>"]+)[>"].*/\1 \2 \3 \4/p'
}

includes | awk '
    function rest(line) { sub(/^[^:]*:[ ]*/, "", line); return line }
    FILENAME == "tests/lint/layers.txt" {
        if (/^#/ || !/:/) next
        split($0, part, ":"); allowed[part[1]] = rest($0); next
    }
    FILENAME == "tests/lint/libraries.txt" {
        if (/^#/ || !/: /) next
        split($0, part, ": "); owner[part[1]] = part[2]; next
    }
    # The longest folder (or file) of layers.txt that the file lies in.
    function layer(file,   path) {
        for (path = file; path != "" && !(path in allowed); )
            if (!sub(/\/[^\/]*$/, "", path)) path = ""
        return path
    }
    function may_include(file, header,   path, list, count, i) {
        path = layer(file)
        if (path == "") return 1
        if (index(header, path "/") == 1) return 1
        count = split(allowed[path], list, " ")
        for (i = 1; i <= count; i++) if (index(header, list[i]) == 1) return 1
        return 0
    }
    function owned(file, header,   name, list, count, i) {
        for (name in owner) if (header ~ "^(" name ")$") {
            count = split(owner[name], list, " ")
            for (i = 1; i <= count; i++) if (file ~ "^" list[i] "$") return 1
            return 0
        }
        return 1
    }
    $3 == "\"" && !may_include($1, $4) { print $1 ":" $2 ": may not include \"" $4 "\" (tests/lint/layers.txt)"; bad = 1 }
    $3 == "<" && !owned($1, $4) { print $1 ":" $2 ": <" $4 "> belongs elsewhere (tests/lint/libraries.txt)"; bad = 1 }
    END { exit bad }
' tests/lint/layers.txt tests/lint/libraries.txt -
