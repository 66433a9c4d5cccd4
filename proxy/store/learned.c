#include "proxy/store/learned.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "codegen/observed.h"
#include "proxy/store/store.h"

/* Changes within this time are one write. */
#define SAVE_DELAY_MS 2000
#define SAVE_ROWS     64 /* of one write */

/* How often a reply is looked at, by how many were. */
#define LOOK_AT_ALL   32
#define LOOK_OFTEN    256
#define STRIDE_OFTEN  8
#define STRIDE_SELDOM 64

struct entry {
    UT_hash_handle hh;
    char *key; /* "server\ntool"; neither may hold a control character */
    char *server, *tool;
    struct observed *observed; /* referenced */
};

struct learned {
    struct loop *loop; /* borrowed */
    char *folder;
    struct store *store; /* NULL before it is opened, and when it can't be used */
    bool opened;
    struct entry *entries;    /* by key */
    size_t known;             /* entries with replies */
    struct loop_timer *saver; /* owned; runs while something is not written */
};

/* --- entries -------------------------------------------------------------- */

static struct entry *find_entry(struct learned *learned, const char *server, const char *tool)
{
    CLEANUP(str) char *key = xasprintf("%s\n%s", server, tool);
    struct entry *entry;

    HASH_FIND_STR(learned->entries, key, entry);
    return entry;
}

static struct entry *add_entry(struct learned *learned, const char *server, const char *tool)
{
    struct entry *entry = NEW(struct entry);

    entry->key = xasprintf("%s\n%s", server, tool);
    entry->server = xstrdup(server);
    entry->tool = xstrdup(tool);
    entry->observed = observed_new(0);
    HASH_ADD_KEYPTR(hh, learned->entries, entry->key, strlen(entry->key), entry);
    return entry;
}

static void free_entry(struct entry *entry)
{
    observed_unref(entry->observed);
    free(entry->key);
    free(entry->server);
    free(entry->tool);
    free(entry);
}

/* --- the store ------------------------------------------------------------ */

static void open_store(struct learned *learned)
{
    struct err err = ERR_INIT;

    if (learned->opened)
        return;
    learned->opened = true;
    learned->store = store_open(learned->folder, &err);
    if (!learned->store)
        log_warn("store", "memory_only", LOG_STR("folder", learned->folder), LOG_ERR(&err),
                 LOG_STR("effect", "what is learned of outputs is lost at the end"),
                 LOG_STR("mend", "let store.path name a folder that can be written, or set "
                                 "learn_outputs: off"));
}

/* A store that fails is not asked again; the file is left as it is. */
static void give_up_store(struct learned *learned, const struct err *err)
{
    log_warn("store", "memory_only", LOG_STR("folder", learned->folder), LOG_ERR(err));
    store_close(TAKE(learned->store));
}

static void take_row(void *ctx, const struct learned_row *row)
{
    struct learned *learned = ctx;
    struct entry *entry = find_entry(learned, row->server, row->tool);
    struct err err = ERR_INIT;

    /* Only tools that the server has now, of which nothing is known yet. */
    if (!entry || entry->observed->replies || learned->known >= LIMIT_LEARNED_TOOLS)
        return;
    if (shape_read(span_of(row->shape), &entry->observed->root, &err) < 0) {
        log_warn("store", "row_skipped", LOG_STR("server", row->server), LOG_STR("tool", row->tool),
                 LOG_ERR(&err));
        return;
    }
    entry->observed->input_digest = row->input_digest;
    entry->observed->replies = row->replies ? row->replies : 1;
    learned->known++;
}

static void load(struct learned *learned, const char *server)
{
    struct err err = ERR_INIT;

    open_store(learned);
    if (learned->store && store_learned_each(learned->store, server, take_row, learned, &err) < 0)
        give_up_store(learned, &err);
}

/* What one write holds: rows and the texts they point to. */
struct batch {
    struct learned_row rows[SAVE_ROWS];
    struct buf texts[SAVE_ROWS];
    struct entry *entries[SAVE_ROWS];
    size_t count;
};

static void add_to_batch(struct batch *batch, struct entry *entry)
{
    struct buf *text = &batch->texts[batch->count];

    buf_init(text, SHAPE_TEXT_BYTES);
    /* A shape within its bounds fits. */
    BUG_ON(shape_write(&entry->observed->root.shape, text, NULL) < 0);
    batch->entries[batch->count] = entry;
    batch->rows[batch->count++] = (struct learned_row){
        .server = entry->server,
        .tool = entry->tool,
        .input_digest = entry->observed->input_digest,
        .replies = entry->observed->replies,
        .shape = buf_str(text),
    };
}

static struct batch *gather(struct learned *learned)
{
    struct batch *batch = NEW(struct batch);
    struct entry *entry;

    for (entry = learned->entries; entry && batch->count < SAVE_ROWS; entry = entry->hh.next) {
        if (entry->observed->unsaved)
            add_to_batch(batch, entry);
    }
    return batch;
}

