#include "proxy/check/compiler_barrier.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/check/compiler_filter.h" /* generated: compiler_filter */

static const struct sock_fprog program = {
    .len = ARRAY_COUNT(compiler_filter),
    .filter = (struct sock_filter *)(uintptr_t)compiler_filter,
};

/* What a part that was refused means: 0 when the compiler may do without it. */
static int refuse(const char *layer, bool required, const struct err *refused, struct err *err)
{
    if (refused->code == ERR_NOT_FOUND)
        return err_set(err, ERR_NOT_FOUND, "%s", refused->text);
    if (required)
        return err_set(err, refused->code,
                       "the compiler's %s is refused: %s ('sandbox: best-effort' does without)",
                       layer, refused->text);
    log_warn("check", "compiler_layer_refused", LOG_STR("layer", layer), LOG_ERR(refused));
    return 0;
}

static int
make_rules(const char *dir, bool required, struct child_barrier *barrier, struct err *err)
{
    struct err refused = ERR_INIT;

    barrier->landlock_rules = landlock_rules(dir, &refused);
    return barrier->landlock_rules >= 0 ? 0 : refuse("landlock", required, &refused, err);
}

static int make_filter(bool required, struct child_barrier *barrier, struct err *err)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    struct err refused = ERR_INIT;

    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) {
        barrier->filter = &program;
        return 0;
    }
    err_sys(&refused, ERR_UNSUPPORTED, errno, "seccomp");
    return refuse("filter", required, &refused, err);
}

int compiler_barrier_make(const char *dir,
                          bool required,
                          struct child_barrier *ret_barrier,
                          struct err *err)
{
    *ret_barrier = (struct child_barrier){ .landlock_rules = -1 };
    if (make_rules(dir, required, ret_barrier, err) == 0 &&
        make_filter(required, ret_barrier, err) == 0)
        return 0;
    compiler_barrier_done(ret_barrier);
    return -1;
}

const char *compiler_barrier_missing(const struct child_barrier *barrier)
{
    if (barrier->landlock_rules < 0)
        return barrier->filter ? "landlock" : "landlock, filter";
    return barrier->filter ? "" : "filter";
}

void compiler_barrier_done(struct child_barrier *barrier)
{
    fd_close(&barrier->landlock_rules);
}
