#include "isolate/first_touch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "isolate/mappings.h"
#include "isolate/pagemap.h"

#define MAPS_MAX_BYTES (1024 * 1024)

/* What is larger is address space held in reserve, such as a sanitizer's shadow: a page map of
 * terabytes would take longer to read than all workers can save. */
#define MAPPING_MAX_BYTES (UINT64_C(1) << 32)

/* The kernel maps this much of a file around a page that is read (fault_around_bytes). */
#define AROUND_BYTES 65536

/* What a child finds, in memory that it shares with its parent. */
struct lesson {
    struct page_ranges written;
    struct page_ranges read; /* of files, with what the kernel maps around each */
    size_t maps_len;
    char maps[MAPS_MAX_BYTES]; /* not in the heap, which shall look to the run as to an execution */
};

struct scan {
    struct pagemap pagemap;
    struct page_ranges *written, *read; /* borrowed; `written` may be NULL */
};

static void add_page(struct page_ranges *ranges, uintptr_t page, size_t page_bytes)
{
    size_t last = ranges->count - 1;

    if (ranges->count && page == ranges->list[last].start + ranges->list[last].len) {
        ranges->list[last].len += page_bytes;
    } else if (ranges->count < PAGE_RANGES) {
        ranges->list[ranges->count].start = page;
        ranges->list[ranges->count].len = page_bytes;
        ranges->count++;
    }
}

static void take_entry(void *ctx, uintptr_t page, uint64_t entry)
{
    struct scan *scan = ctx;

    if (scan->written && page_is_written(entry))
        add_page(scan->written, page, scan->pagemap.page_bytes);
    else if (page_is_read(entry))
        add_page(scan->read, page, scan->pagemap.page_bytes);
}

static bool is_candidate(const struct mapping *m)
{
    /* What is executable and of no file is text that was moved: shared, and never written to. */
    return (m->protection & PROT_READ) && m->is_private && m->end - m->start <= MAPPING_MAX_BYTES &&
           !((m->protection & PROT_EXEC) && !(m->protection & PROT_WRITE) && !mapping_has_file(m));
}

static int scan_mapping(const struct mapping *m, void *ctx, struct err *err)
{
    struct scan *scan = ctx;

    if (!is_candidate(m))
        return 0;
    return pagemap_each(&scan->pagemap, m->start, m->end, take_entry, scan, err);
}

static int
find_pages(struct span maps, struct page_ranges *written, struct page_ranges *read, struct err *err)
{
    struct scan scan = { .written = written, .read = read };
    int result;

    if (pagemap_open(&scan.pagemap, err) < 0)
        return -1;
    result = mappings_each(maps, scan_mapping, &scan, err);
    pagemap_close(&scan.pagemap);
    return result;
}

/* Takes pages of files out of the page table; nothing is lost, they are as they are in the file. */
static int forget_read(struct span maps, struct err *err)
{
    struct page_ranges read = { .count = 0 };

    if (find_pages(maps, NULL, &read, err) < 0)
        return -1;
    for (size_t i = 0; i < read.count; i++) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        madvise((void *)read.list[i].start, read.list[i].len, MADV_DONTNEED);
    }
    return 0;
}

static struct span maps_of(const struct lesson *lesson)
{
    return span_make(lesson->maps, lesson->maps_len);
}

/* The mappings are from before the fork: what the child makes for itself nobody else has. */
static int read_maps(struct lesson *lesson, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (mappings_read(&maps, err) < 0)
        return -1;
    memcpy(lesson->maps, maps.data, maps.len);
    lesson->maps_len = maps.len;
    return 0;
}

struct learner {
    int (*run)(void *ctx, struct err *err);
    void *ctx;             /* borrowed */
    struct lesson *lesson; /* borrowed */
};

static int learn_here(const struct learner *l, struct err *err)
{
    if (l->run(l->ctx, err) < 0)
        return -1;
    return find_pages(maps_of(l->lesson), &l->lesson->written, &l->lesson->read, err);
}

static int learn_in_child(const struct learner *l, struct err *err)
{
    int status = 0;
    pid_t pid;

    if (read_maps(l->lesson, err) < 0 || forget_read(maps_of(l->lesson), err) < 0)
        return -1;
    pid = _Fork();
    if (pid == 0)
        _exit(learn_here(l, err) < 0);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return err_sys(err, ERR_IO, errno, "cannot fork");
    if (status != 0)
        return err_set(err, ERR_IO, "cannot find the pages an execution uses (status 0x%x)",
                       (unsigned)status);
    return 0;
}

static void
each_page(const struct page_ranges *ranges, void (*use)(void *ctx, uintptr_t page), void *ctx)
{
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; i < ranges->count; i++) {
        uintptr_t page = ranges->list[i].start, end = page + ranges->list[i].len;

        for (; page < end; page += page_bytes)
            use(ctx, page);
    }
}

