#include "proxy/exec/caller.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"

static char *dup_or_null(struct span text)
{
    return text.len ? span_dup(text) : NULL;
}

static struct span bounded_meta(struct span meta)
{
    if (meta.len <= LIMIT_META_BYTES)
        return meta;
    log_warn("exec", "meta_left_out", LOG_STR("why", "it is over META_BYTES"),
             LOG_INT("bytes", meta.len));
    return SPAN_NONE;
}

void exec_caller_set(struct exec_caller *caller,
                     const struct upstream_caller *from,
                     const void *owner)
{
    exec_caller_done(caller);
    caller->session = dup_or_null(from->session);
    caller->capabilities = dup_or_null(from->capabilities);
    caller->meta = dup_or_null(bounded_meta(from->meta));
    caller->view = *from;
    caller->view.owner = owner;
    caller->view.session = span_of(caller->session);
    caller->view.capabilities = span_of(caller->capabilities);
    caller->view.meta = span_of(caller->meta);
}

void exec_caller_done(struct exec_caller *caller)
{
    free(caller->session);
    free(caller->capabilities);
    free(caller->meta);
    *caller = (struct exec_caller){ 0 };
}

static bool has_member(struct span object, struct span raw_key)
{
    struct json_iter it = json_iter(object);

    while (json_next(&it)) {
        if (span_equal(it.key, raw_key))
            return true;
    }
    return false;
}

void exec_caller_write_meta(const struct upstream_caller *caller, struct span own, struct buf *out)
{
    struct json_iter it = json_iter(own);

    buf_add_char(out, '{');
    while (json_next(&it))
        json_write_member_at(out, &it);
    it = json_iter(caller->meta);
    while (json_next(&it)) {
        if (!has_member(own, it.key))
            json_write_member_at(out, &it);
    }
    buf_add_char(out, '}');
}
