/*
 * Installs the finished filter programs that base/filter_generator.c makes of
 * sandbox_calls.def while building.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "isolate/sandbox_filters.h" /* generated: zygote_filter, worker_filter */

int sandbox_install_filter(const struct sandbox_options *options, int which, struct err *err)
{
    const bool worker = which == SANDBOX_FILTER_WORKER;
    const struct sock_filter *code = worker ? worker_filter : zygote_filter;
    struct sock_fprog program = {
        .len = worker ? ARRAY_COUNT(worker_filter) : ARRAY_COUNT(zygote_filter),
        .filter = (struct sock_filter *)(uintptr_t)code,
    };

    (void)options;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        return err_sys(err, ERR_DENIED, errno, "seccomp");
    return 0;
}
