#include "isolate/memory_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "isolate/idle_libraries.h"
#include "isolate/mappings.h"
#include "isolate/pagemap.h"

#define MAPS_MAX_BYTES (1024 * 1024)

/* What is less is copied sooner than mapped, unless it makes one mapping of several. */
#define PAGES_MIN 12

/* What is larger is held in reserve. */
#define MAPPING_MAX_BYTES (UINT64_C(64) * 1024 * 1024)

/* Of what is in a file anyway, so much is worth a copy to be one mapping with its neighbour. */
#define FILE_MAX_BYTES (UINT64_C(128) * 1024)

/* Since Linux 6.3; a system may insist on it (sysctl vm.memfd_noexec). */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* So many mappings become one at most. */
#define RUN_MAX 16

/* Mappings side by side with the same rights. */
struct run {
    size_t count;
    struct mapping list[RUN_MAX];
    size_t own; /* pages */
};

struct image {
    struct pagemap pagemap;
    int fd;
    off_t len; /* bytes of the file that are taken */
    struct run run;
};

/* One mapping on its way into the file. */
struct copy {
    const struct image *image;
    const struct mapping *mapping;
    bool is_of_file;
    uintptr_t start, until; /* pages side by side that are to be written */
    bool failed;
};

/* The stack is in use while it would be moved, and so is what belongs to the thread. */
static bool is_in_use(const struct mapping *m)
{
    uintptr_t thread = (uintptr_t)&errno, stack = (uintptr_t)__builtin_frame_address(0);

    return (thread >= m->start && thread < m->end) || (stack >= m->start && stack < m->end);
}

static bool can_move(const struct mapping *m)
{
    return m->is_private && (m->protection & PROT_READ) && !(m->protection & PROT_EXEC) &&
           m->end - m->start <= MAPPING_MAX_BYTES && !mapping_is_of_kernel(m) && !is_in_use(m) &&
           !idle_libraries_have(m);
}

/* Though it is in a file already: to be one mapping with its neighbour. */
static bool is_worth_a_copy(const struct mapping *m)
{
    return mapping_has_file(m) && m->end - m->start <= FILE_MAX_BYTES;
}

static void write_pages(struct copy *copy)
{
    off_t at = copy->image->len + (off_t)(copy->start - copy->mapping->start);
    size_t len = copy->until - copy->start;

    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    if (len && pwrite(copy->image->fd, (const void *)copy->start, len, at) != (ssize_t)len)
        copy->failed = true;
    copy->start = copy->until;
}

/* A page that was never written to stays a hole of the file: zeros, as it is in memory. */
static void take_page(void *ctx, uintptr_t page, uint64_t entry)
{
    struct copy *copy = ctx;

    if (!page_is_own(entry) && !copy->is_of_file)
        return;
    if (page != copy->until) {
        write_pages(copy);
        copy->start = page;
    }
    copy->until = page + copy->image->pagemap.page_bytes;
}

static int write_mapping(struct image *image, const struct mapping *m, struct err *err)
{
    const off_t end = image->len + (off_t)(m->end - m->start);
    struct copy copy = { .image = image,
                         .mapping = m,
                         .is_of_file = mapping_has_file(m),
                         .start = m->start,
                         .until = m->start };

    if (ftruncate(image->fd, end) < 0)
        return err_sys(err, ERR_IO, errno, "no memory for an image of memory");
    if (pagemap_each(&image->pagemap, m->start, m->end, take_page, &copy, err) < 0)
        return -1;
    write_pages(&copy);
    if (copy.failed)
        return err_sys(err, ERR_IO, errno, "cannot write an image of memory");
    image->len = end;
    return 0;
}

static int move_run(struct image *image, const struct run *run, struct err *err)
{
    const off_t at = image->len;
    void *start = (void *)run->list[0].start; /* NOLINT(performance-no-int-to-ptr) */

    for (size_t i = 0; i < run->count; i++) {
        if (write_mapping(image, &run->list[i], err) < 0)
            return -1;
    }
    if (mmap(start, (size_t)(image->len - at), run->list[0].protection, MAP_PRIVATE | MAP_FIXED,
             image->fd, at) == MAP_FAILED)
        return err_sys(err, ERR_IO, errno, "cannot map an image of memory");
    return 0;
}

static int end_run(struct image *image, struct err *err)
{
    struct run *run = &image->run;
    bool worth = run->count > 1 || run->own >= PAGES_MIN;
    int result = worth ? move_run(image, run, err) : 0;

    run->count = run->own = 0;
    return result;
}

static bool continues(const struct run *run, const struct mapping *m)
{
    const struct mapping *last = &run->list[run->count - 1];

    return run->count < RUN_MAX && m->start == last->end && m->protection == last->protection;
}

static void count_own(void *ctx, uintptr_t page, uint64_t entry)
{
    size_t *own = ctx;

    (void)page;
    *own += page_is_own(entry);
}

static int take_mapping(const struct mapping *m, void *ctx, struct err *err)
{
    struct image *image = ctx;
    struct run *run = &image->run;
    size_t own = 0;

    if (run->count && !(can_move(m) && continues(run, m)) && end_run(image, err) < 0)
        return -1;
    if (!can_move(m))
        return 0;
    if (pagemap_each(&image->pagemap, m->start, m->end, count_own, &own, err) < 0)
        return -1;
    if (!own && !is_worth_a_copy(m))
        return end_run(image, err);
    run->list[run->count++] = *m;
    run->own += own;
    return 0;
}

static int take(struct image *image, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (mappings_read(&maps, err) < 0 ||
        mappings_each(buf_span(&maps), take_mapping, image, err) < 0 || end_run(image, err) < 0)
        return -1;
    if (fcntl(image->fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        return err_sys(err, ERR_IO, errno, "cannot seal an image of memory");
    return 0;
}

static int new_file(void)
{
    int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

int memory_image_take(struct err *err)
{
    struct image image = { .fd = new_file() };
    int result;

    if (image.fd < 0)
        return err_sys(err, ERR_IO, errno, "memfd_create");
    if (pagemap_open(&image.pagemap, err) < 0) {
        fd_close(&image.fd);
        return -1;
    }
    result = take(&image, err);
    pagemap_close(&image.pagemap);
    fd_close(&image.fd);
    return result;
}
