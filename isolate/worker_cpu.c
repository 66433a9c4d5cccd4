#include "isolate/worker_cpu.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "isolate/worker.h"

#define GRACE_MS 1000

/* What a signal handler must reach; one execution a process, so one of each. */
static struct engine *volatile watched;
static volatile sig_atomic_t expired;

static void on_expired(int signal_number)
{
    (void)signal_number;
    if (expired || !watched)
        _exit(WORKER_EXIT_CPU);
    expired = 1;
    engine_terminate(watched);
}

void worker_cpu_install(void)
{
    struct sigaction action = { .sa_handler = on_expired, .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    sigaction(SIGPROF, &action, NULL);
    sigaction(SIGXCPU, &action, NULL);
}

static struct timeval timeval_of_ms(uint64_t ms)
{
    return (struct timeval){ .tv_sec = (time_t)(ms / 1000),
                             .tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

/* Seconds of processor time that the process has used so far, rounded up. */
static rlim_t used_seconds(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 2);
}

void worker_cpu_start(uint64_t cpu_ms, struct engine *engine)
{
    struct itimerval timer = { .it_value = timeval_of_ms(cpu_ms ? cpu_ms : 1),
                               .it_interval = timeval_of_ms(GRACE_MS) };
    rlim_t soft = used_seconds() + (rlim_t)(cpu_ms / 1000) + 1;
    struct rlimit backstop = { .rlim_cur = soft, .rlim_max = RLIM_INFINITY };
    struct rlimit old;

    watched = engine;
    expired = 0;
    if (getrlimit(RLIMIT_CPU, &old) == 0)
        backstop.rlim_max = old.rlim_max;
    /* For a script the hard limit follows closely; while preparing it must stay as it was. */
    if (engine && (backstop.rlim_max == RLIM_INFINITY || backstop.rlim_max > soft + 2))
        backstop.rlim_max = soft + 2;
    if (backstop.rlim_cur > backstop.rlim_max)
        backstop.rlim_cur = backstop.rlim_max;
    setrlimit(RLIMIT_CPU, &backstop);
    setitimer(ITIMER_PROF, &timer, NULL);
}

void worker_cpu_stop(void)
{
    struct itimerval none = { .it_value = { 0 } };

    setitimer(ITIMER_PROF, &none, NULL);
}

bool worker_cpu_expired(void)
{
    return expired != 0;
}
