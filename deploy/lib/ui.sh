# shellcheck shell=bash
# What the scripts in deploy/ print: one line per step, colours only for a
# person at a terminal (NO_COLOR is respected), the log of a step only when it
# failed.

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    UI_BOLD=$'\e[1m' UI_DIM=$'\e[2m' UI_RED=$'\e[31m' UI_GREEN=$'\e[32m'
    UI_YELLOW=$'\e[33m' UI_CYAN=$'\e[36m' UI_OFF=$'\e[0m' UI_LIVE=1
else
    UI_BOLD='' UI_DIM='' UI_RED='' UI_GREEN='' UI_YELLOW='' UI_CYAN='' UI_OFF='' UI_LIVE=''
fi
export UI_BOLD UI_DIM UI_RED UI_GREEN UI_YELLOW UI_CYAN UI_OFF

ui_line() { # SIGN COLOUR TITLE TEXT
    [[ -n $UI_LIVE ]] && printf '\r\e[K'
    printf '%s%s%s %-18s %s\n' "$2" "$1" "$UI_OFF" "$3" "$4"
}

ui_ok() { ui_line '✓' "$UI_GREEN" "$1" "$UI_DIM$2$UI_OFF"; }
ui_note() { ui_line '!' "$UI_YELLOW" "$1" "$2"; }
ui_head() { printf '\n%s%s%s\n' "$UI_BOLD" "$1" "$UI_OFF"; }

# A step that takes a while says so at once; its result then takes its place.
ui_busy() {
    UI_BUSY=("$1" "$2")
    if [[ -n $UI_LIVE ]]; then
        printf '\r\e[K%s…%s %-18s %s' "$UI_CYAN" "$UI_OFF" "$1" "$2"
    else
        printf '… %-18s %s\n' "$1" "$2"
    fi
}

# Behind that line, for a person: the seconds so far, and what the log last counted ("[12/345]").
ui_tick() { # LOG
    local start=$SECONDS count
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        count=$(tail -c 4096 "$1" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -n 1)
        printf '\r\e[K%s…%s %-18s %s %s%s%d s%s' "$UI_CYAN" "$UI_OFF" "${UI_BUSY[@]}" "$UI_DIM" \
            "${count:+$count }" "$((SECONDS - start))" "$UI_OFF"
    done
}

# ui_die TITLE MESSAGE...: what went wrong, then how to mend it, and the end.
ui_die() {
    {
        ui_line '✗' "$UI_RED" "$1" "$2"
        shift 2
        (($# == 0)) || printf '  %s\n' "$@"
    } >&2
    exit 1
}

UI_TICKER=

ui_tick_stop() {
    [[ -n $UI_TICKER ]] || return 0
    kill "$UI_TICKER"
    wait "$UI_TICKER" 2>/dev/null || true
    UI_TICKER=
}

ui_ticking() { # LOG COMMAND...
    local log=$1 status=0
    shift
    : >"$log"
    if [[ -n $UI_LIVE ]]; then
        ui_tick "$log" &
        UI_TICKER=$!
    fi
    "$@" >"$log" 2>&1 </dev/null || status=$?
    ui_tick_stop
    return "$status"
}

# Ctrl-C reaches a script and those that it has called; the first of them says so.
UI_FIRST=${UI_FIRST:-$$}
export UI_FIRST
ui_interrupted() {
    ui_tick_stop
    [[ $UI_FIRST != "$$" ]] || ui_line '✗' "$UI_RED" "interrupted" "what is done is kept; the same command goes on from here" >&2
    exit 130
}
trap ui_interrupted INT TERM

# ui_run TITLE LOG COMMAND...: runs it with its output in LOG; a failure shows
# the end of the log and, where the log says so, that the network is missing.
ui_run() {
    local title=$1 log=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    ui_ticking "$log" "$@" && return 0
    ui_line '✗' "$UI_RED" "$title" "failed; the end of $log:" >&2
    tail -n 25 "$log" | sed 's/^/    /' >&2
    if ui_log_says_offline "$log"; then
        printf '  %s\n' "The network could not be reached. Check the connection (or the proxy" \
            "settings: http_proxy, https_proxy) and run the same command again." >&2
    fi
    return 1
}

ui_log_says_offline() {
    grep -qE 'Could not resolve|Temporary failure|Could not connect|Unable to connect|Network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|Connection timed out' "$1"
}
