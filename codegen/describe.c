#include "codegen/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/declarations.h"
#include "codegen/server_text.h"
#include "codegen/typescript_text.h"

#define LEAD_MAX_BYTES     ((size_t)64 * 1024)
#define TITLE_CHARACTERS   60
#define PROBLEM_CHARACTERS 60
/* When not all fits: the part of the budget for whole servers; the rest is for names of tools. */
#define WHOLE_SHARE_PERCENT 80

/* What a text costs, or what there is room for.  A text has at most as many UTF-16 units as bytes.
 */
struct room {
    size_t tokens, bytes;
};

/* What the declarations behind the lead hold. */
struct plan {
    bool *whole; /* per server: declared in full */
    size_t tools, declared;
    struct room left;
};

static const char rules[] =
    "Runs TypeScript in a sandbox where each connected MCP server is a global and each of its "
    "tools an async function: `const r = await server.tool({...})`. The code is type-checked "
    "first; nothing runs when it does not compile.\n"
    "- Top-level `await` and `return` work; the returned value is the result. console.* output is "
    "shown behind it.\n"
    "- Globals: the servers below, `mcp`, `input`, `console`, standard JavaScript. No network, "
    "files, imports or other modules.\n"
    "- A call returns the tool's parsed value (object, array or string), and throws ToolError when "
    "it fails. Await every call; use Promise.all for independent ones.\n"
    "- Do all steps in one script, filter and reduce there, and return only what is needed. No "
    "variable outlives a run.\n"
    "- Never guess names or shapes. `await mcp.search(\"words\")` finds tools with their "
    "signatures; `await mcp.describe(\"server.tool\")` gives all documentation; "
    "`await mcp.servers()` lists the servers.\n";

static size_t tool_count(const struct catalogue *catalogue)
{
    size_t count = 0;

    for (size_t i = 0; i < catalogue->server_count; i++)
        count += catalogue->servers[i]->tool_count;
    return count;
}

static void add_problem(struct buf *out, const struct catalogue_server *server)
{
    static const char *const words[] = {
        [SERVER_CONNECTING] = "still connecting",
        [SERVER_READY] = "",
        [SERVER_DOWN] = "down",
        [SERVER_DISABLED] = "disabled",
    };

    buf_printf(out, "; %s", words[server->state]);
    if (server->problem) {
        buf_add_str(out, ": ");
        typescript_first_sentence(out, span_of(server->problem), PROBLEM_CHARACTERS);
    }
}

static void add_server_line(struct buf *out, const struct catalogue_server *server, bool titles)
{
    buf_printf(out, "- %s: %zu tool%s", server->identifier, server->tool_count,
               server->tool_count == 1 ? "" : "s");
    if (server->state != SERVER_READY)
        add_problem(out, server);
    else if (titles && server->title && strcmp(server->title, server->key) != 0) {
        buf_add_str(out, ", ");
        typescript_first_sentence(out, span_of(server->title), TITLE_CHARACTERS);
    }
    buf_add_char(out, '\n');
}

/* The end of the lead: what follows it. */
static void add_verdict(struct buf *out, const struct plan *plan)
{
    if (plan->tools == 0)
        buf_add_str(out, "No tool is available now.\n");
    else if (plan->declared == plan->tools)
        buf_printf(out, "The declarations below are COMPLETE: all %zu tools.\n", plan->tools);
    else
        buf_printf(out,
                   "The declarations below are PARTIAL: %zu of %zu tools. Find the others by "
                   "mcp.search.\n",
                   plan->declared, plan->tools);
}

/* Appends servers until `max` characters are reached; says how many are left out. */
static void
add_servers(struct buf *out, const struct catalogue *catalogue, bool titles, size_t max_characters)
{
    size_t tools_left = tool_count(catalogue);

    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];
        CLEANUP(buf) struct buf line = BUF(LEAD_MAX_BYTES);

        add_server_line(&line, server, titles);
        if (typescript_characters(buf_span(out)) + typescript_characters(buf_span(&line)) >
            max_characters) {
            buf_printf(out, "- and %zu more servers with %zu tools: see mcp.servers()\n",
                       catalogue->server_count - i, tools_left);
            return;
        }
        buf_add_span(out, buf_span(&line));
        tools_left -= server->tool_count;
    }
}

