# shellcheck shell=bash
# A mcpfold serve process of our own: start, wait until it is ready, stop.

SERVER_PID=

# What stands on a TCP port of this machine now: 0 when something does.
port_is_taken() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

port_owner() { # PORT
    command -v ss >/dev/null && ss -Hltnp "sport = :$1" 2>/dev/null | sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/\1, process \2/p' | head -n 1
}

# The status line of GET PATH, within two seconds.
http_status() { # PORT PATH
    local line
    {
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
        IFS= read -r -t 2 line <&3
        printf '%s\n' "$line"
    } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1"
}

# serve_wait PORT SECONDS LOG: until /readyz says 200; dies with the log when
# the server has ended or the time is over.
serve_wait() {
    local end=$((SECONDS + $2)) status=''
    while ((SECONDS < end)); do
        if ! kill -0 "$SERVER_PID" 2>/dev/null; then
            serve_failed "mcpfold has ended; its log ($3):" "$3"
        fi
        status=$(http_status "$1" /readyz || true)
        [[ $status != *' 200 '* && $status != *' 200'$'\r' ]] || return 0
        sleep 0.1
    done
    serve_failed "not ready after $2 seconds (${status:-no answer}); its log ($3):" "$3"
}

serve_failed() { # MESSAGE LOG
    ui_line '✗' "$UI_RED" "mcpfold serve" "$1" >&2
    tail -n 20 "$2" | sed 's/^/    /' >&2
    exit 1
}

# Asks it to end, and after ten seconds no longer asks.  An end by a signal of
# its own (a crash) is a failure of the whole script.
serve_stop() {
    local i status=0 pid=$SERVER_PID
    [[ -n $pid ]] || return 0
    SERVER_PID=
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    { wait "$pid" || status=$?; } 2>/dev/null
    ((status > 128 && status != 143)) || return 0
    ui_line '✗' "$UI_RED" "mcpfold serve" "ended by signal $((status - 128)) when it was asked to stop" >&2
    exit 1
}
