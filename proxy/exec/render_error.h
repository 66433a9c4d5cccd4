/*
 * A failure as text for a model: what happened, where in its code, what the
 * tool wants, what had been done, and whether running it again is safe.
 */
#ifndef PROXY_EXEC_RENDER_ERROR_H
#define PROXY_EXEC_RENDER_ERROR_H

#include "base/buf.h"
#include "codegen/catalogue.h"
#include "proxy/exec/failure.h"
#include "proxy/exec/ledger.h"
#include "proxy/exec/output.h"

struct error_view {
    const struct failure *failure;
    struct span code;                  /* as it was sent */
    const struct catalogue *catalogue; /* NULL when none was reached */
    const struct ledger *ledger;       /* NULL when nothing ran */
    const struct output *output;
    size_t budget; /* characters */
};

void render_error(const struct error_view *view, struct buf *out);

#endif
