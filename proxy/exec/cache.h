/*
 * What was made of code before: prepared by its bytes, checked by its bytes
 * and the catalogue's change number.  Bounded in bytes; the longest unused
 * entry goes first.
 *
 * Both objects are counted and never change once made, so that an execution
 * keeps what it began with.
 */
#ifndef PROXY_EXEC_CACHE_H
#define PROXY_EXEC_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* What the compiler said of a prepared text under one catalogue. */
struct checked {
    unsigned references;
    uint64_t change;   /* number of the catalogue */
    bool ok;           /* no finding */
    char *report;      /* rendered for a model; "" when ok */
    char *diagnostics; /* JSON array of the findings */
};

/* Takes `report` and `diagnostics`.  One reference. */
struct checked *checked_new(uint64_t change, bool ok, char *report, char *diagnostics);
struct checked *checked_ref(struct checked *checked);
void checked_unref(struct checked *checked); /* takes NULL */

/* What isolate/prepare made of a code. */
struct prepared {
    unsigned references;
    bool ok;
    struct buf check_text, run_text, notes;
};

/* Copies the texts.  One reference; NULL when memory is out. */
struct prepared *
prepared_new(bool ok, struct span check_text, struct span run_text, struct span notes);
struct prepared *prepared_ref(struct prepared *prepared);
void prepared_unref(struct prepared *prepared); /* takes NULL */

struct cache;

struct cache *cache_new(size_t max_bytes);
void cache_free(struct cache *cache); /* takes NULL */

/* What is known of `code`; borrowed, NULL when nothing is. */
struct prepared *cache_prepared(struct cache *cache, struct span code);
/* The check of `code` under that catalogue; borrowed, NULL when there was none. */
struct checked *cache_checked(struct cache *cache, struct span code, uint64_t change);

/* Remembers (with references of its own); what does not fit is not remembered. */
void cache_put_prepared(struct cache *cache, struct span code, struct prepared *prepared);
/* Only the check under the latest catalogue is kept; `code` must be known, else nothing happens. */
void cache_put_checked(struct cache *cache, struct span code, struct checked *checked);

#endif
