# shellcheck shell=bash
# Sourced first by every script in deploy/: where things are, and stamps that
# make a second run quick.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DEPS=${MCPFOLD_DEPS:-$ROOT/.deps}
# Relative to the folder of the caller, absolute from here on.
[[ $DEPS == /* ]] || DEPS=$PWD/$DEPS
export ROOT MCPFOLD_DEPS=$DEPS
# What apt and others say is read here, and is to be the same for everybody.
export LC_ALL=C.UTF-8

# shellcheck source=deploy/lib/ui.sh
source "$ROOT/deploy/lib/ui.sh"

# The content of some files and words, as one short hash.
stamp_hash() { # FILE... -- WORD...
    {
        while (($#)) && [[ $1 != -- ]]; do
            cat "$1"
            shift
        done
        printf '%s\n' "$@"
    } | sha256sum | cut -c1-16
}

stamp_is() { # NAME HASH
    [[ -r $DEPS/.stamps/$1 && $(<"$DEPS/.stamps/$1") == "$2" ]]
}

stamp_set() { # NAME HASH
    mkdir -p "$DEPS/.stamps"
    printf '%s\n' "$2" >"$DEPS/.stamps/$1"
}

# One installer at a time in a shared folder of dependencies.
deps_lock() {
    mkdir -p "$DEPS"
    exec 9>"$DEPS/.lock"
    flock -n 9 && return
    ui_busy "waiting" "another setup works in $DEPS"
    flock 9
}
