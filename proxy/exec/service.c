/*
 * What all executions share: the places, the queue, the caches, what is kept.
 */
#include "proxy/exec/exec.h"

#include <inttypes.h>

#include "base/log.h"
#include "proxy/exec/exec_internal.h"

struct exec_service *exec_service_new(const struct exec_parts *parts)
{
    struct exec_service *service = NEW(struct exec_service);

    service->parts = *parts;
    service->cache = cache_new(LIMIT_CODE_CACHE_BYTES);
    service->kept = kept_new(LIMIT_KEPT_RESULTS_BYTES, parts->config->limits.result_chars);
    script_environment_init(&service->environment);
    TAILQ_INIT(&service->all);
    TAILQ_INIT(&service->queue);
    return service;
}

void exec_service_free(struct exec_service *service)
{
    if (!service)
        return;
    BUG_ON(!TAILQ_EMPTY(&service->all));
    loop_unpost(service->parts.loop, &service->stopped_task);
    cache_free(service->cache);
    kept_free(service->kept);
    script_environment_done(&service->environment);
    free(service);
}

unsigned exec_service_running(const struct exec_service *service)
{
    return service->count;
}

static void tell_stopped(void *ctx)
{
    struct exec_service *service = ctx;

    if (service->on_stopped)
        TAKE(service->on_stopped)(service->on_stopped_ctx);
}

static void check_stopped(struct exec_service *service)
{
    if (service->on_stopped && service->count == 0)
        loop_post(service->parts.loop, &service->stopped_task, tell_stopped, service);
}

void exec_service_stop(struct exec_service *service, loop_fn *fn, void *ctx)
{
    struct exec *exec;

    service->on_stopped = fn;
    service->on_stopped_ctx = ctx;
    TAILQ_FOREACH(exec, &service->all, link)
    exec_fail(exec, KIND_CANCELLED, "mcpfold is being stopped");
    check_stopped(service);
}

struct exec *exec_start(struct exec_service *service,
                        const struct exec_request *request,
                        const struct exec_events *events,
                        void *ctx)
{
    struct exec *exec = exec_new(service, request, events, ctx);

    TAILQ_INSERT_TAIL(&service->all, exec, link);
    service->count++;
    if (service->on_stopped)
        exec_fail(exec, KIND_CANCELLED, "mcpfold is being stopped");
    exec_wake(exec);
    return exec;
}

static bool enqueue(struct exec_service *service, struct exec *exec)
{
    const struct limits *limits = &service->parts.config->limits;

    if (service->queued >= limits->queue) {
        exec_fail(exec, KIND_BUSY,
                  "%u executions run and %u wait already: the limit is %" PRIu64
                  " waiting (limits.queue in the configuration)",
                  service->running, service->queued, limits->queue);
        return false;
    }
    exec->queued = true;
    TAILQ_INSERT_TAIL(&service->queue, exec, queue_link);
    service->queued++;
    loop_timer_start(exec->timer, limits->queue_ms);
    return false;
}

bool service_admit(struct exec_service *service, struct exec *exec)
{
    bool first = TAILQ_EMPTY(&service->queue) || TAILQ_FIRST(&service->queue) == exec;

    if (!first || service->running >= service->parts.config->limits.executions)
        return exec->queued ? false : enqueue(service, exec);
    service_leave_queue(service, exec);
    loop_timer_stop(exec->timer);
    exec->admitted = true;
    service->running++;
    return true;
}

static void wake_next(struct exec_service *service)
{
    struct exec *next = TAILQ_FIRST(&service->queue);

    if (next && service->running < service->parts.config->limits.executions)
        exec_wake(next);
}

void service_leave_queue(struct exec_service *service, struct exec *exec)
{
    if (!exec->queued)
        return;
    exec->queued = false;
    TAILQ_REMOVE(&service->queue, exec, queue_link);
    service->queued--;
    wake_next(service);
}

void service_forget(struct exec_service *service, struct exec *exec)
{
    TAILQ_REMOVE(&service->all, exec, link);
    service->count--;
    if (exec->admitted)
        service->running--;
    wake_next(service);
    check_stopped(service);
}

int exec_read_kept(struct exec_service *service,
                   struct span uri,
                   struct buf *out,
                   const char **ret_mime,
                   struct err *err)
{
    return kept_page(service->kept, uri, out, ret_mime, err);
}
