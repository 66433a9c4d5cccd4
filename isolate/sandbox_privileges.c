/*
 * Layers that take rights away from the process itself: its user, its
 * capabilities, what exec and mprotect could gain, core dumps.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * The user and group of the zygote when the proxy is root.  Debian's policy
 * reserves 65000 to 65533, and systemd's dynamic users end at 65519.
 */
#define UNUSED_ID 65531

#ifndef PR_SET_MDWE
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static int read_capabilities(struct __user_cap_data_struct ret_data[2])
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

    return (int)syscall(SYS_capget, &header, ret_data);
}

static bool has_capability(const struct __user_cap_data_struct data[2], unsigned capability)
{
    return (data[capability / 32].effective & (1u << (capability % 32))) != 0;
}

int sandbox_drop_user(const struct sandbox_options *options, int argument, struct err *err)
{
    struct __user_cap_data_struct data[2];

    (void)options;
    (void)argument;
    if (geteuid() != 0)
        return 1;
    if (read_capabilities(data) < 0)
        return err_sys(err, ERR_DENIED, errno, "capget");
    if (!has_capability(data, CAP_SETUID) || !has_capability(data, CAP_SETGID))
        return err_set(err, ERR_DENIED, "root without CAP_SETUID and CAP_SETGID");
    /* A proxy that may not signal another user's processes could not end a worker. */
    if (!has_capability(data, CAP_KILL))
        return err_set(err, ERR_DENIED, "root without CAP_KILL could not end workers");
    if (setgroups(0, NULL) < 0 || setresgid(UNUSED_ID, UNUSED_ID, UNUSED_ID) < 0 ||
        setresuid(UNUSED_ID, UNUSED_ID, UNUSED_ID) < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot become user %d", UNUSED_ID);
    /* Changing users gave /proc/self to root, where the user namespace's map is written. */
    if (prctl(PR_SET_DUMPABLE, 1) < 0)
        return err_sys(err, ERR_DENIED, errno, "PR_SET_DUMPABLE");
    return 0;
}

int sandbox_no_new_privileges(const struct sandbox_options *options, int argument, struct err *err)
{
    (void)options;
    (void)argument;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_sys(err, ERR_DENIED, errno, "PR_SET_NO_NEW_PRIVS");
    return 0;
}

int sandbox_no_executable_gain(const struct sandbox_options *options, int argument, struct err *err)
{
    (void)options;
    (void)argument;
    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
        return err_sys(err, ERR_UNSUPPORTED, errno, "PR_SET_MDWE (Linux 6.3)");
    return 0;
}

int sandbox_not_dumpable(const struct sandbox_options *options, int argument, struct err *err)
{
    (void)options;
    (void)argument;
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return err_sys(err, ERR_DENIED, errno, "PR_SET_DUMPABLE");
    return 0;
}

/* Best effort: without the right to do it there is nothing that exec could gain them for. */
static void drop_bounding_set(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        prctl(PR_CAPBSET_DROP, capability);
}

int sandbox_drop_capabilities(const struct sandbox_options *options, int argument, struct err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

    (void)options;
    (void)argument;
    drop_bounding_set();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) < 0)
        return err_sys(err, ERR_DENIED, errno, "capset");
    return 0;
}
