/*
 * The sandbox around the zygote and its workers, as a table of layers
 * (sandbox_layers.def): each has a name, a moment, and says what it stops.
 *
 * A layer that the kernel or a container refuses is never passed over in
 * silence: it stands in the report with its reason, which goes to the proxy.
 */
#ifndef ISOLATE_SANDBOX_H
#define ISOLATE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum sandbox_stage { SANDBOX_STAGE_START, SANDBOX_STAGE_ZYGOTE, SANDBOX_STAGE_WORKER };

enum sandbox_layer_id {
#define LAYER(name, text, stage, function, argument, stops) SANDBOX_LAYER_##name,
#include "isolate/sandbox_layers.def"
#undef LAYER
    SANDBOX_LAYER_COUNT
};

enum sandbox_outcome {
    SANDBOX_OUTCOME_NONE,       /* not applied yet */
    SANDBOX_OUTCOME_ON,         /* in force */
    SANDBOX_OUTCOME_NOT_NEEDED, /* would change nothing, such as dropping root without being root */
    SANDBOX_OUTCOME_REFUSED,    /* the system said no; see the reason */
    SANDBOX_OUTCOME_RELAXED     /* left out by MCPFOLD_SANDBOX_RELAXED, for sanitizer builds only */
};

#define SANDBOX_REASON_BYTES 160

struct sandbox_report {
    struct sandbox_layer_report {
        enum sandbox_outcome outcome;
        char reason[SANDBOX_REASON_BYTES]; /* of a refusal */
    } layers[SANDBOX_LAYER_COUNT];
};

/* What layers must know. */
struct sandbox_options {
    uint64_t data_bytes;    /* RLIMIT_DATA of a worker; 0 for none */
    uint64_t address_bytes; /* RLIMIT_AS of a worker; 0 for none */
};

/* One row of the table. */
struct sandbox_layer {
    const char *name;
    enum sandbox_stage stage;
    /* 0 when in force, 1 when there is nothing to do, -1 with err when refused. */
    int (*apply)(const struct sandbox_options *options, int argument, struct err *err);
    int argument;
    const char *stops;
};
extern const struct sandbox_layer sandbox_layers[SANDBOX_LAYER_COUNT];

/*
 * Applies the layers of a stage, each whatever became of the one before, and
 * writes the outcomes to the report.  Layers that the report says were refused
 * before (in the trial of a worker) are left out.  Returns how many were
 * refused now.
 */
unsigned sandbox_apply(enum sandbox_stage stage,
                       const struct sandbox_options *options,
                       struct sandbox_report *report);

/* How many layers of a report were refused. */
unsigned sandbox_refused(const struct sandbox_report *report);

/* Appends one line a layer: "on NAME", "off NAME: REASON", "relaxed NAME". */
void sandbox_describe(const struct sandbox_report *report, struct buf *out);

/* Appends the refused layers with their reasons, as one line of text. */
void sandbox_describe_refused(const struct sandbox_report *report, struct buf *out);

/* True when this build leaves layers out (MCPFOLD_SANDBOX_RELAXED). */
bool sandbox_is_relaxed(void);

/* The layers, each in the file of its mechanism. */
int sandbox_end_first(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_drop_user(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_enter_user_namespace(const struct sandbox_options *options,
                                 int argument,
                                 struct err *err);
int sandbox_unshare(const struct sandbox_options *options, int flag, struct err *err);
int sandbox_hide_host_name(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_empty_root(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_no_new_privileges(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_landlock(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_no_executable_gain(const struct sandbox_options *options,
                               int argument,
                               struct err *err);
int sandbox_not_dumpable(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_drop_capabilities(const struct sandbox_options *options, int argument, struct err *err);
int sandbox_limit_resources(const struct sandbox_options *options, int argument, struct err *err);

enum sandbox_filter { SANDBOX_FILTER_ZYGOTE, SANDBOX_FILTER_WORKER };
int sandbox_install_filter(const struct sandbox_options *options, int which, struct err *err);

#endif
