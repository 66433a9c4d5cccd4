#!/usr/bin/env bash
# The JavaScript of this tree: it parses, the runtime has its types, and the
# runtime keeps to its rule that a script's changes of prototypes and globals
# don't reach it (isolate/runtime/README.md).  Prints each place; exits with 1
# when there is one.
#
# MCPFOLD_BUILD_DIR is the build tree with the TypeScript compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."

BUILD=${MCPFOLD_BUILD_DIR:-build}
NODE=${MCPFOLD_NODE:-$(command -v node || echo tests/node_modules/node-linux-*/bin/node)}
# Methods of built-in objects that a script may have replaced.
METHODS='push|shift|unshift|splice|map|filter|forEach|reduce|some|every|concat|slice|substring|indexOf|lastIndexOf|includes|startsWith|endsWith|split|replace|replaceAll|match|matchAll|test|exec|then|catch|finally|apply|bind|charCodeAt|codePointAt|padStart|padEnd|repeat|trim|toUpperCase|toLowerCase|toFixed|sort|reverse|flat|flatMap|hasOwnProperty|isPrototypeOf'
GLOBALS='Object|Array|Promise|JSON|Reflect|Math|Number|String|Boolean|Symbol|BigInt|Map|Set|WeakMap|WeakSet|Error|TypeError|RangeError|RegExp|Proxy|Date|Uint8Array|ArrayBuffer|DataView|Intl|Function'
found=0

# The text of a file without comments, strings and regular expressions, lines kept.
code_only() { # FILE
    perl -0777 -pe '
        s{("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)|/\*.*?\*/|//[^\n]*|(?<=[=(,:?&|]\s)/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n\[])+/[a-z]*|(?<=\()/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n\[])+/[a-z]*}
         { my $t = $&; defined $1 ? "\"\"" : ($t =~ tr/\n//cdr) }gse' "$1"
}

# In CODE, the text of FILE.
forbid() { # FILE PATTERN WHY
    local hits
    hits=$(grep -nE "$2" <<<"$CODE" || true)
    [[ -n $hits ]] || return 0
    found=1
    while IFS= read -r line; do
        printf '%s:%s  [%s]\n' "$1" "$line" "$3"
    done <<<"$hits"
}

while IFS= read -r file; do
    "$NODE" --check "$file" || found=1
done < <(git ls-files '*.mjs')

"$BUILD/lib/mcpfold/typescript/tsc" -p isolate/runtime || found=1

while IFS= read -r file; do
    CODE=$(code_only "$file")
    forbid "$file" "\.($METHODS)\(" "a method that a script may have replaced: use primordials.js"
    forbid "$file" "(^|[^A-Za-z0-9_.#\$])(($GLOBALS)\.|new ($GLOBALS)\()" "a global that a script may have replaced: use primordials.js"
    forbid "$file" "\bof\b.*\)( \{)?$" "iterating asks Symbol.iterator: use an index"
    forbid "$file" "\[[^]]*\.\.\.[A-Za-z]" "spreading asks Symbol.iterator: use an index"
done < <(git ls-files 'isolate/runtime/*.js' | grep -vE '/(primordials|warm_up)\.js$')

exit "$found"
