/*
 * Landlock (landlock(7)): a part of the kernel by which a process denies
 * itself, and all that it will start, files, TCP, and, as far as the kernel
 * knows them, signals to processes outside and abstract UNIX sockets.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include "base/err.h"

/*
 * A set of rules that denies all that this kernel can deny, except, unless
 * `readable_dir` is NULL, reading and executing what lies beneath that folder.
 * Returns its descriptor, the caller's, closed by exec; or -1 with
 * ERR_UNSUPPORTED when the kernel has no Landlock, ERR_DENIED when it refuses,
 * ERR_NOT_FOUND when there is no such folder.
 */
int landlock_rules(const char *readable_dir, struct err *err);

/*
 * Puts the calling thread under the rules for ever, which takes
 * PR_SET_NO_NEW_PRIVS first.  0, or -1 with errno set.  May be called between
 * fork and exec.
 */
int landlock_enforce(int rules_fd);

#endif
