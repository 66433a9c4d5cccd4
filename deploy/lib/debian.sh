# shellcheck shell=bash
# Debian packages of the machine itself: which of the lists are missing, and
# installing them as root or through sudo.

# The names in lists deploy/packages/NAME.txt that this machine should have.
debian_list() { # NAME...
    local name line
    DEBIAN_INSTALLED=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    for name in "$@"; do
        sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$ROOT/deploy/packages/$name.txt"
    done | sort -u | while read -r line; do
        # Another vendor's nodejs brings its own npm and conflicts with Debian's.
        [[ $line == npm || $line == nodejs ]] && command -v npm >/dev/null && continue
        debian_choose "$line"
    done
}

# Package names differ between releases, so a line may offer several
# ("libfoo2t64 | libfoo2"): one that is there, else the first that apt knows,
# else the last, which is Debian 12's.
debian_choose() { # "A | B | C"
    local names name
    IFS=' |' read -ra names <<<"$1"
    for name in "${names[@]}"; do
        debian_has "$name" && printf '%s\n' "$name" && return
    done
    for name in "${names[@]}"; do
        ((${#names[@]} > 1)) && debian_knows "$name" && printf '%s\n' "$name" && return
    done
    printf '%s\n' "${names[-1]}"
}

debian_has() {
    [[ $'\n'$DEBIAN_INSTALLED$'\n' == *$'\n'"$1"$'\n'* ]]
}

debian_knows() {
    [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[^\(]* ]]
}

debian_missing() { # NAME...
    local package
    DEBIAN_INSTALLED=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    debian_list "$@" | while read -r package; do
        debian_has "$package" || printf '%s\n' "$package"
    done
}

debian_as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -n "$@"
    fi
}

# Root, or a sudo that works now: a password is asked for here, before the
# output of apt goes to a log.
debian_need_root() { # PACKAGE...
    ((EUID == 0)) && return
    if command -v sudo >/dev/null; then
        sudo -n true 2>/dev/null && return
        [[ -t 0 ]] && sudo -v && return
    fi
    ui_die "Debian packages" "$# are missing, and there is neither root nor a usable sudo here." \
        "Let an administrator install them, then run this again:" \
        "  apt-get update && apt-get install --no-install-recommends $*"
}

debian_apt_update() {
    # A third party's repository that is down must not stop Debian's own.
    debian_as_root apt-get -q update || true
}

# Those that apt can't install: its lists are missing or old, or this is another release.
debian_unknown() { # PACKAGE...
    local name
    for name in "$@"; do
        debian_knows "$name" || printf '%s\n' "$name"
    done
}

# Says why apt does not know these packages, instead of one line of apt's for each.
debian_need_known() { # PACKAGE...
    local unknown log=$DEPS/log/apt-update.log
    mapfile -t unknown < <(debian_unknown "$@")
    ((${#unknown[@]} > 0)) || return 0
    if ui_log_says_offline "$log"; then
        ui_die "Debian packages" "the Debian mirror could not be reached ($log)." \
            "Check the network (or http_proxy) and run the same command again."
    fi
    ui_die "Debian packages" "apt knows no ${unknown[*]}." \
        "Debian 12 or later has them, in the component main: see /etc/apt/sources.list and $log."
}

debian_apt_install() { # PACKAGE...
    debian_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -y -q --no-install-recommends install "$@"
}

debian_install() { # NAME...
    local missing
    [[ -r /etc/debian_version ]] ||
        ui_die "Debian packages" "this is no Debian: install what deploy/packages/*.txt names by hand."
    mapfile -t missing < <(debian_missing "$@")
    if ((${#missing[@]} == 0)); then
        ui_ok "Debian packages" "$(debian_list "$@" | wc -l) present"
        return
    fi
    debian_need_root "${missing[@]}"
    ui_busy "Debian packages" "installing ${#missing[@]}"
    ui_run "Debian packages" "$DEPS/log/apt-update.log" debian_apt_update || exit 1
    # Which of the alternatives this release has is known only now.
    mapfile -t missing < <(debian_missing "$@")
    debian_need_known "${missing[@]}"
    ui_run "Debian packages" "$DEPS/log/apt.log" debian_apt_install "${missing[@]}" || exit 1
    ui_ok "Debian packages" "${#missing[@]} installed"
}
