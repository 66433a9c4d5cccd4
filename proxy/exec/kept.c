#include "proxy/exec/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/queue.h>

#include "base/json.h"
#include "base/random.h"
#include "base/utf8.h"

struct kept_entry {
    TAILQ_ENTRY(kept_entry) link;
    char id[KEPT_ID_CHARS + 1];
    struct buf value; /* JSON */
};

struct kept {
    TAILQ_HEAD(kept_list, kept_entry) entries; /* the latest used first; owned */
    size_t bytes, max_bytes;
    size_t page_characters;
};

struct kept *kept_new(size_t max_bytes, size_t page_characters)
{
    struct kept *kept = NEW(struct kept);

    TAILQ_INIT(&kept->entries);
    kept->max_bytes = max_bytes;
    kept->page_characters = page_characters;
    return kept;
}

static void drop(struct kept *kept, struct kept_entry *entry)
{
    TAILQ_REMOVE(&kept->entries, entry, link);
    kept->bytes -= entry->value.len;
    buf_done(&entry->value);
    free(entry);
}

void kept_free(struct kept *kept)
{
    struct kept_entry *entry;

    if (!kept)
        return;
    while ((entry = TAILQ_FIRST(&kept->entries)))
        drop(kept, entry);
    free(kept);
}

static void make_room(struct kept *kept, size_t bytes)
{
    while (kept->bytes + bytes > kept->max_bytes && !TAILQ_EMPTY(&kept->entries))
        drop(kept, TAILQ_LAST(&kept->entries, kept_list));
}

int kept_add(struct kept *kept,
             struct span value_json,
             char ret_uri[KEPT_URI_BYTES],
             struct err *err)
{
    struct kept_entry *entry;

    if (value_json.len > kept->max_bytes)
        return err_set(err, ERR_LIMIT, "a value of %zu bytes is not kept; at most %zu bytes are",
                       value_json.len, kept->max_bytes);
    make_room(kept, value_json.len);
    entry = NEW(struct kept_entry);
    buf_init(&entry->value, value_json.len);
    if (buf_add_span(&entry->value, value_json) < 0) {
        free(entry);
        return err_set(err, ERR_LIMIT, "no memory to keep a value of %zu bytes", value_json.len);
    }
    random_hex(entry->id, KEPT_ID_CHARS / 2);
    TAILQ_INSERT_HEAD(&kept->entries, entry, link);
    kept->bytes += value_json.len;
    snprintf(ret_uri, KEPT_URI_BYTES, KEPT_URI_PREFIX "%s", entry->id);
    return 0;
}

/* Splits a URI into id and query; false when it is none of ours. */
static bool split_uri(struct span uri, struct span *ret_id, struct span *ret_query)
{
    struct span prefix = SPAN(KEPT_URI_PREFIX);

    if (!span_starts_with(uri, prefix))
        return false;
    uri = span_skip(uri, prefix.len);
    *ret_id = span_make(uri.data, uri.len < KEPT_ID_CHARS ? uri.len : KEPT_ID_CHARS);
    *ret_query = span_skip(uri, KEPT_ID_CHARS);
    return ret_id->len == KEPT_ID_CHARS && (ret_query->len == 0 || ret_query->data[0] == '?');
}

static struct kept_entry *find(struct kept *kept, struct span uri, struct err *err)
{
    struct kept_entry *entry;
    struct span id, query;

    if (!split_uri(uri, &id, &query)) {
        err_set(err, ERR_INVALID, "no address of a kept result: they are " KEPT_URI_PREFIX "<id>");
        return NULL;
    }
    TAILQ_FOREACH(entry, &kept->entries, link)
    {
        if (!span_is(id, entry->id))
            continue;
        TAILQ_REMOVE(&kept->entries, entry, link);
        TAILQ_INSERT_HEAD(&kept->entries, entry, link);
        return entry;
    }
    err_set(err, ERR_NOT_FOUND,
            "no kept result " KEPT_URI_PREFIX "%.*s: it is unknown or was dropped for newer ones",
            SPAN_ARG(id));
    return NULL;
}

int kept_value(struct kept *kept, struct span uri, struct span *ret_value, struct err *err)
{
    struct kept_entry *entry = find(kept, uri, err);

    if (!entry)
        return -1;
    *ret_value = buf_span(&entry->value);
    return 0;
}

/* The number behind "?offset="; 0 when there is no query. */
static int parse_offset(struct span uri, size_t *ret_offset, struct err *err)
{
    struct span id, query, digits;
    size_t offset = 0;

    split_uri(uri, &id, &query);
    *ret_offset = 0;
    if (query.len == 0)
        return 0;
    digits = span_skip(query, sizeof("?offset=") - 1);
    if (!span_starts_with(query, SPAN("?offset=")) || digits.len == 0 || digits.len > 15)
        return err_set(err, ERR_INVALID,
                       "a page of a kept result is asked for by ?offset=<number>");
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return err_set(err, ERR_INVALID, "the offset of a kept result must be a whole number");
        offset = offset * 10 + (size_t)(digits.data[i] - '0');
    }
    *ret_offset = offset;
    return 0;
}

static bool add_page(const struct kept_entry *entry,
                     struct span text,
                     size_t offset,
                     size_t characters,
                     struct buf *out)
{
    struct span rest = utf8_skip(text, offset);
    struct span page = utf8_prefix(rest, characters);

    buf_add_span(out, page);
    if (page.len < rest.len)
        buf_printf(out, "\n[characters %zu to %zu of %zu; next: " KEPT_URI_PREFIX "%s?offset=%zu]",
                   offset, offset + characters, utf8_count(text), entry->id, offset + characters);
    return page.len == text.len;
}

int kept_page(
    struct kept *kept, struct span uri, struct buf *out, const char **ret_mime, struct err *err)
{
    struct kept_entry *entry = find(kept, uri, err);
    CLEANUP(buf) struct buf decoded = BUF(kept->max_bytes);
    struct span text;
    bool json, whole;
    size_t offset;

    if (!entry || parse_offset(uri, &offset, err) < 0)
        return -1;
    text = buf_span(&entry->value);
    json = json_kind(text) != JSON_KIND_STRING;
    if (!json) {
        json_decode_string(text, &decoded);
        text = buf_span(&decoded);
    }
    whole = add_page(entry, text, offset, kept->page_characters, out);
    *ret_mime = json && whole ? "application/json" : "text/plain";
    return buf_check(out, "the page of a kept result", err);
}
