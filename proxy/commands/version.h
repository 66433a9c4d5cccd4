/*
 * What this program is made of.
 */
#ifndef PROXY_COMMANDS_VERSION_H
#define PROXY_COMMANDS_VERSION_H

#include <stdio.h>

/* MCPFOLD_VERSION, MCPFOLD_V8_VERSION and MCPFOLD_TYPESCRIPT_VERSION come from the build. */

/* Prints the versions of the program and of what it stands on. */
void version_print(FILE *out);

#endif
