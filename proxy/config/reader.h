/*
 * Reading nodes into struct fields by tables of keys: what the rest of
 * config/ shares.
 */
#ifndef PROXY_CONFIG_READER_H
#define PROXY_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proxy/config/config.h"
#include "proxy/config/yaml_tree.h"

struct reader {
    const char *name; /* of the file, for messages */
    struct config *config;
    struct err *err;
    bool literal; /* values are not expanded: a disabled server's secrets need not be there */
    bool pasted;  /* values come from a client's configuration: {env:VAR} is expanded as well */
};

enum key_kind {
    KEY_TEXT,     /* char *, expanded */
    KEY_BOOL,     /* bool: true/false, on/off, yes/no */
    KEY_DURATION, /* uint64_t of milliseconds: 500ms, 30s, 2m, 1h */
    KEY_SIZE,     /* uint64_t of bytes: 65536, 64KiB, 128MiB, 1GiB */
    KEY_COUNT,    /* uint64_t, at least 1 */
    KEY_WORD,     /* int: the index in `words` */
    KEY_LIST,     /* char **, NULL-terminated, expanded */
    KEY_CUSTOM,   /* `read` does it */
    KEY_ALIAS,    /* another name of words[0] */
    KEY_FOREIGN   /* of clients' configurations: refused, words[0] says what to write here */
};

typedef int key_read_fn(struct reader *r, const struct yaml_node *node, void *object);

/* One row of a table; the last has a NULL name. */
struct key {
    const char *name;
    enum key_kind kind;
    size_t offset; /* of the field in the object */
    const char *const *words;
    key_read_fn *read;
};

/*
 * Reads each pair of `map` by `keys` into `object`; `place` names the map in
 * messages ("servers.github", "" for the top).  An unknown key is an error
 * with the nearest known one.
 */
int read_map(struct reader *r,
             const struct yaml_node *map,
             const struct key *keys,
             void *object,
             const char *place);

/* The error "file:line:column: <text>"; returns -1. */
int reader_fail(struct reader *r, const struct yaml_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a warning "file:line:column: <text>" to the configuration. */
void reader_warn(struct reader *r, const struct yaml_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* -1 with an error unless the node is of the kind; `what` names it in the message. */
int expect_kind(struct reader *r,
                const struct yaml_node *node,
                enum yaml_kind kind,
                const char *what);

/* The expanded text of a scalar, which the caller frees; NULL with an error. */
char *read_text(struct reader *r, const struct yaml_node *node, const char *what);

/* Reads a list of scalars, or one scalar as a list of one.  NULL with an error. */
char **read_texts(struct reader *r, const struct yaml_node *node, const char *what);

/* Parsers of the units, on plain text.  False when the text is none. */
bool parse_duration(const char *text, uint64_t *ret_ms);
bool parse_size(const char *text, uint64_t *ret_bytes);
bool parse_count(const char *text, uint64_t *ret_count);
bool parse_switch(const char *text, bool *ret_on);

/* Adds a warning without a place. */
void config_warn(struct config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes note when a value that is secret, or one of a list of them, stands in the file itself, not
 * as ${...}. */
void note_secret(struct reader *r, const struct yaml_node *node);

/*
 * Warns when others on this machine may write the file, or may read it though it `is_secret`.  A
 * file that can't be looked at has told so to whoever read it.
 */
void warn_of_exposed_file(struct config *config, const char *path, bool is_secret);

/*
 * Expands ${VAR}, ${VAR:-default}, ${env:VAR}, ${file:PATH} and ${userHome}, and
 * in values that were `pasted` {env:VAR} too; `$${` stands for `${`.  A string
 * that the caller frees, or NULL with ERR_NOT_FOUND naming the variable or the
 * file.  A file that others may read is a warning in `config`.
 */
char *expand_text(const char *text, bool pasted, struct config *config, struct err *err);

#endif
