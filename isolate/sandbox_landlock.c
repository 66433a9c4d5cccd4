#include "isolate/sandbox.h"

#include <errno.h>

#include "base/fd.h"
#include "base/landlock.h"

int sandbox_landlock(const struct sandbox_options *options, int argument, struct err *err)
{
    CLEANUP(fd) int rules = landlock_rules(NULL, err);

    (void)options;
    (void)argument;
    if (rules < 0)
        return -1;
    if (landlock_enforce(rules) < 0)
        return err_sys(err, ERR_DENIED, errno, "landlock_restrict_self");
    return 0;
}
