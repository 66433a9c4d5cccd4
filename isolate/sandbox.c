#include "isolate/sandbox.h"

#include <sched.h>
#include <stdio.h>

const struct sandbox_layer sandbox_layers[SANDBOX_LAYER_COUNT] = {
#define LAYER(name, text, stage, function, argument, stops) \
    [SANDBOX_LAYER_##name] = { text, SANDBOX_STAGE_##stage, function, argument, stops },
#include "isolate/sandbox_layers.def"
#undef LAYER
};

bool sandbox_is_relaxed(void)
{
#ifdef MCPFOLD_SANDBOX_RELAXED
    return true;
#else
    return false;
#endif
}

/* The sanitizers' own run-time library needs memory, descriptors and calls that these deny. */
static bool is_left_out(enum sandbox_layer_id id)
{
    return sandbox_is_relaxed() &&
           (id == SANDBOX_LAYER_LIMITS || id == SANDBOX_LAYER_ZYGOTE_FILTER ||
            id == SANDBOX_LAYER_WORKER_FILTER);
}

static void apply_layer(enum sandbox_layer_id id,
                        const struct sandbox_options *options,
                        struct sandbox_layer_report *ret)
{
    const struct sandbox_layer *layer = &sandbox_layers[id];
    struct err err = ERR_INIT;
    int result;

    if (is_left_out(id)) {
        ret->outcome = SANDBOX_OUTCOME_RELAXED;
        return;
    }
    result = layer->apply(options, layer->argument, &err);
    if (result == 0)
        ret->outcome = SANDBOX_OUTCOME_ON;
    else if (result > 0)
        ret->outcome = SANDBOX_OUTCOME_NOT_NEEDED;
    else
        ret->outcome = SANDBOX_OUTCOME_REFUSED;
    if (result < 0)
        snprintf(ret->reason, sizeof(ret->reason), "%.*s", SANDBOX_REASON_BYTES - 1, err.text);
}

unsigned sandbox_apply(enum sandbox_stage stage,
                       const struct sandbox_options *options,
                       struct sandbox_report *report)
{
    unsigned refused = 0;

    for (int id = 0; id < SANDBOX_LAYER_COUNT; id++) {
        struct sandbox_layer_report *layer = &report->layers[id];

        if (sandbox_layers[id].stage != stage || layer->outcome == SANDBOX_OUTCOME_REFUSED)
            continue;
        apply_layer((enum sandbox_layer_id)id, options, layer);
        if (layer->outcome == SANDBOX_OUTCOME_REFUSED)
            refused++;
    }
    return refused;
}

unsigned sandbox_refused(const struct sandbox_report *report)
{
    unsigned refused = 0;

    for (int id = 0; id < SANDBOX_LAYER_COUNT; id++)
        refused += report->layers[id].outcome == SANDBOX_OUTCOME_REFUSED;
    return refused;
}

static void
describe_layer(const char *name, const struct sandbox_layer_report *layer, struct buf *out)
{
    switch (layer->outcome) {
    case SANDBOX_OUTCOME_ON:
        buf_printf(out, "on %s\n", name);
        break;
    case SANDBOX_OUTCOME_REFUSED:
        buf_printf(out, "off %s: %s\n", name, layer->reason);
        break;
    case SANDBOX_OUTCOME_RELAXED:
        buf_printf(out, "relaxed %s\n", name);
        break;
    case SANDBOX_OUTCOME_NONE:
    case SANDBOX_OUTCOME_NOT_NEEDED:
        break;
    }
}

void sandbox_describe(const struct sandbox_report *report, struct buf *out)
{
    for (int id = 0; id < SANDBOX_LAYER_COUNT; id++)
        describe_layer(sandbox_layers[id].name, &report->layers[id], out);
}

void sandbox_describe_refused(const struct sandbox_report *report, struct buf *out)
{
    for (int id = 0; id < SANDBOX_LAYER_COUNT; id++) {
        const struct sandbox_layer_report *layer = &report->layers[id];

        if (layer->outcome == SANDBOX_OUTCOME_REFUSED)
            buf_printf(out, "%s%s (%s)", out->len ? ", " : "", sandbox_layers[id].name,
                       layer->reason);
    }
}
