/*
 * A value as text for a model: strings as they are, everything else as JSON,
 * then console lines and notes; over the budget it is shortened by structure
 * and the whole is kept.
 */
#ifndef PROXY_EXEC_RENDER_RESULT_H
#define PROXY_EXEC_RENDER_RESULT_H

#include "base/buf.h"
#include "proxy/exec/kept.h"
#include "proxy/exec/output.h"

struct result_view {
    struct span done; /* the JSON of DONE ok: {"kind","value","unawaited","rejections"?} */
    const struct output *output;
    struct span warnings; /* of the type check, rendered; may be empty */
    struct kept *kept;
    size_t budget; /* characters */
};

struct result_parts {
    struct span value;             /* the value as JSON, a part of view->done; empty: undefined */
    char kept_uri[KEPT_URI_BYTES]; /* "" when nothing was kept */
};

void render_result(const struct result_view *view, struct buf *out, struct result_parts *ret);

#endif
