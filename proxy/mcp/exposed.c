#include "proxy/mcp/exposed.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"

#define FNV_START    0x811c9dc5u
#define FNV_PRIME    0x01000193u
#define DIGEST_BYTES 9 /* "_" and eight digits */
#define SUFFIX_BYTES 12

/* Hosts of models take 64 characters of letters, digits, `_` and `-` for a tool's name; prompts
 * are for people, and MCP's own rule (2026-07-28, server/tools) has a dot and 128. */
static const struct {
    const char *separator, *more_characters;
    size_t max;
} rules[] = {
    [EXPOSED_PROMPTS] = { ".", "_-.", 128 },
    [EXPOSED_TOOLS] = { "__", "_-", 64 },
};

static bool is_allowed(char c, enum exposed_kind kind)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(rules[kind].more_characters, c));
}

static uint32_t digest_of(const char *text)
{
    uint32_t digest = FNV_START;

    for (; *text; text++)
        digest = (digest ^ (unsigned char)*text) * FNV_PRIME;
    return digest;
}

/* A character is one `_`, however many bytes it has. */
static void replace_characters(char *name, enum exposed_kind kind)
{
    char *to = name;

    for (const char *from = name; *from; from++) {
        if (((unsigned char)*from & 0xC0) == 0x80)
            continue;
        *to++ = is_allowed(*from, kind) ? *from : '_';
    }
    *to = '\0';
}

static const char *own_name(const struct exposed *exposed, enum exposed_kind kind)
{
    return kind == EXPOSED_PROMPTS ? exposed_prompt(exposed)->name : exposed_tool(exposed)->name;
}

/* The name without regard to others; *ret_altered when it is not what the parts say. */
static char *make_name(const struct exposed *exposed, enum exposed_kind kind, bool *ret_altered)
{
    char *whole =
        xasprintf("%s%s%s", exposed->server->key, rules[kind].separator, own_name(exposed, kind));
    char *name = xstrdup(whole);
    size_t keep = rules[kind].max - DIGEST_BYTES;

    replace_characters(name, kind);
    if (strlen(name) > rules[kind].max) {
        char *cut = xasprintf("%.*s_%08" PRIx32, (int)keep, name, digest_of(whole));

        free(name);
        name = cut;
    }
    *ret_altered = strcmp(name, whole) != 0;
    free(whole);
    return name;
}

static bool is_taken(const struct exposed_list *list, const char *name)
{
    struct exposed *found;

    HASH_FIND_STR(list->by_name, name, found);
    return found != NULL;
}

static char *add_number(const char *name, unsigned number, size_t max)
{
    char suffix[SUFFIX_BYTES];
    size_t len = strlen(name), keep;

    snprintf(suffix, sizeof(suffix), "_%u", number);
    keep = max - strlen(suffix);
    return xasprintf("%.*s%s", (int)(len < keep ? len : keep), name, suffix);
}

static void claim(struct exposed_list *list, struct exposed *exposed, enum exposed_kind kind)
{
    char *plain = exposed->name;

    for (unsigned number = 2; is_taken(list, exposed->name); number++) {
        if (exposed->name != plain)
            free(exposed->name);
        exposed->name = add_number(plain, number, rules[kind].max);
    }
    if (exposed->name != plain)
        free(plain);
    HASH_ADD_KEYPTR(hh, list->by_name, exposed->name, strlen(exposed->name), exposed);
}

static size_t count_of(const struct catalogue_server *server, enum exposed_kind kind)
{
    return kind == EXPOSED_PROMPTS ? server->prompt_count
                                   : server->tool_count + (server->code_tool != NULL);
}

static void collect(struct exposed_list *list, enum exposed_kind kind)
{
    const struct catalogue *catalogue = list->catalogue;
    size_t total = 0;

    for (size_t i = 0; i < catalogue->server_count; i++)
        total += count_of(catalogue->servers[i], kind);
    list->items = xcalloc(total + 1, sizeof(*list->items));
    for (size_t i = 0; i < catalogue->server_count; i++) {
        for (size_t j = 0; j < count_of(catalogue->servers[i], kind); j++)
            list->items[list->count++] =
                (struct exposed){ .server = catalogue->servers[i], .item = j };
    }
}

static void name_all(struct exposed_list *list, enum exposed_kind kind)
{
    bool *altered = xcalloc(list->count + 1, sizeof(*altered));

    for (size_t i = 0; i < list->count; i++) {
        list->items[i].name = make_name(&list->items[i], kind, &altered[i]);
        if (!altered[i])
            claim(list, &list->items[i], kind);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (altered[i])
            claim(list, &list->items[i], kind);
    }
    free(altered);
}

void exposed_done(struct exposed_list *list)
{
    HASH_CLEAR(hh, list->by_name);
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    catalogue_unref(list->catalogue);
    *list = (struct exposed_list){ .count = 0 };
}

void exposed_refresh(struct exposed_list *list, struct catalogue *catalogue, enum exposed_kind kind)
{
    if (list->catalogue == catalogue)
        return;
    exposed_done(list);
    list->catalogue = catalogue_ref(catalogue);
    collect(list, kind);
    name_all(list, kind);
}

const struct exposed *exposed_find(const struct exposed_list *list, struct span raw_name)
{
    CLEANUP(str) char *name = json_dup_string(raw_name, LIMIT_TOOL_NAME_BYTES);
    struct exposed *found = NULL;

    if (name)
        HASH_FIND_STR(list->by_name, name, found);
    return found;
}

const struct prompt *exposed_prompt(const struct exposed *exposed)
{
    return &exposed->server->prompts[exposed->item];
}

const struct tool *exposed_tool(const struct exposed *exposed)
{
    return exposed->item < exposed->server->tool_count ? &exposed->server->tools[exposed->item]
                                                       : exposed->server->code_tool;
}
