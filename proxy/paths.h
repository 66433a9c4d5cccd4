/*
 * Where the parts of the program are: the worker, V8's libraries with their
 * loader, the TypeScript compiler.  They are found relative to the program
 * itself, so an installation can be moved, and a build tree works as it is:
 *
 *   installed                           build tree
 *   PREFIX/bin/mcpfold                  build/mcpfold
 *   PREFIX/libexec/mcpfold/mcpfold-...  build/mcpfold-isolate
 *   PREFIX/lib/mcpfold/v8/              build/lib/mcpfold/v8/
 *   PREFIX/lib/mcpfold/typescript/      build/lib/mcpfold/typescript/
 *
 * Three variables of the environment point elsewhere: MCPFOLD_ISOLATE (a
 * file), MCPFOLD_V8_DIR and MCPFOLD_TYPESCRIPT_DIR (folders).
 */
#ifndef PROXY_PATHS_H
#define PROXY_PATHS_H

#include "base/err.h"

/* Absolute, without symbolic links; all owned. */
struct paths {
    char *isolate;        /* mcpfold-isolate */
    char *v8_dir;         /* libnode and what it loads: the loader's --library-path */
    char *v8_loader;      /* the ld.so in v8_dir that the worker is started with */
    char *typescript_dir; /* lib.*.d.ts */
    char *tsc;            /* the compiler in typescript_dir */
};

/* Fills *ret_paths for this process; ERR_NOT_FOUND names what is missing and where it was sought.
 */
int paths_find(struct paths *ret_paths, struct err *err);

/* As paths_find, for a program that lies in the folder `program_dir`. */
int paths_find_from(const char *program_dir, struct paths *ret_paths, struct err *err);

void paths_done(struct paths *paths);

static inline void paths_cleanup(struct paths *paths)
{
    paths_done(paths);
}

#endif
