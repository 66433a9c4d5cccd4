/*
 * Resource limits of a worker.  Not here: RLIMIT_CPU follows the execution
 * (worker_cpu.c).  RLIMIT_DATA counts what is writable and private;
 * RLIMIT_AS, far above it since the engine reserves more than it uses, bounds
 * the page tables of all the rest.  And what the kernel does when memory runs
 * out all the same.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "base/mem.h"

/* Of a process that the kernel ends before all others (Documentation/filesystems/proc.rst). */
#define OOM_SCORE_FIRST "1000"

#define CPU_MAX_SECONDS 3600

struct resource_limit {
    __rlimit_resource_t resource;
    rlim_t value;
    const char *name;
};

static const struct resource_limit fixed_limits[] = {
    { RLIMIT_NOFILE, 1, "NOFILE" }, /* the socket is descriptor 0; poll(2) wants room for it */
    { RLIMIT_NPROC, 0, "NPROC" },   /* no process and no thread */
    { RLIMIT_FSIZE, 0, "FSIZE" },   /* no byte to any file */
    { RLIMIT_CORE, 0, "CORE" },     /* no memory image on a disk */
    { RLIMIT_MEMLOCK, 0, "MEMLOCK" },
    { RLIMIT_MSGQUEUE, 0, "MSGQUEUE" },
    { RLIMIT_RTPRIO, 0, "RTPRIO" },
    { RLIMIT_CPU, CPU_MAX_SECONDS, "CPU" }, /* until the execution says how much it may use */
};

static int set_limit(__rlimit_resource_t resource, rlim_t value, const char *name, struct err *err)
{
    struct rlimit limit = { .rlim_cur = value, .rlim_max = value };

    if (setrlimit(resource, &limit) < 0)
        return err_sys(err, ERR_DENIED, errno, "RLIMIT_%s", name);
    return 0;
}

int sandbox_limit_resources(const struct sandbox_options *options, int argument, struct err *err)
{
    (void)argument;
    for (size_t i = 0; i < ARRAY_COUNT(fixed_limits); i++) {
        const struct resource_limit *limit = &fixed_limits[i];

        if (set_limit(limit->resource, limit->value, limit->name, err) < 0)
            return -1;
    }
    if (options->data_bytes && set_limit(RLIMIT_DATA, options->data_bytes, "DATA", err) < 0)
        return -1;
    if (options->address_bytes)
        return set_limit(RLIMIT_AS, options->address_bytes, "AS", err);
    return 0;
}

int sandbox_end_first(const struct sandbox_options *options, int argument, struct err *err)
{
    CLEANUP(fd) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    (void)options;
    (void)argument;
    if (fd < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot open oom_score_adj");
    return fd_write_all(fd, OOM_SCORE_FIRST, strlen(OOM_SCORE_FIRST), err);
}