/* Any memory there is, that between a sanitizer's objects too. */
#define ANY_MEMORY __attribute__((no_sanitize_address))

/* Writes what is there already, in a way that no compiler leaves out. */
ANY_MEMORY static void write_page(void *ctx, uintptr_t page)
{
    char *byte = (char *)page; /* NOLINT(performance-no-int-to-ptr) */
    char expected = 0;

    (void)ctx;
    __atomic_compare_exchange_n(byte, &expected, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

ANY_MEMORY static void read_page(void *ctx, uintptr_t page)
{
    (void)ctx;
    (void)*(volatile const char *)page; /* NOLINT(performance-no-int-to-ptr) */
}

/* What has been learnt on its way to what workers do, mapping by mapping: the learner's own memory
 * may be gone. */
struct keeper {
    const struct lesson *lesson; /* borrowed */
    struct first_touch *kept;    /* borrowed */
    const struct mapping *mapping;
    size_t page_bytes, read_pages; /* in the mapping */
    bool hold_text;
};

static bool is_within(const struct keeper *k, uintptr_t page)
{
    return page >= k->mapping->start && page < k->mapping->end;
}

static void keep_written(void *ctx, uintptr_t page)
{
    struct keeper *k = ctx;

    if (is_within(k, page))
        add_page(&k->kept->written, page, k->page_bytes);
}

static void count_read(void *ctx, uintptr_t page)
{
    struct keeper *k = ctx;

    k->read_pages += is_within(k, page);
}

/* One page brings those around it. */
static void keep_text(void *ctx, uintptr_t page)
{
    struct keeper *k = ctx;
    struct page_ranges *text = &k->kept->text;
    uintptr_t last = text->count ? text->list[text->count - 1].start : 0;

    if (is_within(k, page) &&
        (last < k->mapping->start || last / AROUND_BYTES != page / AROUND_BYTES))
        add_page(text, page, k->page_bytes);
}

static void hold_page(void *ctx, uintptr_t page)
{
    if (is_within(ctx, page))
        write_page(NULL, page);
}

/* Writing makes a page the process's own, also one that nobody else may write to. */
static int hold_pages(struct keeper *k, struct err *err)
{
    const struct mapping *m = k->mapping;
    void *start = (void *)m->start; /* NOLINT(performance-no-int-to-ptr) */
    size_t len = m->end - m->start;
    bool locked = !(m->protection & PROT_WRITE);

    if (locked && mprotect(start, len, m->protection | PROT_WRITE) < 0)
        return err_sys(err, ERR_IO, errno, "cannot hold pages of libraries");
    each_page(&k->lesson->read, hold_page, k);
    /* Without workers rather than with libraries that they can write to. */
    BUG_ON(locked && mprotect(start, len, m->protection) < 0);
    return 0;
}

static int keep_of_mapping(const struct mapping *m, void *ctx, struct err *err)
{
    struct keeper *k = ctx;

    if (!is_candidate(m))
        return 0;
    k->mapping = m;
    k->read_pages = 0;
    if (m->protection & PROT_WRITE)
        each_page(&k->lesson->written, keep_written, k);
    each_page(&k->lesson->read, count_read, k);
    if (!k->read_pages)
        return 0;
    if (!(m->protection & PROT_EXEC) || k->hold_text)
        return hold_pages(k, err);
    each_page(&k->lesson->read, keep_text, k);
    return 0;
}

static int
keep(struct first_touch *ret, const struct lesson *lesson, bool hold_text, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);
    struct keeper keeper = { .lesson = lesson,
                             .kept = ret,
                             .page_bytes = (size_t)sysconf(_SC_PAGESIZE),
                             .hold_text = hold_text };

    if (mappings_read(&maps, err) < 0)
        return -1;
    return mappings_each(buf_span(&maps), keep_of_mapping, &keeper, err);
}

int first_touch_learn(struct first_touch *ret,
                      bool hold_text,
                      int (*run)(void *ctx, struct err *err),
                      void *ctx,
                      struct err *err)
{
    struct lesson *lesson =
        mmap(NULL, sizeof(*lesson), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct learner learner = { .run = run, .ctx = ctx, .lesson = lesson };
    int result;

    ret->written.count = ret->text.count = 0;
    if (lesson == MAP_FAILED)
        return err_sys(err, ERR_IO, errno, "mmap");
    result = learn_in_child(&learner, err);
    if (result == 0)
        result = keep(ret, lesson, hold_text, err);
    munmap(lesson, sizeof(*lesson));
    return result;
}

void first_touch_use(const struct first_touch *touched)
{
    each_page(&touched->written, write_page, NULL);
    each_page(&touched->text, read_page, NULL);
}
