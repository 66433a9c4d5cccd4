#include "isolate/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

#define ENTRIES 512 /* read at once */

int pagemap_open(struct pagemap *ret, struct err *err)
{
    ret->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    ret->fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return ret->fd < 0 ? err_sys(err, ERR_IO, errno, "cannot open /proc/self/pagemap") : 0;
}

void pagemap_close(struct pagemap *map)
{
    fd_close(&map->fd);
}

int pagemap_each(const struct pagemap *map,
                 uintptr_t start,
                 uintptr_t end,
                 void (*use)(void *ctx, uintptr_t page, uint64_t entry),
                 void *ctx,
                 struct err *err)
{
    uint64_t entries[ENTRIES];
    uintptr_t page = start;

    while (page < end) {
        size_t left = (end - page) / map->page_bytes;
        size_t want = left < ENTRIES ? left : ENTRIES;
        off_t offset = (off_t)(page / map->page_bytes * sizeof(entries[0]));
        ssize_t n = pread(map->fd, entries, want * sizeof(entries[0]), offset);

        if (n < (ssize_t)sizeof(entries[0]))
            return err_sys(err, ERR_IO, errno, "cannot read /proc/self/pagemap");
        for (size_t i = 0; i < (size_t)n / sizeof(entries[0]); i++, page += map->page_bytes)
            use(ctx, page, entries[i]);
    }
    return 0;
}
