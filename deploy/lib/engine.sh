# shellcheck shell=bash
# The worker program of build/, run by hand.

# engine_self_test require|best-effort: starts the engine in its sandbox, forks,
# runs a script.  "require" fails where the system refuses a layer.
engine_self_test() {
    local lib=$ROOT/build/lib/mcpfold/v8 loader
    loader=$(echo "$lib"/ld-linux*.so.*)
    "$loader" --inhibit-cache --library-path "$lib" "$ROOT/build/mcpfold-isolate" --self-test --sandbox "$1"
}
