#include "proxy/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

#define FILE_NAME      "mcpfold.db"
#define SCHEMA_VERSION 1
/* Another process's write takes less; ours is tried again later. */
#define BUSY_MS    50
#define PAGE_BYTES 4096

struct store {
    sqlite3 *db; /* owned */
};

/* One step each from a version of the schema to the next. */
static const char *const upgrades[SCHEMA_VERSION] = {
    "CREATE TABLE learned_outputs ("
    " server TEXT NOT NULL, tool TEXT NOT NULL, input_digest INTEGER NOT NULL,"
    " replies INTEGER NOT NULL, shape TEXT NOT NULL, changed_s INTEGER NOT NULL,"
    " PRIMARY KEY (server, tool))",
};

/* --- errors and statements ------------------------------------------------ */

static enum err_code code_of(int result)
{
    switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_UNAVAILABLE;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return ERR_INVALID;
    default:
        return ERR_IO;
    }
}

static int fail(struct store *store, int result, const char *what, struct err *err)
{
    return err_set(err, code_of(result), "%s: %s", what,
                   store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(result));
}

static int run(struct store *store, const char *sql, struct err *err)
{
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return result == SQLITE_OK ? 0 : fail(store, result, "the store", err);
}

static void statement_cleanup(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

static int prepare(struct store *store, const char *sql, sqlite3_stmt **ret, struct err *err)
{
    int result = sqlite3_prepare_v2(store->db, sql, -1, ret, NULL);

    return result == SQLITE_OK ? 0 : fail(store, result, "the store", err);
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text ? (const char *)text : "";
}

/* Runs a statement that gives no rows. */
static int finish(struct store *store, sqlite3_stmt *statement, struct err *err)
{
    int result = sqlite3_step(statement);

    sqlite3_reset(statement);
    return result == SQLITE_DONE ? 0 : fail(store, result, "the store", err);
}

/* --- opening -------------------------------------------------------------- */

static int make_folder(const char *path, struct err *err)
{
    CLEANUP(str) char *part = xstrdup(path);

    for (char *slash = part + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return err_set(err, ERR_IO, "can't make the folder %s: %s", part, strerror(errno));
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "can't make the folder %s: %s", path, strerror(errno));
    return 0;
}

/* SQLite would make the file readable by others. */
static int make_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

    if (fd < 0)
        return err_set(err, ERR_IO, "can't open %s: %s", path, strerror(errno));
    fd_close(&fd);
    return 0;
}

static int read_version(struct store *store, int *ret_version, struct err *err)
{
    CLEANUP(statement) sqlite3_stmt *statement = NULL;
    int result;

    if (prepare(store, "PRAGMA user_version", &statement, err) < 0)
        return -1;
    result = sqlite3_step(statement);
    if (result != SQLITE_ROW)
        return fail(store, result, "the store", err);
    *ret_version = sqlite3_column_int(statement, 0);
    return 0;
}

static int upgrade_from(struct store *store, int version, struct err *err)
{
    for (; version < SCHEMA_VERSION; version++) {
        if (run(store, upgrades[version], err) < 0)
            return -1;
    }
    CLEANUP(str) char *sql = xasprintf("PRAGMA user_version = %d", SCHEMA_VERSION);

    return run(store, sql, err);
}