static void free_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        buf_done(&batch->texts[i]);
    free(batch);
}

/* 1 when more is to be written, 0 when all is, -1 with err. */
static int save_some(struct learned *learned, struct err *err)
{
    struct batch *batch = gather(learned);
    int result = 0;

    if (batch->count)
        result = store_learned_put(learned->store, batch->rows, batch->count, err);
    for (size_t i = 0; result == 0 && i < batch->count; i++)
        batch->entries[i]->observed->unsaved = false;
    if (result == 0 && batch->count == SAVE_ROWS)
        result = 1;
    free_batch(batch);
    return result;
}

static void on_save(void *ctx)
{
    struct learned *learned = ctx;
    struct err err = ERR_INIT;
    int result;

    if (!learned->store)
        return;
    result = save_some(learned, &err);
    if (result > 0 || (result < 0 && err.code == ERR_UNAVAILABLE))
        loop_timer_start(learned->saver, SAVE_DELAY_MS);
    else if (result < 0)
        give_up_store(learned, &err);
}

static void save_soon(struct learned *learned)
{
    if (learned->store && !loop_timer_active(learned->saver))
        loop_timer_start(learned->saver, SAVE_DELAY_MS);
}

/* --- what the rest calls -------------------------------------------------- */

struct learned *learned_new(struct loop *loop, const char *folder)
{
    struct learned *learned = NEW(struct learned);

    learned->loop = loop;
    learned->folder = xstrdup(folder);
    learned->saver = loop_timer_new(loop, on_save, learned);
    return learned;
}

/* The tools of the catalogue before keep what they have. */
static void forget(struct learned *learned, struct entry *entry)
{
    struct err err = ERR_INIT;

    if (learned->store &&
        store_learned_delete(learned->store, entry->server, entry->tool, &err) < 0 &&
        err.code != ERR_UNAVAILABLE)
        give_up_store(learned, &err);
    observed_unref(entry->observed);
    entry->observed = observed_new(0);
    learned->known--;
}

static void
attach_tool(struct learned *learned, const struct catalogue_server *server, struct tool *tool)
{
    struct entry *entry = find_entry(learned, server->key, tool->name);
    struct observed *observed = entry->observed;

    if (observed->replies && observed->input_digest != observed_digest(tool->input))
        forget(learned, entry);
    tool->observed = observed_ref(entry->observed);
}

static bool wants_observed(const struct tool *tool)
{
    return !tool->output && !tool->observed;
}

static void attach_server(struct learned *learned, const struct catalogue_server *server)
{
    bool wanted = false;

    for (size_t i = 0; i < server->tool_count; i++) {
        const char *tool = server->tools[i].name;

        if (!wants_observed(&server->tools[i]))
            continue;
        wanted = true;
        if (!find_entry(learned, server->key, tool))
            add_entry(learned, server->key, tool);
    }
    if (!wanted)
        return;
    load(learned, server->key);
    for (size_t i = 0; i < server->tool_count; i++) {
        if (wants_observed(&server->tools[i]))
            attach_tool(learned, server, &server->tools[i]);
    }
}

void learned_attach(struct learned *learned, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->server_count; i++)
        attach_server(learned, catalogue->servers[i]);
}

/* Shapes settle soon; later replies are sampled. */
static bool is_worth_a_look(struct observed *observed)
{
    unsigned stride = observed->replies < LOOK_OFTEN ? STRIDE_OFTEN : STRIDE_SELDOM;

    return observed->replies < LOOK_AT_ALL || ++observed->passed % stride == 0;
}

static bool is_power_of_two(uint64_t number)
{
    return (number & (number - 1)) == 0;
}

void learned_see(struct learned *learned, const struct tool *tool, struct span value)
{
    struct observed *observed = tool->observed;
    bool changed;

    if (!observed || !is_worth_a_look(observed))
        return;
    if (observed->replies == 0) {
        if (learned->known >= LIMIT_LEARNED_TOOLS)
            return;
        learned->known++;
        observed->input_digest = observed_digest(tool->input);
    }
    observed->replies++;
    changed = shape_see(&observed->root, value);
    /* The count alone is written now and then. */
    if (changed || is_power_of_two(observed->replies)) {
        observed->unsaved = true;
        save_soon(learned);
    }
}

static void save_all(struct learned *learned)
{
    struct err err = ERR_INIT;
    int result = 1;

    while (learned->store && result > 0)
        result = save_some(learned, &err);
    if (result < 0)
        log_warn("store", "not_saved", LOG_ERR(&err));
}

void learned_free(struct learned *learned)
{
    struct entry *entry, *next;

    if (!learned)
        return;
    save_all(learned);
    loop_timer_free(learned->saver);
    HASH_ITER(hh, learned->entries, entry, next)
    {
        HASH_DEL(learned->entries, entry);
        free_entry(entry);
    }
    store_close(learned->store);
    free(learned->folder);
    free(learned);
}