#define MORE_CHARACTERS 80
/* The empty line behind the lead, and numbers that are longer than those of the lead measured. */
#define NUMBER_CHARACTERS 16
/* " and 12345 more" and the line's end. */
#define MORE_NAMES_CHARACTERS 32

static void add_lead(struct buf *out, const struct catalogue *catalogue, const struct plan *plan)
{
    CLEANUP(buf) struct buf lead = BUF(LEAD_MAX_BYTES);
    CLEANUP(buf) struct buf verdict = BUF(LEAD_MAX_BYTES);
    size_t room;

    add_verdict(&verdict, plan);
    room = DESCRIBE_LEAD_CHARACTERS - typescript_characters(buf_span(&verdict));
    for (int titles = 1; titles >= 0; titles--) {
        buf_clear(&lead);
        buf_add_str(&lead, rules);
        buf_printf(&lead, "Servers (%zu):\n", catalogue->server_count);
        add_servers(&lead, catalogue, titles, titles ? SIZE_MAX : room - MORE_CHARACTERS);
        if (typescript_characters(buf_span(&lead)) <= room)
            break;
    }
    buf_add_span(out, buf_span(&lead));
    buf_add_span(out, buf_span(&verdict));
}

/* Before declarations that have such an output. */
static const char observed_note[] = "// Observed<T>: as replies were so far, not promised. Look "
                                    "whether what has a ? is there; other "
                                    "properties may be read.\n";

static bool any_observed(const struct catalogue *catalogue, const bool *whole)
{
    for (size_t i = 0; i < catalogue->server_count; i++) {
        if ((!whole || whole[i]) && server_text_of(catalogue->servers[i])->observed)
            return true;
    }
    return false;
}

static struct room cost_of(const struct catalogue_server *server)
{
    CLEANUP(buf) struct buf text = BUF(SIZE_MAX / 2);

    declarations_of_server(server, DECLARATION_COMPACT, &text, NULL);
    return (struct room){ .tokens = describe_tokens(buf_span(&text)), .bytes = text.len };
}

static bool fits(struct room cost, struct room room)
{
    return cost.tokens <= room.tokens && cost.bytes <= room.bytes;
}

static void take(struct room *room, struct room cost)
{
    room->tokens -= cost.tokens;
    room->bytes -= cost.bytes;
}

static void take_at_most(struct room *room, struct room cost)
{
    room->tokens -= cost.tokens < room->tokens ? cost.tokens : room->tokens;
    room->bytes -= cost.bytes < room->bytes ? cost.bytes : room->bytes;
}

/* The room behind the lead, whose verdict is the longest here. */
static struct room room_of(const struct catalogue *catalogue,
                           const struct describe_options *options)
{
    const struct plan partial = { .tools = tool_count(catalogue) };
    CLEANUP(buf) struct buf lead = BUF(LEAD_MAX_BYTES);
    struct room room = { .tokens = options->budget_tokens, .bytes = SIZE_MAX };
    size_t used;

    if (!options->max_characters)
        return room;
    add_lead(&lead, catalogue, &partial);
    used = typescript_characters(buf_span(&lead)) + NUMBER_CHARACTERS;
    room.bytes = options->max_characters > used ? options->max_characters - used : 0;
    return room;
}

