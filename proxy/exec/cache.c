#include "proxy/exec/cache.h"

#include <sys/queue.h>

#include <uthash.h>

#include "base/mem.h"

/* What an entry costs beside its texts. */
#define ENTRY_BYTES 512

struct entry {
    UT_hash_handle hh;
    TAILQ_ENTRY(entry) link;
    char *code; /* owned; the key */
    size_t code_len;
    struct prepared *prepared; /* referenced */
    struct checked *checked;   /* referenced; NULL: not checked */
    size_t bytes;
};

struct cache {
    struct entry *by_code;
    TAILQ_HEAD(entry_list, entry) used; /* the latest used first */
    size_t bytes, max_bytes;
};

struct checked *checked_new(uint64_t change, bool ok, char *report, char *diagnostics)
{
    struct checked *checked = NEW(struct checked);

    checked->references = 1;
    checked->change = change;
    checked->ok = ok;
    checked->report = report;
    checked->diagnostics = diagnostics;
    return checked;
}

struct checked *checked_ref(struct checked *checked)
{
    checked->references++;
    return checked;
}

void checked_unref(struct checked *checked)
{
    if (!checked || --checked->references > 0)
        return;
    free(checked->report);
    free(checked->diagnostics);
    free(checked);
}

/* The length is the limit too: these texts never grow. */
static int copy_text(struct buf *copy, struct span text)
{
    buf_init(copy, text.len);
    return buf_add_span(copy, text);
}

struct prepared *
prepared_new(bool ok, struct span check_text, struct span run_text, struct span notes)
{
    struct prepared *prepared = NEW(struct prepared);

    prepared->references = 1;
    prepared->ok = ok;
    if (copy_text(&prepared->check_text, check_text) < 0 ||
        copy_text(&prepared->run_text, run_text) < 0 || copy_text(&prepared->notes, notes) < 0) {
        prepared_unref(prepared);
        return NULL;
    }
    return prepared;
}

struct prepared *prepared_ref(struct prepared *prepared)
{
    prepared->references++;
    return prepared;
}

void prepared_unref(struct prepared *prepared)
{
    if (!prepared || --prepared->references > 0)
        return;
    buf_done(&prepared->check_text);
    buf_done(&prepared->run_text);
    buf_done(&prepared->notes);
    free(prepared);
}

struct cache *cache_new(size_t max_bytes)
{
    struct cache *cache = NEW(struct cache);

    TAILQ_INIT(&cache->used);
    cache->max_bytes = max_bytes;
    return cache;
}

static void drop(struct cache *cache, struct entry *entry)
{
    HASH_DEL(cache->by_code, entry);
    TAILQ_REMOVE(&cache->used, entry, link);
    cache->bytes -= entry->bytes;
    prepared_unref(entry->prepared);
    checked_unref(entry->checked);
    free(entry->code);
    free(entry);
}

void cache_free(struct cache *cache)
{
    struct entry *entry;

    if (!cache)
        return;
    while ((entry = TAILQ_FIRST(&cache->used)))
        drop(cache, entry);
    free(cache);
}

static struct entry *find(struct cache *cache, struct span code)
{
    struct entry *entry;

    HASH_FIND(hh, cache->by_code, code.data, code.len, entry);
    if (!entry)
        return NULL;
    TAILQ_REMOVE(&cache->used, entry, link);
    TAILQ_INSERT_HEAD(&cache->used, entry, link);
    return entry;
}

struct prepared *cache_prepared(struct cache *cache, struct span code)
{
    struct entry *entry = find(cache, code);

    return entry ? entry->prepared : NULL;
}

struct checked *cache_checked(struct cache *cache, struct span code, uint64_t change)
{
    struct entry *entry = find(cache, code);

    return entry && entry->checked && entry->checked->change == change ? entry->checked : NULL;
}

static size_t measure(const struct entry *entry)
{
    const struct prepared *p = entry->prepared;
    size_t bytes =
        ENTRY_BYTES + entry->code_len + p->check_text.len + p->run_text.len + p->notes.len;

    if (entry->checked)
        bytes += strlen(entry->checked->report) + strlen(entry->checked->diagnostics);
    return bytes;
}

/* Counts an entry anew and drops the longest unused ones that no longer fit, itself last. */
static void account(struct cache *cache, struct entry *entry)
{
    cache->bytes -= entry->bytes;
    entry->bytes = measure(entry);
    cache->bytes += entry->bytes;
    while (cache->bytes > cache->max_bytes)
        drop(cache, TAILQ_LAST(&cache->used, entry_list));
}

void cache_put_prepared(struct cache *cache, struct span code, struct prepared *prepared)
{
    struct entry *entry = find(cache, code);

    if (entry)
        drop(cache, entry);
    entry = NEW(struct entry);
    entry->code = span_dup(code);
    entry->code_len = code.len;
    entry->prepared = prepared_ref(prepared);
    HASH_ADD_KEYPTR(hh, cache->by_code, entry->code, entry->code_len, entry);
    TAILQ_INSERT_HEAD(&cache->used, entry, link);
    account(cache, entry);
}

void cache_put_checked(struct cache *cache, struct span code, struct checked *checked)
{
    struct entry *entry = find(cache, code);

    if (!entry || (entry->checked && entry->checked->change > checked->change))
        return;
    checked_unref(entry->checked);
    entry->checked = checked_ref(checked);
    account(cache, entry);
}
