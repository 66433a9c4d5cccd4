/*
 * mcpfold: one MCP tool, execute_code, in front of many MCP servers.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "codegen/names.h"
#include "proxy/commands/command.h"
#include "proxy/commands/version.h"
#include "proxy/upstream/keeper.h"

#define NEAR_MAX   2
#define EXIT_USAGE 2

const struct command commands[] = {
    { "serve", "serve MCP over HTTP at /mcp", cmd_serve },
    { "stdio", "serve MCP on stdin and stdout", cmd_stdio },
    { "run", "run one script and print its result", cmd_run },
    { "types", "print the TypeScript API, or the tool description", cmd_types },
    { "check", "validate the configuration; with --connect, the servers too", cmd_check },
    { 0 },
};

int command_fail(const struct err *err)
{
    fprintf(stderr, "mcpfold: %s\n", err->text);
    return 1;
}

static const struct argp_option config_options[] = {
    { "config", 'c', "FILE", 0,
      "Configuration; without it the first of $MCPFOLD_CONFIG, ./mcpfold.yaml, "
      "$XDG_CONFIG_HOME/mcpfold/config.yaml, /etc/mcpfold/config.yaml",
      0 },
    { NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0 },
    { 0 },
};

static error_t parse_config_option(int key, char *argument, struct argp_state *state)
{
    const char **config_path = state->input;

    switch (key) {
    case 'c':
        *config_path = argument;
        return 0;
    case 'h':
        argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp command_config_parser = { .options = config_options,
                                            .parser = parse_config_option };

const struct argp_child command_children[] = { { .argp = &command_config_parser }, { 0 } };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: mcpfold COMMAND [OPTION...]\n\n"
                 "One MCP tool, execute_code, in front of many MCP servers: a model writes\n"
                 "TypeScript against their tools, mcpfold checks it and runs it in a sandbox.\n\n");
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "  %-8s %s\n", command->name, command->summary);
    fprintf(out, "\n  mcpfold COMMAND --help   options of a command\n"
                 "  mcpfold --version        versions of the program and its parts\n\n"
                 "Exit codes: 0, all is well; 1, it failed, and stderr says why; 2, a command\n"
                 "line that is not understood.\n");
}

static int unknown_command(const char *name)
{
    const char *nearest = NULL;
    unsigned least = NEAR_MAX + 1;

    for (const struct command *command = commands; command->name; command++) {
        unsigned distance = name_distance(span_of(name), span_of(command->name), NEAR_MAX);

        /* Two edits make one word of four letters any other. */
        if (distance >= least || 2 * distance >= strlen(name))
            continue;
        least = distance;
        nearest = command->name;
    }
    fprintf(stderr, "mcpfold: there is no command '%s'%s%s%s\n", name,
            nearest ? "; did you mean '" : "; see mcpfold --help", nearest ? nearest : "",
            nearest ? "'?" : "");
    return EXIT_USAGE;
}

/* argp prints argv[0] in its help: the program and the command. */
static int run_command(const struct command *command, int argc, char **argv)
{
    CLEANUP(str) char *name = xasprintf("mcpfold %s", command->name);

    argv[1] = name;
    return command->run(argc - 1, argv + 1);
}

static bool is_any(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static const struct command *find_command(const char *name)
{
    const struct command *command = commands;

    while (command->name && strcmp(name, command->name) != 0)
        command++;
    return command->name ? command : NULL;
}

/* `mcpfold help COMMAND` */
static int help_of(char **argv)
{
    const struct command *command = find_command(argv[2]);
    char option[] = "--help";
    char *of_command[] = { argv[0], argv[2], option, NULL };

    return command ? run_command(command, 3, of_command) : unknown_command(argv[2]);
}

static int dispatch(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (is_any(argv[1], (const char *const[]){ "--version", "-V", NULL })) {
        version_print(stdout);
        return 0;
    }
    if (is_any(argv[1], (const char *const[]){ "--help", "help", "-h", NULL })) {
        if (argc > 2)
            return help_of(argv);
        print_help(stdout);
        return 0;
    }
    command = find_command(argv[1]);
    return command ? run_command(command, argc, argv) : unknown_command(argv[1]);
}

/* A full disk or a reader that is gone must not look like a success. */
static int finish_output(int exit_code)
{
    struct err err = ERR_INIT;

    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    err_set(
        &err, ERR_IO,
        "not all of the output could be written to stdout: is the disk full, or its reader gone?");
    return command_fail(&err);
}

/* A standard stream that was closed would be the number of the next file opened, and what is
 * printed would go there.  Using the one put in its place is an error, as with a closed one. */
static bool fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!fill_standard_streams())
        return 1;
    keeper_main(argc, argv);
    argp_err_exit_status = EXIT_USAGE;
    return finish_output(dispatch(argc, argv));
}