/* The rule of describe.h. */
static void choose_whole(const struct catalogue *catalogue, struct plan *plan)
{
    struct room *costs = xcalloc(catalogue->server_count + 1, sizeof(*costs));
    struct room total = { 0 }, limit = plan->left;

    for (size_t i = 0; i < catalogue->server_count; i++) {
        costs[i] = cost_of(catalogue->servers[i]);
        total.tokens += costs[i].tokens;
        total.bytes += costs[i].bytes;
    }
    if (!fits(total, limit))
        limit = (struct room){ .tokens = limit.tokens / 100 * WHOLE_SHARE_PERCENT,
                               .bytes = limit.bytes / 100 * WHOLE_SHARE_PERCENT };
    for (size_t i = 0; i < catalogue->server_count; i++) {
        if (catalogue->servers[i]->tool_count == 0 || !fits(costs[i], limit))
            continue;
        plan->whole[i] = true;
        plan->declared += catalogue->servers[i]->tool_count;
        take(&limit, costs[i]);
        take(&plan->left, costs[i]);
    }
    free(costs);
}

static void make_plan(const struct catalogue *catalogue,
                      const struct describe_options *options,
                      struct plan *ret)
{
    *ret = (struct plan){ .whole = xcalloc(catalogue->server_count + 1, sizeof(bool)),
                          .tools = tool_count(catalogue),
                          .left = room_of(catalogue, options) };
    if (any_observed(catalogue, NULL))
        take_at_most(&ret->left, (struct room){ .tokens = describe_tokens(span_of(observed_note)),
                                                .bytes = strlen(observed_note) });
    choose_whole(catalogue, ret);
}

static int add_whole(struct buf *out,
                     const struct catalogue *catalogue,
                     const struct plan *plan,
                     struct err *err)
{
    if (any_observed(catalogue, plan->whole))
        buf_add_str(out, observed_note);
    for (size_t i = 0; i < catalogue->server_count; i++) {
        if (plan->whole[i] &&
            declarations_of_server(catalogue->servers[i], DECLARATION_COMPACT, out, err) < 0)
            return -1;
    }
    return 0;
}

/* Names of tools that are not declared, as many as there is room for; returns what they cost. */
static struct room
add_names(struct buf *out, const struct catalogue_server *server, struct room room)
{
    CLEANUP(buf) struct buf line = BUF(LEAD_MAX_BYTES);
    size_t tokens, added = 0;

    buf_printf(&line, "// %s, names only:", server->identifier);
    tokens = describe_tokens(buf_span(&line)) + 8;
    for (; added < server->tool_count; added++) {
        const char *name = server->tools[added].identifier;
        size_t more = describe_tokens(span_of(name)) + 1;

        if (tokens + more > room.tokens ||
            line.len + strlen(name) + MORE_NAMES_CHARACTERS > room.bytes ||
            buf_printf(&line, " %s", name) < 0)
            break;
        tokens += more;
    }
    if (added == 0)
        return (struct room){ 0 };
    if (added < server->tool_count)
        buf_printf(&line, " and %zu more", server->tool_count - added);
    buf_add_char(&line, '\n');
    buf_add_span(out, buf_span(&line));
    return (struct room){ .tokens = tokens, .bytes = line.len };
}

static void
add_other_names(struct buf *out, const struct catalogue *catalogue, const struct plan *plan)
{
    struct room left = plan->left;
    size_t servers = 0;

    for (size_t i = 0; i < catalogue->server_count; i++)
        servers += !plan->whole[i] && catalogue->servers[i]->tool_count > 0;
    for (size_t i = 0; i < catalogue->server_count; i++) {
        struct room share;

        if (plan->whole[i] || catalogue->servers[i]->tool_count == 0)
            continue;
        /* An even share, so that a large server does not hide the names of those behind it. */
        share = (struct room){ .tokens = left.tokens / servers, .bytes = left.bytes / servers };
        servers--;
        take(&left, add_names(out, catalogue->servers[i], share));
    }
}

int describe_catalogue(const struct catalogue *catalogue,
                       const struct describe_options *options,
                       struct buf *out,
                       struct err *err)
{
    struct plan plan;
    int result;

    make_plan(catalogue, options, &plan);
    add_lead(out, catalogue, &plan);
    buf_add_char(out, '\n');
    result = add_whole(out, catalogue, &plan, err);
    if (result == 0)
        add_other_names(out, catalogue, &plan);
    free(plan.whole);
    return result < 0 ? -1 : buf_check(out, "the description", err);
}
