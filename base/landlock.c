#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

#define FILES_READ \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

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

static const struct version *find_version(long number)
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

static int deny_all(struct err *err)
{
    long number = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const struct version *version = find_version(number);
    struct ruleset ruleset = { version->files, version->network, version->scoped };
    int fd;

    if (number < 1)
        return err_sys(err, ERR_UNSUPPORTED, errno, "landlock_create_ruleset");
    fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, ruleset_bytes(version), 0);
    if (fd < 0)
        return err_sys(err, ERR_DENIED, errno, "landlock_create_ruleset");
    return fd;
}

static int permit_reading(int rules_fd, const char *dir, struct err *err)
{
    CLEANUP(fd) int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = { .allowed_access = FILES_READ, .parent_fd = dir_fd };

    if (dir_fd < 0)
        return err_sys(err, ERR_NOT_FOUND, errno, "cannot open the folder '%s'", dir);
    if (syscall(SYS_landlock_add_rule, rules_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return err_sys(err, ERR_DENIED, errno, "landlock_add_rule for '%s'", dir);
    return 0;
}

int landlock_rules(const char *readable_dir, struct err *err)
{
    int fd = deny_all(err);

    if (fd >= 0 && readable_dir && permit_reading(fd, readable_dir, err) < 0)
        fd_close(&fd);
    return fd;
}

int landlock_enforce(int rules_fd)
{
    return (int)syscall(SYS_landlock_restrict_self, rules_fd, 0);
}
