/*
 * The sub-commands: each has one file cmd_*.c with its options, its help and
 * what it does.
 */
#ifndef PROXY_COMMANDS_COMMAND_H
#define PROXY_COMMANDS_COMMAND_H

#include <argp.h>
#include <errno.h>

#include "base/err.h"

struct command {
    const char *name;
    const char *summary; /* one line for `mcpfold --help` */
    /* argv[0] is the command's name with the program's, for help.  Returns the exit code. */
    int (*run)(int argc, char **argv);
};

/* All commands, ended by a NULL name. */
extern const struct command commands[];

int cmd_check(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_stdio(int argc, char **argv);
int cmd_types(int argc, char **argv);

/* Prints "mcpfold: <text>" to stderr and returns the exit code 1. */
int command_fail(const struct err *err);

/*
 * The option -c FILE, the same everywhere: the first child parser of a
 * command, whose input is a `const char **`.  It also refuses arguments that
 * the command itself did not take.
 */
extern const struct argp command_config_parser;

/* The children of a command that has only that one. */
extern const struct argp_child command_children[];

#endif
