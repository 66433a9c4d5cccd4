/*
 * The files the compiler sees: a project file, the fixed declarations, one
 * file of declarations for each server, and the script.  Of the machine's own
 * files it gets its library, `lib.*.d.ts` in its own folder, and nothing else:
 * every other path does not exist.
 */
#ifndef PROXY_CHECK_FILES_H
#define PROXY_CHECK_FILES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "codegen/catalogue.h"

#define FILES_PROJECT "/w/tsconfig.json"
#define FILES_SCRIPT  "/w/script.ts"

struct files {
    const char *library_dir;     /* borrowed */
    struct catalogue *catalogue; /* owned reference; NULL before the first */
    struct span script;          /* borrowed */
    bool loose;                  /* an observed output is any */
};

/* Drops the reference. */
void files_done(struct files *files);

/*
 * Exchanges the catalogue, and what an observed output is, and writes what
 * changed to `out`, as the JSON of updateSnapshot's "fileChanges", with the
 * script among the changed.  Takes a reference of its own.
 */
int files_change(struct files *files, struct catalogue *catalogue, bool loose, struct buf *out);

/* Answers a question of the compiler: appends JSON.  -1 when `answer` is full. */
int files_answer(const struct files *files,
                 struct span method,
                 struct span path,
                 struct buf *answer);

/* The server whose declarations `path` is; NULL when it is none. */
const struct catalogue_server *files_server(const struct files *files, struct span path);

#endif
