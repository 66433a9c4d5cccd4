# shellcheck shell=bash
# npm packages, exactly as the lock files name them.  No package's install
# script is ever run: what we use needs none.

# npm_install NAME SOURCE: the package.json and lock of SOURCE, into
# $MCPFOLD_DEPS/NAME.
npm_install() {
    local name=$1 source=$2 target=$DEPS/$1 hash
    hash=$(stamp_hash "$source/package.json" "$source/package-lock.json" -- "$(uname -m)")
    if stamp_is "npm-$name" "$hash" && [[ -d $target/node_modules ]]; then
        ui_ok "npm $name" "$(npm_count "$target") packages"
        return
    fi
    command -v npm >/dev/null || ui_die "npm $name" "there is no npm command." \
        "Install Debian's (apt-get install npm) or another vendor's, then run this again."
    ui_busy "npm $name" "installing"
    mkdir -p "$target"
    cp "$source/package.json" "$source/package-lock.json" "$target/"
    ui_run "npm $name" "$DEPS/log/npm-$name.log" npm_ci "$target" || exit 1
    stamp_set "npm-$name" "$hash"
    ui_ok "npm $name" "$(npm_count "$target") packages installed"
}

npm_ci() {
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=warn --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000)
}

npm_count() {
    grep -c '^    "node_modules/' "$1/package-lock.json"
}
