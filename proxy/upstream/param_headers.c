#include "proxy/upstream/param_headers.h"

#include "base/buf.h"
#include "proxy/rpc/mirrored_params.h"

int param_headers_check(struct span schema, struct err *err)
{
    struct mirrored_params params;

    return mirrored_params_read(&params, schema, SPAN_NONE, err);
}

static int add_header(struct header_list *out, const struct mirrored_param *param, struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(MIRRORED_VALUE_BYTES);
    int result = mirrored_param_text(param, &text, err);

    return result <= 0 ? result : header_list_add_encoded(out, param->header, buf_span(&text), err);
}

int param_headers_add(struct header_list *out,
                      struct span schema,
                      struct span arguments,
                      struct err *err)
{
    struct mirrored_params params;

    if (mirrored_params_read(&params, schema, arguments, err) < 0)
        return -1;
    for (size_t i = 0; i < params.count; i++) {
        if (add_header(out, &params.items[i], err) < 0)
            return -1;
    }
    return 0;
}
