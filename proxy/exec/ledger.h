/*
 * The ledger of one execution: each host call that reached a decision, what
 * came of it, and whether it may have changed something.
 *
 * It is what an error can say honestly about running the same code again:
 * annotations are hints of the servers, and where they are silent it says so.
 */
#ifndef PROXY_EXEC_LEDGER_H
#define PROXY_EXEC_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "codegen/catalogue.h"

enum call_outcome {
#define OUTCOME(name, text, reached) OUTCOME_##name,
#include "proxy/exec/ledger_outcomes.def"
#undef OUTCOME
    OUTCOME_COUNT
};

enum call_effect {
    EFFECT_READS,
    EFFECT_REPEATABLE, /* changes something, but no more when done again */
    EFFECT_CHANGES,
    EFFECT_UNKNOWN /* the server does not say */
};

/* Whether running the same code again is safe. */
enum rerun { RERUN_NOTHING_DONE, RERUN_SAFE, RERUN_UNKNOWN, RERUN_UNSAFE };

struct ledger_entry {
    const char *op;      /* constant */
    char *server, *tool; /* owned; NULL when the call concerns none */
    enum call_outcome outcome;
    enum call_effect effect;
    uint64_t started_ns; /* 0 until it was sent */
    uint64_t duration_us;
    size_t argument_bytes, reply_bytes;
    unsigned questions; /* that its server asked meanwhile */
};

struct ledger {
    struct ledger_entry *entries; /* owned */
    size_t count, room;
    size_t refused; /* calls over the limit; they have no entry */
};

void ledger_init(struct ledger *ledger);
void ledger_done(struct ledger *ledger);

/* The effect that a tool's annotations promise; of a call that is no tool (NULL), that it reads. */
enum call_effect ledger_effect(const struct tool *tool);

/* Enters a call that waits its turn; `op` is a constant, names are copied (empty: none).  Returns
 * its index. */
size_t ledger_add(struct ledger *ledger,
                  const char *op,
                  struct span server,
                  struct span tool,
                  size_t argument_bytes);
/* Its server and tool by their right names, and its effect, are known now. */
void ledger_name(struct ledger *ledger,
                 size_t index,
                 const char *server,
                 const char *tool,
                 enum call_effect effect);
/* It goes out now. */
void ledger_sent(struct ledger *ledger, size_t index);
/* Its server asks a question. */
void ledger_asked(struct ledger *ledger, size_t index);
/* It ended. */
void ledger_end(struct ledger *ledger, size_t index, enum call_outcome outcome, size_t reply_bytes);

enum rerun ledger_rerun(const struct ledger *ledger);

/* Appends `[{"server","tool","outcome","effect","duration_us",...}]`, LEDGER_SHOWN entries at most.
 */
#define LEDGER_SHOWN 200
void ledger_write_json(const struct ledger *ledger, struct buf *out);

/* Appends lines for a model: what was done, what may have been, and whether running the code again
 * is safe. */
void ledger_write_report(const struct ledger *ledger, struct buf *out);

#endif
