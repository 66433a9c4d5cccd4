/*
 * Which tool a place in a script is about, found by its words: the proxy
 * parses no script.
 */
#include "proxy/check/report.h"

#include <string.h>

/* How far before a place its call may begin. */
#define LOOK_BACK_BYTES 2000

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || ((unsigned char)c & 0x80);
}

struct span identifier_before(struct span text, size_t at)
{
    size_t start = at;

    while (start > 0 && is_word(text.data[start - 1]))
        start--;
    return span_make(text.data + start, at - start);
}

struct span identifier_at(struct span text, size_t at)
{
    size_t end = at;

    while (end < text.len && is_word(text.data[end]))
        end++;
    return span_make(text.data + at, end - at);
}

const struct catalogue_server *server_by_identifier(const struct catalogue *catalogue,
                                                    struct span identifier)
{
    for (size_t i = 0; catalogue && identifier.len && i < catalogue->server_count; i++) {
        if (span_is(identifier, catalogue->servers[i]->identifier))
            return catalogue->servers[i];
    }
    return NULL;
}

struct span member_behind(struct span text, size_t at)
{
    struct span rest;

    while (at < text.len && (text.data[at] == '?' || text.data[at] == ' '))
        at++;
    if (at < text.len && text.data[at] == '.')
        return identifier_at(text, at + 1);
    rest = span_skip(text, at);
    if (!span_starts_with(rest, SPAN("[\"")) && !span_starts_with(rest, SPAN("['")))
        return SPAN_NONE;
    for (size_t end = 2; end < rest.len; end++) {
        if (rest.data[end] == rest.data[1])
            return span_make(rest.data + 2, end - 2);
    }
    return SPAN_NONE;
}

/* The use of a tool whose server's name begins at byte `start`. */
static struct tool_use use_at(struct span text, size_t start, const struct catalogue *catalogue)
{
    struct tool_use use = { .server = NULL };
    struct span name = identifier_at(text, start);
    struct span member;

    use.server = server_by_identifier(catalogue, name);
    if (!use.server)
        return use;
    member = member_behind(text, start + name.len);
    use.tool = member.len ? catalogue_find_tool(use.server, member) : NULL;
    return use;
}

struct tool_use tool_near(struct span text, size_t at, const struct catalogue *catalogue)
{
    size_t limit = at > LOOK_BACK_BYTES ? at - LOOK_BACK_BYTES : 0;
    size_t start = at;

    /* A place within a word belongs to it. */
    while (start < text.len && is_word(text.data[start]))
        start++;
    while (start-- > limit) {
        struct tool_use use;

        if (start < text.len && text.data[start] == ';' && start < at)
            break;
        if (start >= text.len || !is_word(text.data[start]) ||
            (start > 0 && (is_word(text.data[start - 1]) || text.data[start - 1] == '.')))
            continue;
        use = use_at(text, start, catalogue);
        if (use.tool)
            return use;
    }
    return (struct tool_use){ .server = NULL };
}

struct tool_use
tool_within(struct span text, size_t at, size_t end, const struct catalogue *catalogue)
{
    for (; at < end && at < text.len; at++) {
        struct tool_use use;

        if (!is_word(text.data[at]) ||
            (at > 0 && (is_word(text.data[at - 1]) || text.data[at - 1] == '.')))
            continue;
        use = use_at(text, at, catalogue);
        if (use.tool)
            return use;
    }
    return (struct tool_use){ .server = NULL };
}

/* The name between the quotes behind "Did you mean"; empty when there is none. */
static struct span proposed_name(struct span message)
{
    static const char words[] = "Did you mean '";
    const char *at = memmem(message.data, message.len, words, sizeof(words) - 1);
    const char *name, *end;

    if (!at)
        return SPAN_NONE;
    name = at + sizeof(words) - 1;
    end = memchr(name, '\'', (size_t)(message.data + message.len - name));
    return end ? span_make(name, (size_t)(end - name)) : SPAN_NONE;
}

struct tool_use
tool_proposed(struct span text, size_t at, struct span message, const struct catalogue *catalogue)
{
    struct tool_use use = { .server = NULL };
    struct span name = proposed_name(message);

    if (!name.len || at == 0 || at > text.len ||
        (text.data[at - 1] != '.' && text.data[at - 1] != '['))
        return use;
    use.server = server_by_identifier(catalogue, identifier_before(text, at - 1));
    use.tool = use.server ? catalogue_find_tool(use.server, name) : NULL;
    return use;
}
