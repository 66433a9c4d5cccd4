#include "isolate/idle_libraries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/span.h"
#include "isolate/mappings.h"

#define MAPS_MAX_BYTES (1024 * 1024)

/* File names up to the version. */
static const char *const idle[] = {
    "libada-url", "libbrotlicommon",  "libbrotlidec", "libbrotlienc", "libcares",
    "libcrypto",  "libhdr_histogram", "libllhttp",    "libnghttp2",   "libsimdjson",
    "libsqlite3", "libssl",           "libuv",        "libz",         "libzstd",
};

static struct span file_name(const struct mapping *mapping)
{
    struct span path = mapping->inode_and_path;
    const char *slash = memrchr(path.data, '/', path.len);

    return slash ? span_skip(path, (size_t)(slash - path.data) + 1) : SPAN_NONE;
}

static bool is_idle(struct span name)
{
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
        struct span rest = span_skip(name, strlen(idle[i]));

        /* A version follows, as in libz.so.1 or libada-url0.so.3: libzstd is not libz. */
        if (span_starts_with(name, span_of(idle[i])) && rest.len &&
            (rest.data[0] == '.' || (rest.data[0] >= '0' && rest.data[0] <= '9')))
            return true;
    }
    return false;
}

bool idle_libraries_have(const struct mapping *mapping)
{
    return is_idle(file_name(mapping));
}

static int leave_out(const struct mapping *mapping, void *ctx, struct err *err)
{
    (void)ctx;
    if (!idle_libraries_have(mapping))
        return 0;
    /* Not by madvise(): the engine's may not do this, see fork_memory.c. */
    if (syscall(SYS_madvise, mapping->start, mapping->end - mapping->start, MADV_DONTFORK) < 0)
        return err_sys(err, ERR_IO, errno, "cannot leave a library out of workers");
    return 0;
}

int idle_libraries_leave_out(struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (!getenv("LD_BIND_NOW"))
        return 0;
    if (mappings_read(&maps, err) < 0)
        return -1;
    return mappings_each(buf_span(&maps), leave_out, NULL, err);
}
