# shellcheck shell=bash
# Steps of deploy/v8-prefix: a private apt that reads the machine's mirror for
# another suite, without root and without touching the machine's own apt.

V8_KEYRINGS=(/usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp)

# Prints the URI of the Debian mirror that the machine's apt uses.  Reads both
# forms of apt's sources; a suite with '-' in it (security, updates) lives in
# another tree or the same one, so only plain suites count.
v8_mirror() {
    local dir=/etc/apt
    if [[ -n ${MCPFOLD_DEBIAN_MIRROR:-} ]]; then
        printf '%s\n' "$MCPFOLD_DEBIAN_MIRROR"
        return
    fi
    {
        cat "$dir"/sources.list "$dir"/sources.list.d/*.list 2>/dev/null | v8_mirror_lines
        cat "$dir"/sources.list.d/*.sources 2>/dev/null | v8_mirror_stanzas
    } | awk '$2 !~ /[-\/]/ && $3 == "main" { print $1; exit }'
}

# "deb [options] URI SUITE COMPONENT..." to "URI SUITE COMPONENT".
v8_mirror_lines() {
    sed -n -E 's/^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]*)?//p' | awk '{ print $1, $2, $3 }'
}

# deb822 stanzas to the same.  Comment lines may stand inside a stanza.
v8_mirror_stanzas() {
    sed -e '/^#/d' -e 's/^[[:space:]]*$//' | awk -v RS='' -F'\n' '{
        delete field
        for (i = 1; i <= NF; i++) {
            colon = index($i, ":")
            field[tolower(substr($i, 1, colon - 1))] = substr($i, colon + 1)
        }
        if (tolower(field["enabled"]) ~ /no|false/ || field["types"] !~ /(^| )deb( |$)/) next
        split(field["uris"], uris, " "); split(field["suites"], suites, " ")
        split(field["components"], components, " ")
        print uris[1], suites[1], components[1]
    }'
}

v8_keyring() {
    local keyring
    for keyring in ${MCPFOLD_DEBIAN_KEYRING:+"$MCPFOLD_DEBIAN_KEYRING"} "${V8_KEYRINGS[@]}"; do
        [[ -r $keyring ]] && printf '%s\n' "$keyring" && return
    done
    return 1
}

# v8_apt_init DIR SUITE MIRROR KEYRING: a private apt in DIR.
#
# check-valid-until=no: testing's Release is good for seven days only, and a
# mirror may well lag more.  Signatures and hashes are checked as ever; what is
# given up is the proof of freshness, and the lock file says what was tested.
v8_apt_init() {
    local dir=$1
    mkdir -p "$dir"/{lists/partial,archives/partial,root}
    : >"$dir/status"
    printf 'deb [arch=%s signed-by=%s check-valid-until=no] %s %s main\n' \
        "$(dpkg --print-architecture)" "$4" "$3" "$2" >"$dir/sources.list"
}

v8_apt() { # DIR TOOL ARGUMENTS...
    local dir=$1 tool=$2
    shift 2
    "$tool" -q -o Dir::State="$dir" -o Dir::State::status="$dir/status" -o Dir::State::lists="$dir/lists" \
        -o Dir::Cache="$dir" -o Dir::Cache::archives="$dir/archives" -o Dir::Etc::SourceList="$dir/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null -o APT::Sandbox::User="$(id -un)" \
        -o APT::Architecture="$(dpkg --print-architecture)" -o APT::Architectures="$(dpkg --print-architecture)" \
        -o APT::Install-Recommends=0 -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o APT::Update::Error-Mode=any "$@"
}

# The library's package, whatever its soname has moved to.
v8_package() { # DIR
    v8_apt "$1" apt-cache pkgnames libnode | grep -E '^libnode[0-9]+$' | sort -V | tail -n 1
}

v8_download() { # DIR PACKAGE
    v8_apt "$1" apt-get -y --download-only install "$2" &&
        # Its many dependencies are for building Node add-ons; we want its headers only.
        (cd "$1/archives" && v8_apt "$1" apt-get download libnode-dev)
}

v8_unpack() { # DIR
    local deb
    for deb in "$1"/archives/*.deb; do
        dpkg-deb -x "$deb" "$1/root"
    done
}

# v8_collect DIR TARGET: of all that was unpacked, the library, what it loads,
# the loader, and V8's headers.
v8_collect() {
    local root=$1/root target=$2 libs loader library
    mkdir -p "$target/lib" "$target/include"
    loader=$(find "$root" -name 'ld-linux*.so.*' | head -n 1)
    library=$(find "$root" -name 'libnode.so.[0-9]*' -type f | head -n 1)
    libs=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
    "$loader" --inhibit-cache --library-path "$libs" --list "$library" |
        sed -n -E 's/.*=> ([^ ]+) .*/\1/p' | while read -r lib; do
        cp -L "$lib" "$target/lib/"
    done
    cp -L "$loader" "$library" "$target/lib/"
    cp -r "$root"/usr/include/node/{v8*.h,libplatform,cppgc} "$target/include/"
    v8_licences "$root" "$target"
}

# Each library's copyright file goes with it.
v8_licences() { # ROOT TARGET
    local file
    mkdir -p "$2/licences"
    for file in "$1"/usr/share/doc/*/copyright; do
        cp -L "$file" "$2/licences/$(basename "$(dirname "$file")")" 2>/dev/null || true
    done
}

# "PACKAGE VERSION SHA256", one line each, in the order of the names.
v8_manifest() { # DIR
    local deb
    for deb in "$1"/archives/*.deb; do
        printf '%s %s %s\n' "$(dpkg-deb -f "$deb" Package)" "$(dpkg-deb -f "$deb" Version)" \
            "$(sha256sum "$deb" | cut -d' ' -f1)"
    done | sort
}
