/*
 * Files of NAME=VALUE lines (`envFile` of clients' configurations).
 */
#ifndef PROXY_CONFIG_ENV_FILE_H
#define PROXY_CONFIG_ENV_FILE_H

#include "base/err.h"
#include "base/span.h"
#include "proxy/config/config.h"

/* True for what may stand left of `=` in an environment: not empty, no `=`, no control characters.
 */
bool env_name_is_valid(const char *name);

/*
 * Reads the text of such a file: a line each, `export ` before it allowed, blank
 * lines and lines that begin with # skipped.  A value in '...' is taken as it
 * is; in "..." \n, \r, \t, \" and \\ are escapes; both may go over lines.
 * Without quotes it ends at the line's end or at ` #`.  Nothing is expanded.
 * The later of two lines with one name holds.  Appends to *pairs, which the
 * caller frees; -1 with err "name:line: ...", whose name is `name`.
 */
int env_file_parse(
    struct span text, const char *name, struct config_pair **pairs, size_t *count, struct err *err);

#endif
