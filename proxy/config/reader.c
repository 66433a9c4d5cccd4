#include "proxy/config/reader.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codegen/names.h"

#define MESSAGE_MAX_BYTES 2048
#define NEAR_MAX          3 /* edits between a mistyped key and the one that was meant */

__attribute__((format(printf, 4, 0))) static void format_message(
    struct reader *r, const struct yaml_node *at, struct buf *out, const char *format, va_list args)
{
    buf_printf(out, "%s:%d:%d: ", r->name, at->line, at->column);
    buf_vprintf(out, format, args);
}

int reader_fail(struct reader *r, const struct yaml_node *at, const char *format, ...)
{
    CLEANUP(buf) struct buf text = BUF(MESSAGE_MAX_BYTES);
    va_list args;

    va_start(args, format);
    format_message(r, at, &text, format, args);
    va_end(args);
    return err_set(r->err, ERR_INVALID, "%s", buf_str(&text));
}

static void add_warning(struct config *config, struct buf *text)
{
    size_t count = 0;

    while (config->warnings && config->warnings[count])
        count++;
    config->warnings = xreallocarray(config->warnings, count + 2, sizeof(char *));
    config->warnings[count] = buf_take(text);
    config->warnings[count + 1] = NULL;
}

void config_warn(struct config *config, const char *format, ...)
{
    CLEANUP(buf) struct buf text = BUF(MESSAGE_MAX_BYTES);
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    add_warning(config, &text);
}

void reader_warn(struct reader *r, const struct yaml_node *at, const char *format, ...)
{
    CLEANUP(buf) struct buf text = BUF(MESSAGE_MAX_BYTES);
    va_list args;

    va_start(args, format);
    format_message(r, at, &text, format, args);
    va_end(args);
    add_warning(r->config, &text);
}

int expect_kind(struct reader *r,
                const struct yaml_node *node,
                enum yaml_kind kind,
                const char *what)
{
    static const char *const names[] = {
        [YAML_KIND_SCALAR] = "a single value",
        [YAML_KIND_LIST] = "a list",
        [YAML_KIND_MAP] = "a map of keys and values",
    };

    if (node->kind == kind)
        return 0;
    return reader_fail(r, node, "%s must be %s, not %s", what, names[kind], names[node->kind]);
}

char *read_text(struct reader *r, const struct yaml_node *node, const char *what)
{
    struct err err = ERR_INIT;
    char *text;

    if (expect_kind(r, node, YAML_KIND_SCALAR, what) < 0)
        return NULL;
    if (r->literal)
        return xstrdup(node->text);
    text = expand_text(yaml_is_null(node) ? "" : node->text, r->pasted, r->config, &err);
    if (!text)
        reader_fail(r, node, "%s: %s", what, err.text);
    return text;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

char **read_texts(struct reader *r, const struct yaml_node *node, const char *what)
{
    size_t count = node->kind == YAML_KIND_LIST ? node->count : 1;
    char **texts = xcalloc(count + 1, sizeof(char *));

    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = node->kind == YAML_KIND_LIST ? node->items[i] : node;

        texts[i] = read_text(r, item, what);
        if (!texts[i]) {
            free_texts(texts, i);
            return NULL;
        }
    }
    return texts;
}

static int unknown_word(struct reader *r,
                        const struct yaml_node *node,
                        const char *what,
                        const char *const *words)
{
    CLEANUP(buf) struct buf list = BUF(MESSAGE_MAX_BYTES);

    for (; *words; words++)
        buf_printf(&list, "%s%s", list.len ? ", " : "", *words);
    return reader_fail(r, node, "%s is '%s'; it must be one of: %s", what, node->text,
                       buf_str(&list));
}

static int read_word(struct reader *r,
                     const struct yaml_node *node,
                     const char *what,
                     const char *const *words,
                     int *field)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            *field = i;
            return 0;
        }
    }
    return unknown_word(r, node, what, words);
}

static int read_number(struct reader *r,
                       const struct yaml_node *node,
                       const char *what,
                       enum key_kind kind,
                       uint64_t *field)
{
    uint64_t number = 0;

    if (kind == KEY_DURATION && !parse_duration(node->text, &number))
        return reader_fail(r, node, "%s is '%s'; write a time with its unit: 500ms, 30s, 2m, 1h",
                           what, node->text);
    if (kind == KEY_SIZE && !parse_size(node->text, &number))
        return reader_fail(r, node, "%s is '%s'; write a size: 65536, 64KiB, 128MiB, 1GiB", what,
                           node->text);
    if (kind == KEY_COUNT && !parse_count(node->text, &number))
        return reader_fail(r, node, "%s is '%s'; write a whole number", what, node->text);
    if (number == 0)
        return reader_fail(r, node, "%s must be greater than 0", what);
    *field = number;
    return 0;
}

