/*
 * Landlock: a second part of the kernel that denies files, TCP, signals to
 * processes outside and abstract sockets.  A rule set without any rule denies
 * all that it handles.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* As in <linux/landlock.h> of Linux 6.12; Debian 12's is of 6.1. */
struct ruleset {
    uint64_t files;
    uint64_t network; /* since version 4 */
    uint64_t scoped;  /* since version 6 */
};

/* What each version of the interface brought. */
struct version {
    int number;
    uint64_t files; /* all bits up to this version */
    uint64_t network;
    uint64_t scoped;
};

static const struct version versions[] = {
    { 6, 0xFFFF, 0x3, 0x3 }, /* scopes: abstract UNIX sockets, signals */
    { 5, 0xFFFF, 0x3, 0 },   /* ioctl on devices */
    { 4, 0x7FFF, 0x3, 0 },   /* TCP bind and connect */
    { 3, 0x7FFF, 0, 0 },     /* truncate */
    { 2, 0x3FFF, 0, 0 },     /* refer */
    { 1, 0x1FFF, 0, 0 },
};

static const struct version *find_version(int number)
{
    const struct version *version = versions;

    while (version->number > number && version->number > 1)
        version++;
    return version;
}

static size_t ruleset_bytes(const struct version *version)
{
    if (version->scoped)
        return sizeof(struct ruleset);
    return version->network ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, network);
}

int sandbox_landlock(const struct sandbox_options *options, int argument, struct err *err)
{
    long number = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const struct version *version;
    struct ruleset ruleset;

    (void)options;
    (void)argument;
    if (number < 1)
        return err_sys(err, ERR_UNSUPPORTED, errno, "landlock_create_ruleset");
    version = find_version((int)number);
    ruleset = (struct ruleset){ version->files, version->network, version->scoped };

    CLEANUP(fd)
    int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, ruleset_bytes(version), 0);

    if (fd < 0)
        return err_sys(err, ERR_DENIED, errno, "landlock_create_ruleset");
    if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
        return err_sys(err, ERR_DENIED, errno, "landlock_restrict_self");
    return 0;
}
