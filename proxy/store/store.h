/*
 * The store: a SQLite file of what outlives the process.
 *
 * Every call is short and synchronous.  Nothing in it is a secret; all of it
 * can be deleted.
 */
#ifndef PROXY_STORE_STORE_H
#define PROXY_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * Opens the store in a folder, making folder and file when there are none.
 * NULL with ERR_IO (the folder or file can't be used), ERR_INVALID (it is no
 * store), or ERR_UNSUPPORTED (written by a newer version).
 */
struct store *store_open(const char *folder, struct err *err);
void store_close(struct store *store); /* takes NULL */

/* What was learned of the replies of one tool. */
struct learned_row {
    const char *server, *tool;
    uint64_t input_digest;
    uint64_t replies;
    const char *shape; /* as codegen/shape writes it */
};

/* Calls `fn` for each row of a server; the row's strings are valid during the call. */
typedef void learned_row_fn(void *ctx, const struct learned_row *row);
int store_learned_each(
    struct store *store, const char *server, learned_row_fn *fn, void *ctx, struct err *err);

/* Writes rows, each over the one of the same server and tool, all or none.  ERR_UNAVAILABLE when
 * another process is writing: try again later.  ERR_LIMIT when the store is full. */
int store_learned_put(struct store *store,
                      const struct learned_row *rows,
                      size_t count,
                      struct err *err);

/* Deletes the row of a tool, if there is one.  Errors as store_learned_put. */
int store_learned_delete(struct store *store,
                         const char *server,
                         const char *tool,
                         struct err *err);

#endif
