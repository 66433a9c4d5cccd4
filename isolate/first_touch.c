#include "isolate/first_touch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "isolate/mappings.h"

#define MAPS_MAX_BYTES (1024 * 1024)
#define ENTRIES        512 /* of pagemap, read at once */
/* What is larger is address space held in reserve, such as a sanitizer's shadow: a page map of
 * terabytes would take longer to read than all workers can save. */
#define MAPPING_MAX_BYTES (UINT64_C(1) << 32)

/* Bits of an entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGE_PRESENT   (UINT64_C(1) << 63)
#define PAGE_OF_FILE   (UINT64_C(1) << 61)
#define PAGE_EXCLUSIVE (UINT64_C(1) << 56)

struct scan {
    struct first_touch *touched;
    int pagemap_fd;
    size_t page_bytes;
};

static void add_page(const struct scan *scan, uintptr_t page)
{
    struct first_touch *touched = scan->touched;
    size_t last = touched->count - 1;

    if (touched->count && touched->ranges[last].start + touched->ranges[last].len == page) {
        touched->ranges[last].len += scan->page_bytes;
    } else if (touched->count < FIRST_TOUCH_RANGES) {
        touched->ranges[touched->count].start = page;
        touched->ranges[touched->count].len = scan->page_bytes;
        touched->count++;
    }
}

/* A page that only this process maps was written to since the fork. */
static bool is_written(uint64_t entry)
{
    return (entry & (PAGE_PRESENT | PAGE_OF_FILE | PAGE_EXCLUSIVE)) ==
           (PAGE_PRESENT | PAGE_EXCLUSIVE);
}

static int scan_mapping(const struct mapping *mapping, void *ctx, struct err *err)
{
    const int writable = PROT_READ | PROT_WRITE;
    const struct scan *scan = ctx;
    uint64_t entries[ENTRIES];
    uintptr_t page = mapping->start;

    if ((mapping->protection & writable) != writable || !mapping->is_private ||
        mapping->end - mapping->start > MAPPING_MAX_BYTES)
        return 0;
    while (page < mapping->end) {
        size_t left = (mapping->end - page) / scan->page_bytes;
        size_t want = left < ENTRIES ? left : ENTRIES;
        off_t offset = (off_t)(page / scan->page_bytes * sizeof(entries[0]));
        ssize_t n = pread(scan->pagemap_fd, entries, want * sizeof(entries[0]), offset);

        if (n < (ssize_t)sizeof(entries[0]))
            return err_sys(err, ERR_IO, errno, "cannot read /proc/self/pagemap");
        for (size_t i = 0; i < (size_t)n / sizeof(entries[0]); i++, page += scan->page_bytes) {
            if (is_written(entries[i]))
                add_page(scan, page);
        }
    }
    return 0;
}

/* In the new process.  `maps` is from before the fork: workers have no other mappings. */
static int find_written(struct first_touch *touched, struct span maps)
{
    CLEANUP(fd) int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    struct scan scan = { .touched = touched,
                         .pagemap_fd = fd,
                         .page_bytes = (size_t)sysconf(_SC_PAGESIZE) };
    struct err err = ERR_INIT;

    if (fd < 0)
        return -1;
    return mappings_each(maps, scan_mapping, &scan, &err);
}

static int learn_in_child(struct first_touch *shared,
                          struct span maps,
                          void (*run)(void *ctx),
                          void *ctx,
                          struct err *err)
{
    int status = 0;
    pid_t pid = _Fork();

    if (pid == 0) {
        run(ctx);
        _exit(find_written(shared, maps) < 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return err_sys(err, ERR_IO, errno, "cannot fork");
    if (status != 0)
        return err_set(err, ERR_IO, "cannot find the pages an execution writes to (status 0x%x)",
                       (unsigned)status);
    return 0;
}

int first_touch_learn(struct first_touch *ret, void (*run)(void *ctx), void *ctx, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);
    struct first_touch *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int result;

    ret->count = 0;
    if (shared == MAP_FAILED)
        return err_sys(err, ERR_IO, errno, "mmap");
    result = mappings_read(&maps, err);
    if (result == 0)
        result = learn_in_child(shared, buf_span(&maps), run, ctx, err);
    if (result == 0)
        *ret = *shared;
    munmap(shared, sizeof(*shared));
    return result;
}

bool first_touch_copy(const struct first_touch *touched)
{
    for (size_t i = 0; i < touched->count; i++) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        if (madvise((void *)touched->ranges[i].start, touched->ranges[i].len, MADV_POPULATE_WRITE) <
                0 &&
            errno == EINVAL)
            return false;
    }
    return touched->count > 0;
}
