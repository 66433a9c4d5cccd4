/*
 * The program mcpfold-isolate.  The proxy starts it with --zygote and a
 * control socket as descriptor 3; people start it with --self-test.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isolate/engine.h"
#include "isolate/self_test.h"
#include "isolate/zygote.h"

#define CONTROL_FD       3
#define HEAP_MAX_DEFAULT (UINT64_C(128) * 1024 * 1024)

enum mode { MODE_NONE, MODE_ZYGOTE, MODE_SELF_TEST, MODE_VERSION };
enum option_key {
    OPTION_ZYGOTE = 0x100,
    OPTION_SELF_TEST,
    OPTION_JIT,
    OPTION_SANDBOX,
    OPTION_HEAP
};

struct arguments {
    enum mode mode;
    struct zygote_options zygote;
};

static const struct argp_option options[] = {
    { "zygote", OPTION_ZYGOTE, NULL, 0, "Serve the proxy on descriptor 3", 0 },
    { "self-test", OPTION_SELF_TEST, NULL, 0, "Run a script in a sandboxed worker and report", 0 },
    { "version", 'V', NULL, 0, "Print the engine's version", 0 },
    { "jit", OPTION_JIT, "on|off", 0, "Generate machine code (default: on)", 0 },
    { "sandbox", OPTION_SANDBOX, "require|best-effort", 0,
      "Whether a refused layer is fatal (default: require)", 0 },
    { "heap-max", OPTION_HEAP, "BYTES", 0, "The largest heap of an execution", 0 },
    { 0 },
};

/* True for `yes`, false for `no`, else a usage error. */
static bool
parse_choice(const char *value, const char *yes, const char *no, struct argp_state *state)
{
    if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
        argp_error(state, "'%s' is neither %s nor %s", value, yes, no);
    return strcmp(value, yes) == 0;
}

static uint64_t parse_bytes(const char *value, struct argp_state *state)
{
    char *end;
    unsigned long long bytes = strtoull(value, &end, 10);

    if (end == value || *end || bytes == 0)
        argp_error(state, "'%s' is no number of bytes", value);
    return bytes;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case OPTION_ZYGOTE:
        arguments->mode = MODE_ZYGOTE;
        return 0;
    case OPTION_SELF_TEST:
        arguments->mode = MODE_SELF_TEST;
        return 0;
    case 'V':
        arguments->mode = MODE_VERSION;
        return 0;
    case OPTION_JIT:
        arguments->zygote.jit = parse_choice(value, "on", "off", state);
        return 0;
    case OPTION_SANDBOX:
        arguments->zygote.require_sandbox = parse_choice(value, "require", "best-effort", state);
        return 0;
    case OPTION_HEAP:
        arguments->zygote.heap_max_bytes = parse_bytes(value, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    const struct argp argp = { .options = options,
                               .parser = parse_option,
                               .doc = "Runs untrusted scripts for mcpfold, each in a process of "
                                      "its own." };
    struct arguments arguments = {
        .zygote = { .control_fd = CONTROL_FD,
                    .jit = true,
                    .require_sandbox = true,
                    .heap_max_bytes = HEAP_MAX_DEFAULT },
    };

    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    switch (arguments.mode) {
    case MODE_ZYGOTE:
        return zygote_main(&arguments.zygote);
    case MODE_SELF_TEST:
        return self_test(&arguments.zygote);
    case MODE_VERSION:
        return printf("%s\n", engine_version()) < 0;
    case MODE_NONE:
        break;
    }
    argp_help(&argp, stderr, ARGP_HELP_STD_ERR, argv[0]);
    return 2;
}
