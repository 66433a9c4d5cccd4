#!/usr/bin/env bash
# The length of functions and files: median at most 12 lines, 95 of 100 at most
# 55, none over 90; no file of 600 lines or more.  Prints the figures, then each
# place that breaks a rule.
#
# The formatter puts the braces of a function, and of nothing else, in the
# first column, so that counting them needs no parser.
set -euo pipefail
cd "$(dirname "$0")/../.."

functions() {
    git ls-files '*.c' '*.cc' | grep -v '^tests/' | while IFS= read -r file; do
        awk -v file="$file" '
            /^\{/ { start = NR }
            /^\}/ && start { print NR - start - 1, file ":" start; start = 0 }' "$file"
    done | sort -n
}

files() {
    git ls-files '*.c' '*.h' '*.cc' '*.def' '*.sh' '*.mjs' '*.js' '*.ts' 'deploy/*' | sort -u |
        grep -vE 'package-lock\.json$|\.lock$|\.d\.ts$|^tests/(fixtures|golden)/' | xargs wc -l |
        awk '$2 != "total" && $1 >= 600 { print $2 ": " $1 " lines, 599 at most"; bad = 1 } END { exit bad }'
}

bad=0
functions | awk '
    { length_of[NR] = $1; place[NR] = $2 }
    function check(what, value, most) {
        printf "functions: %s %d lines (at most %d)\n", what, value, most
        if (value > most) bad = 1
    }
    END {
        if (NR == 0) { print "functions: none found"; exit 1 }
        printf "functions: %d\n", NR
        check("median", length_of[int((NR + 1) / 2)], 12)
        check("95th percentile", length_of[int(NR * 0.95 + 0.5)], 55)
        check("longest", length_of[NR], 90)
        for (i = NR; i > 0 && length_of[i] > 90; i--) print place[i] ": function of " length_of[i] " lines"
        exit bad
    }' || bad=1
files || bad=1
exit "$bad"
