#include "proxy/exec/ledger.h"

#include "base/json.h"
#include "base/loop.h"

#define REPORT_GROUPS 12

static const struct {
    const char *name;
    bool reached;
} outcomes[OUTCOME_COUNT] = {
#define OUTCOME(name, text, reached) [OUTCOME_##name] = { text, reached },
#include "proxy/exec/ledger_outcomes.def"
#undef OUTCOME
};

static const char *const effect_names[] = {
    [EFFECT_READS] = "reads",
    [EFFECT_REPEATABLE] = "repeatable",
    [EFFECT_CHANGES] = "changes",
    [EFFECT_UNKNOWN] = "unknown",
};

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){ 0 };
}

void ledger_done(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        free(ledger->entries[i].server);
        free(ledger->entries[i].tool);
    }
    free(ledger->entries);
    ledger_init(ledger);
}

enum call_effect ledger_effect(const struct tool *tool)
{
    if (!tool || tool->read_only == HINT_TRUE)
        return EFFECT_READS;
    if (tool->idempotent == HINT_TRUE)
        return EFFECT_REPEATABLE;
    if (tool->read_only == HINT_FALSE || tool->destructive == HINT_TRUE)
        return EFFECT_CHANGES;
    return EFFECT_UNKNOWN;
}

static char *dup_or_null(struct span text)
{
    return text.len ? span_dup(text) : NULL;
}

size_t ledger_add(struct ledger *ledger,
                  const char *op,
                  struct span server,
                  struct span tool,
                  size_t argument_bytes)
{
    if (ledger->count == ledger->room) {
        ledger->room = ledger->room ? ledger->room * 2 : 8;
        ledger->entries = xreallocarray(ledger->entries, ledger->room, sizeof(struct ledger_entry));
    }
    ledger->entries[ledger->count] = (struct ledger_entry){
        .op = op,
        .server = dup_or_null(server),
        .tool = dup_or_null(tool),
        .outcome = OUTCOME_NOT_SENT,
        .effect = EFFECT_READS,
        .argument_bytes = argument_bytes,
    };
    return ledger->count++;
}

void ledger_name(struct ledger *ledger,
                 size_t index,
                 const char *server,
                 const char *tool,
                 enum call_effect effect)
{
    struct ledger_entry *entry = &ledger->entries[index];

    free(entry->server);
    free(entry->tool);
    entry->server = xstrdup(server);
    entry->tool = xstrdup(tool);
    entry->effect = effect;
}

void ledger_sent(struct ledger *ledger, size_t index)
{
    ledger->entries[index].outcome = OUTCOME_IN_FLIGHT;
    ledger->entries[index].started_ns = clock_now_ns();
}

void ledger_asked(struct ledger *ledger, size_t index)
{
    ledger->entries[index].questions++;
}

void ledger_end(struct ledger *ledger, size_t index, enum call_outcome outcome, size_t reply_bytes)
{
    struct ledger_entry *entry = &ledger->entries[index];

    entry->outcome = outcome;
    entry->reply_bytes = reply_bytes;
    if (entry->started_ns)
        entry->duration_us = (clock_now_ns() - entry->started_ns) / 1000;
}

static bool reached(const struct ledger_entry *entry)
{
    return entry->server && outcomes[entry->outcome].reached;
}

enum rerun ledger_rerun(const struct ledger *ledger)
{
    enum rerun worst = RERUN_NOTHING_DONE;
    static const enum rerun by_effect[] = {
        [EFFECT_READS] = RERUN_SAFE,
        [EFFECT_REPEATABLE] = RERUN_SAFE,
        [EFFECT_UNKNOWN] = RERUN_UNKNOWN,
        [EFFECT_CHANGES] = RERUN_UNSAFE,
    };

    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];

        if (reached(entry) && by_effect[entry->effect] > worst)
            worst = by_effect[entry->effect];
    }
    return worst;
}

