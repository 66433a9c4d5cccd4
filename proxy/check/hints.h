/*
 * What the parts of hints share: hints.c (dispatch, arguments, syntax),
 * hint_names.c (names that mean nothing here), hint_members.c (members that
 * are not there).
 */
#ifndef PROXY_CHECK_HINTS_H
#define PROXY_CHECK_HINTS_H

#include "proxy/check/report.h"

/* The nth name in single quotes in a message, from 0; empty when there are fewer.  A quote within a
 * type ends a name early, which loses a hint, no more. */
struct span quoted(struct span message, unsigned nth);
bool contains(struct span text, const char *word);
/* True when `name` is one of `names`, which ends with NULL. */
bool is_one_of(struct span name, const char *const *names);
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Appends `server.tool` for each server other than `but` that has a tool of this name. */
bool write_owners(const struct hint_source *source,
                  struct span tool,
                  const struct catalogue_server *but,
                  struct buf *out);
/* Appends the nearest names, unless the compiler proposes one; `server` may be NULL. */
void write_nearest(const struct hint_source *source,
                   const struct catalogue_server *server,
                   struct span name,
                   struct buf *out);
/* Appends how to write what other systems write `tools.server.tool` or `tools.tool`: `end` is the
 * byte behind the first name.  False when the names behind it mean nothing here. */
bool write_own_path(const struct hint_source *source, size_t end, struct buf *out);
/* Appends how a script waits. */
void write_waiting(struct buf *out);

void hint_unknown_name(const struct hint_source *source, struct buf *out);
void hint_unknown_member(const struct hint_source *source, struct buf *out);
/* Of a value that is no list. */
void hint_no_list(const struct hint_source *source, struct buf *out);

#endif
