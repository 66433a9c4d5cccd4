/*
 * Layers made of namespaces: nothing of the system outside can be named.
 * Called before the zygote exists, but for the root, which the engine still
 * needs to start.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* A folder that every Linux system has, to cover with the empty root. */
#define COVERED_FOLDER "/proc"

static int write_file(const char *path, const char *text, struct err *err)
{
    CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return err_sys(err, ERR_IO, errno, "cannot open %s", path);
    if (fd_write_all(fd, text, strlen(text), err) < 0)
        return err_in(err, "%s", path);
    return 0;
}

/* Keeps our own ids; every other id of the outside has no name inside. */
static int map_ids(uid_t uid, gid_t gid, struct err *err)
{
    char map[64];

    snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
    if (write_file("/proc/self/uid_map", map, err) < 0)
        return -1;
    if (write_file("/proc/self/setgroups", "deny", err) < 0)
        return -1;
    snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
    return write_file("/proc/self/gid_map", map, err);
}

int sandbox_enter_user_namespace(const struct sandbox_options *options,
                                 int argument,
                                 struct err *err)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    (void)options;
    (void)argument;
    if (unshare(CLONE_NEWUSER) < 0)
        return err_sys(err, ERR_DENIED, errno, "unshare");
    return map_ids(uid, gid, err);
}

int sandbox_unshare(const struct sandbox_options *options, int flag, struct err *err)
{
    (void)options;
    if (unshare(flag) < 0)
        return err_sys(err, ERR_DENIED, errno, "unshare");
    return 0;
}

int sandbox_hide_host_name(const struct sandbox_options *options, int argument, struct err *err)
{
    (void)argument;
    if (sandbox_unshare(options, CLONE_NEWUTS, err) < 0)
        return -1;
    if (sethostname("isolate", strlen("isolate")) < 0 || setdomainname("", 0) < 0)
        return err_sys(err, ERR_DENIED, errno, "sethostname");
    return 0;
}

/* An empty folder of memory, read-only from the start, becomes "/"; what was there is let go. */
int sandbox_empty_root(const struct sandbox_options *options, int argument, struct err *err)
{
    const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;

    (void)options;
    (void)argument;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot make the mounts private");
    if (mount("none", COVERED_FOLDER, "tmpfs", flags, "size=4k,nr_inodes=1,mode=555") < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot mount a tmpfs");
    if (chdir(COVERED_FOLDER) < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot enter the tmpfs");
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return err_sys(err, ERR_DENIED, errno, "pivot_root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return err_sys(err, ERR_DENIED, errno, "cannot let go of the old root");
    return 0;
}