static int read_scalar(struct reader *r,
                       const struct yaml_node *node,
                       const char *what,
                       const struct key *key,
                       void *field)
{
    if (expect_kind(r, node, YAML_KIND_SCALAR, what) < 0)
        return -1;
    if (key->kind == KEY_WORD)
        return read_word(r, node, what, key->words, field);
    if (key->kind != KEY_BOOL)
        return read_number(r, node, what, key->kind, field);
    if (!parse_switch(node->text, field))
        return reader_fail(r, node, "%s is '%s'; write true or false", what, node->text);
    return 0;
}

static int read_strings(struct reader *r,
                        const struct yaml_node *node,
                        const char *what,
                        const struct key *key,
                        void *field)
{
    if (key->kind == KEY_TEXT) {
        char **text = field;

        free(*text);
        *text = read_text(r, node, what);
        return *text ? 0 : -1;
    }
    char ***texts = field;

    config_free_texts(*texts);
    *texts = read_texts(r, node, what);
    return *texts ? 0 : -1;
}

static int read_value(struct reader *r,
                      const struct yaml_node *node,
                      const struct key *key,
                      void *object,
                      const char *what)
{
    void *field = (char *)object + key->offset;

    switch (key->kind) {
    case KEY_ALIAS: /* find_key follows it */
        return 0;
    case KEY_FOREIGN:
        return reader_fail(r, node, "'%s' is not known here; %s", what, key->words[0]);
    case KEY_CUSTOM:
        return key->read(r, node, object);
    case KEY_TEXT:
    case KEY_LIST:
        return read_strings(r, node, what, key, field);
    case KEY_BOOL:
    case KEY_DURATION:
    case KEY_SIZE:
    case KEY_COUNT:
    case KEY_WORD:
        return read_scalar(r, node, what, key, field);
    }
    return 0;
}

static bool is_ours(const struct key *key)
{
    return key->kind != KEY_ALIAS && key->kind != KEY_FOREIGN;
}

static const char *nearest_key(const char *name, const struct key *keys)
{
    const char *nearest = NULL;
    unsigned least = NEAR_MAX + 1;

    for (; keys->name; keys++) {
        unsigned distance = name_distance(span_of(name), span_of(keys->name), NEAR_MAX);

        if (!is_ours(keys) || distance >= least)
            continue;
        least = distance;
        nearest = keys->name;
    }
    return nearest;
}

static int
unknown_key(struct reader *r, const struct yaml_node *at, const struct key *keys, const char *place)
{
    CLEANUP(buf) struct buf list = BUF(MESSAGE_MAX_BYTES);
    const char *nearest = nearest_key(at->text, keys);

    for (; keys->name; keys++) {
        if (is_ours(keys))
            buf_printf(&list, "%s%s", list.len ? ", " : "", keys->name);
    }
    return reader_fail(r, at, "unknown key '%s'%s%s;%s%s%s known here: %s", at->text,
                       *place ? " in " : "", place, nearest ? " did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "", buf_str(&list));
}

static const struct key *find_key(const struct key *keys, const char *name)
{
    for (const struct key *key = keys; key->name; key++) {
        if (strcmp(key->name, name) == 0)
            return key->kind == KEY_ALIAS ? find_key(keys, key->words[0]) : key;
    }
    return NULL;
}

int read_map(struct reader *r,
             const struct yaml_node *map,
             const struct key *keys,
             void *object,
             const char *place)
{
    if (expect_kind(r, map, YAML_KIND_MAP, *place ? place : "the configuration") < 0)
        return -1;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        const struct key *key = find_key(keys, pair->key->text);
        CLEANUP(str) char *what = xasprintf("%s%s%s", place, *place ? "." : "", pair->key->text);

        if (!key)
            return unknown_key(r, pair->key, keys, place);
        if (key->kind != KEY_CUSTOM && key->kind != KEY_TEXT && yaml_is_null(pair->value))
            continue;
        if (read_value(r, pair->value, key, object, what) < 0)
            return -1;
    }
    return 0;
}