/* Two processes may open a new file at the same time: the version is read again inside. */
static int upgrade(struct store *store, struct err *err)
{
    int version;

    if (read_version(store, &version, err) < 0)
        return -1;
    if (version == SCHEMA_VERSION)
        return 0;
    if (version < 0 || version > SCHEMA_VERSION)
        return err_set(err, ERR_UNSUPPORTED, "it was written by a newer version of mcpfold");
    if (run(store, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    if (read_version(store, &version, err) < 0 || upgrade_from(store, version, err) < 0) {
        run(store, "ROLLBACK", NULL);
        return -1;
    }
    return run(store, "COMMIT", err);
}

static int set_up(struct store *store, struct err *err)
{
    CLEANUP(str)
    char *size = xasprintf("PRAGMA max_page_count = %d", LIMIT_STORE_BYTES / PAGE_BYTES);

    sqlite3_busy_timeout(store->db, BUSY_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* NORMAL: no wait for the disk at each commit; a crash of the machine loses the last ones. */
    if (run(store, "PRAGMA journal_mode = WAL", err) < 0 ||
        run(store, "PRAGMA synchronous = NORMAL", err) < 0 || run(store, size, err) < 0)
        return -1;
    return upgrade(store, err);
}

static int open_file(struct store *store, const char *path, struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int result;

    if (make_file(path, err) < 0)
        return -1;
    result = sqlite3_open_v2(path, &store->db, flags, NULL);
    if (result != SQLITE_OK)
        fail(store, result, "the store", err);
    else if (set_up(store, err) == 0)
        return 0;
    return err_in(err, "%s", path);
}

struct store *store_open(const char *folder, struct err *err)
{
    struct store *store = NEW(struct store);
    CLEANUP(str) char *path = xasprintf("%s/" FILE_NAME, folder);

    if (make_folder(folder, err) == 0 && open_file(store, path, err) == 0)
        return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store);
}

/* --- learned outputs ------------------------------------------------------ */

int store_learned_each(
    struct store *store, const char *server, learned_row_fn *fn, void *ctx, struct err *err)
{
    static const char sql[] = "SELECT tool, input_digest, replies, shape FROM learned_outputs"
                              " WHERE server = ?1 ORDER BY tool";
    CLEANUP(statement) sqlite3_stmt *statement = NULL;
    int result;

    if (prepare(store, sql, &statement, err) < 0)
        return -1;
    bind_text(statement, 1, server);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct learned_row row = {
            .server = server,
            .tool = text_at(statement, 0),
            .input_digest = (uint64_t)sqlite3_column_int64(statement, 1),
            .replies = (uint64_t)sqlite3_column_int64(statement, 2),
            .shape = text_at(statement, 3),
        };

        fn(ctx, &row);
    }
    return result == SQLITE_DONE ? 0 : fail(store, result, "the store", err);
}

static int put_row(struct store *store,
                   sqlite3_stmt *statement,
                   const struct learned_row *row,
                   struct err *err)
{
    bind_text(statement, 1, row->server);
    bind_text(statement, 2, row->tool);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)row->input_digest);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)row->replies);
    bind_text(statement, 5, row->shape);
    return finish(store, statement, err);
}

static int
put_rows(struct store *store, const struct learned_row *rows, size_t count, struct err *err)
{
    static const char sql[] = "INSERT OR REPLACE INTO learned_outputs"
                              " VALUES (?1, ?2, ?3, ?4, ?5, unixepoch())";
    CLEANUP(statement) sqlite3_stmt *statement = NULL;

    if (prepare(store, sql, &statement, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (put_row(store, statement, &rows[i], err) < 0)
            return -1;
    }
    return 0;
}

/* What has not changed for the longest time makes room. */
static int keep_bounded(struct store *store, struct err *err)
{
    CLEANUP(str)
    char *sql = xasprintf("DELETE FROM learned_outputs WHERE rowid IN (SELECT rowid FROM"
                          " learned_outputs ORDER BY changed_s DESC, rowid DESC"
                          " LIMIT -1 OFFSET %d)",
                          LIMIT_LEARNED_TOOLS);

    return run(store, sql, err);
}

int store_learned_put(struct store *store,
                      const struct learned_row *rows,
                      size_t count,
                      struct err *err)
{
    if (run(store, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    if (put_rows(store, rows, count, err) == 0 && keep_bounded(store, err) == 0 &&
        run(store, "COMMIT", err) == 0)
        return 0;
    run(store, "ROLLBACK", NULL);
    return -1;
}

int store_learned_delete(struct store *store, const char *server, const char *tool, struct err *err)
{
    CLEANUP(statement) sqlite3_stmt *statement = NULL;

    if (prepare(store, "DELETE FROM learned_outputs WHERE server = ?1 AND tool = ?2", &statement,
                err) < 0)
        return -1;
    bind_text(statement, 1, server);
    bind_text(statement, 2, tool);
    return finish(store, statement, err);
}
