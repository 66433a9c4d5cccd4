/*
 * Questions of servers in the middle of an execution.  A person takes longer
 * to answer than limits.wall allows a script, so the clock stands still
 * meanwhile; how long that may be is whoever asks the client's to say.
 */
#include "proxy/exec/exec_internal.h"

static void stop_clock(struct exec *exec)
{
    uint64_t now = loop_now_ms(exec->service->parts.loop);

    exec->left_ms = exec->deadline_ms > now ? exec->deadline_ms - now : 0;
    exec->asking_since_ns = clock_now_ns();
    loop_timer_stop(exec->timer);
}

static void start_clock(struct exec *exec)
{
    exec->asking_us += (clock_now_ns() - exec->asking_since_ns) / 1000;
    exec->asking_since_ns = 0;
    exec_start_clock(exec, exec->left_ms);
}

/* After a question has come or gone. */
static void set_clock(struct exec *exec)
{
    bool asking = broker_asks(exec->broker) > 0;

    if (exec->step != STEP_RUN || asking == (exec->asking_since_ns != 0))
        return;
    if (asking)
        stop_clock(exec);
    else
        start_clock(exec);
}

void exec_start_clock(struct exec *exec, uint64_t left_ms)
{
    exec->deadline_ms = loop_now_ms(exec->service->parts.loop) + left_ms;
    loop_timer_start(exec->timer, left_ms);
}

void exec_on_ask(void *ctx, struct ask *ask)
{
    struct exec *exec = ctx;

    set_clock(exec);
    exec->events.on_ask(exec->ctx, ask);
}

void exec_on_ask_gone(void *ctx, struct ask *ask)
{
    struct exec *exec = ctx;

    set_clock(exec);
    exec->events.on_ask_gone(exec->ctx, ask);
}

void exec_answer(struct exec *exec, struct ask *ask, struct span result)
{
    broker_answer_ask(exec->broker, ask, result);
    set_clock(exec);
}

void exec_refuse(struct exec *exec, struct ask *ask, const char *why)
{
    broker_refuse_ask(exec->broker, ask, why);
    set_clock(exec);
}

void exec_set_caller(struct exec *exec, const struct upstream_caller *caller)
{
    exec_caller_set(&exec->caller, caller, exec);
}