static void write_entry(const struct ledger_entry *entry, struct buf *out)
{
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "op", span_of(entry->op));
    if (entry->server)
        json_write_member_string(out, "server", span_of(entry->server));
    if (entry->tool)
        json_write_member_string(out, "tool", span_of(entry->tool));
    json_write_member_string(out, "outcome", span_of(outcomes[entry->outcome].name));
    json_write_member_string(out, "effect", span_of(effect_names[entry->effect]));
    json_write_member_int(out, "duration_us", (int64_t)entry->duration_us);
    json_write_member_int(out, "argument_bytes", (int64_t)entry->argument_bytes);
    json_write_member_int(out, "reply_bytes", (int64_t)entry->reply_bytes);
    if (entry->questions)
        json_write_member_int(out, "questions", entry->questions);
    buf_add_char(out, '}');
}

void ledger_write_json(const struct ledger *ledger, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < ledger->count && i < LEDGER_SHOWN; i++)
        write_entry(&ledger->entries[i], out);
    buf_add_char(out, ']');
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_group(const struct ledger_entry *a, const struct ledger_entry *b)
{
    return a->outcome == b->outcome && same_name(a->server, b->server) &&
           same_name(a->tool, b->tool) && strcmp(a->op, b->op) == 0;
}

/* True when an earlier entry already stands for this one. */
static bool grouped_before(const struct ledger *ledger, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_group(&ledger->entries[i], &ledger->entries[index]))
            return true;
    }
    return false;
}

static size_t group_size(const struct ledger *ledger, size_t first)
{
    size_t size = 0;

    for (size_t i = first; i < ledger->count; i++)
        size += same_group(&ledger->entries[i], &ledger->entries[first]);
    return size;
}

static void write_group(const struct ledger *ledger, size_t first, struct buf *out)
{
    static const char *const says[] = {
        [EFFECT_READS] = "only reads",
        [EFFECT_REPEATABLE] = "changes something, may be repeated",
        [EFFECT_CHANGES] = "changes something",
        [EFFECT_UNKNOWN] = "may change something, the server does not say",
    };
    const struct ledger_entry *entry = &ledger->entries[first];
    size_t size = group_size(ledger, first);

    buf_printf(out, "- %s", entry->server);
    if (entry->tool)
        buf_printf(out, ".%s", entry->tool);
    else
        buf_printf(out, " (%s)", entry->op);
    if (size > 1)
        buf_printf(out, " x %zu", size);
    buf_printf(out, ": %s; %s\n", outcomes[entry->outcome].name, says[entry->effect]);
}

static void write_groups(const struct ledger *ledger, struct buf *out)
{
    size_t shown = 0;

    /* Grouping compares each entry with those before it: a bounded stretch keeps that cheap. */
    for (size_t i = 0; i < ledger->count && i < LEDGER_SHOWN; i++) {
        if (!reached(&ledger->entries[i]) || grouped_before(ledger, i))
            continue;
        if (shown++ < REPORT_GROUPS)
            write_group(ledger, i, out);
    }
    if (shown > REPORT_GROUPS)
        buf_printf(out, "- and %zu more kinds of calls\n", shown - REPORT_GROUPS);
    if (ledger->count > LEDGER_SHOWN)
        buf_printf(out, "- further calls: %zu in all\n", ledger->count);
}

void ledger_write_report(const struct ledger *ledger, struct buf *out)
{
    static const char *const verdicts[] = {
        [RERUN_NOTHING_DONE] = "No server had been asked for anything: running the code again "
                               "repeats nothing.",
        [RERUN_SAFE] = "Running the code again repeats only calls that read or may be repeated, "
                       "as far as the servers tell.",
        [RERUN_UNKNOWN] = "Whether running the code again is safe is not known: find out first "
                          "what the calls above have done.",
        [RERUN_UNSAFE] = "Running the code again as it is would repeat calls that change "
                         "something: continue from what was done instead.",
    };
    enum rerun rerun = ledger_rerun(ledger);

    if (rerun != RERUN_NOTHING_DONE) {
        buf_add_str(out, "Calls before the failure:\n");
        write_groups(ledger, out);
    }
    buf_printf(out, "%s\n", verdicts[rerun]);
}
