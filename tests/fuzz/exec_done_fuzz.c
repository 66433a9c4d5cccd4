/*
 * Any end of a script as a hostile worker may write it, any console line,
 * block and progress: rendered within the budget, and as JSON where JSON is due.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "proxy/exec/failure.h"
#include "proxy/exec/output.h"
#include "proxy/exec/render_result.h"

#define BUDGET 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_output(struct output *output, struct span json)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_LOG_BYTES), message = BUF(LIMIT_LOG_BYTES);
    struct span level;
    double progress, total;

    output_log(output, json, &level, &text);
    output_emit(output, json);
    output_progress(output, json, &progress, &total, &message);
}

static void check_result(const struct output *output, struct span json)
{
    CLEANUP(buf) struct buf text = BUF(1 << 20);
    struct kept *kept = kept_new(1 << 20, BUDGET);
    struct result_parts parts;

    render_result(
        &(struct result_view){ .done = json, .output = output, .kept = kept, .budget = BUDGET },
        &text, &parts);
    BUG_ON(utf8_count(buf_span(&text)) > BUDGET);
    kept_free(kept);
}

static void check_failure(struct span json)
{
    CLEANUP(buf) struct buf text = BUF(1 << 22);
    struct failure failure;

    failure_init(&failure);
    failure_from_done(&failure, json, json);
    failure_write_json(&failure, &text);
    BUG_ON(json_check(buf_span(&text), 0, NULL) < 0);
    failure_done(&failure);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span json = span_make((const char *)data, size);
    struct output output;

    if (json_check(json, LIMIT_RPC_DEPTH, NULL) < 0)
        return 0;
    output_init(&output);
    take_output(&output, json);
    check_result(&output, json);
    check_failure(json);
    output_done(&output);
    return 0;
}
