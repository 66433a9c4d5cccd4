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

/* The kernel maps this much of a file around a page that is read (fault_around_bytes). */
#define READ_GAP_BYTES 65536

struct scan {
    struct first_touch *touched;
    int pagemap_fd;
    size_t page_bytes;
    bool writable; /* the mapping at hand */
};

/* Adds a page to a list in rising order.  A gap of `bridged` bytes is taken in: a call less. */
static void add_page(struct page_ranges *ranges, uintptr_t page, size_t page_bytes, size_t bridged)
{
    size_t last = ranges->count - 1;

    if (ranges->count && page - (ranges->list[last].start + ranges->list[last].len) <= bridged) {
        ranges->list[last].len = page + page_bytes - ranges->list[last].start;
    } else if (ranges->count < PAGE_RANGES) {
        ranges->list[ranges->count].start = page;
        ranges->list[ranges->count].len = page_bytes;
        ranges->count++;
    }
}

/* A page that only this process maps was written to since the fork. */
static bool is_written(uint64_t entry)
{
    return (entry & (PAGE_PRESENT | PAGE_OF_FILE | PAGE_EXCLUSIVE)) ==
           (PAGE_PRESENT | PAGE_EXCLUSIVE);
}

/* A page of a file is mapped only where this process has looked since the fork. */
static bool is_read(uint64_t entry)
{
    return (entry & (PAGE_PRESENT | PAGE_OF_FILE)) == (PAGE_PRESENT | PAGE_OF_FILE);
}

static void take_entry(const struct scan *scan, uint64_t entry, uintptr_t page)
{
    if (scan->writable && is_written(entry))
        add_page(&scan->touched->written, page, scan->page_bytes, 0);
    else if (!scan->writable && is_read(entry))
        add_page(&scan->touched->read, page, scan->page_bytes, READ_GAP_BYTES);
}

static int scan_mapping(const struct mapping *mapping, void *ctx, struct err *err)
{
    struct scan *scan = ctx;
    uint64_t entries[ENTRIES];
    uintptr_t page = mapping->start;

    if (!(mapping->protection & PROT_READ) || !mapping->is_private ||
        mapping->end - mapping->start > MAPPING_MAX_BYTES)
        return 0;
    scan->writable = mapping->protection & PROT_WRITE;
    while (page < mapping->end) {
        size_t left = (mapping->end - page) / scan->page_bytes;
        size_t want = left < ENTRIES ? left : ENTRIES;
        off_t offset = (off_t)(page / scan->page_bytes * sizeof(entries[0]));
        ssize_t n = pread(scan->pagemap_fd, entries, want * sizeof(entries[0]), offset);

        if (n < (ssize_t)sizeof(entries[0]))
            return err_sys(err, ERR_IO, errno, "cannot read /proc/self/pagemap");
        for (size_t i = 0; i < (size_t)n / sizeof(entries[0]); i++, page += scan->page_bytes)
            take_entry(scan, entries[i], page);
    }
    return 0;
}

/* In the new process.  `maps` is from before the fork: workers have no other mappings. */
static int find_used(struct first_touch *touched, struct span maps)
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
                          int (*run)(void *ctx, struct err *err),
                          void *ctx,
                          struct err *err)
{
    int status = 0;
    pid_t pid = _Fork();

    if (pid == 0) {
        _exit(run(ctx, err) < 0 || find_used(shared, maps) < 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return err_sys(err, ERR_IO, errno, "cannot fork");
    if (status != 0)
        return err_set(err, ERR_IO, "cannot find the pages an execution uses (status 0x%x)",
                       (unsigned)status);
    return 0;
}

int first_touch_learn(struct first_touch *ret,
                      int (*run)(void *ctx, struct err *err),
                      void *ctx,
                      struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);
    struct first_touch *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int result;

    ret->written.count = ret->read.count = 0;
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

static bool populate(const struct page_ranges *ranges, int advice)
{
    for (size_t i = 0; i < ranges->count; i++) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        if (madvise((void *)ranges->list[i].start, ranges->list[i].len, advice) < 0 &&
            errno == EINVAL)
            return false;
    }
    return true;
}

bool first_touch_use(const struct first_touch *touched)
{
    return touched->written.count && populate(&touched->written, MADV_POPULATE_WRITE) &&
           populate(&touched->read, MADV_POPULATE_READ);
}
