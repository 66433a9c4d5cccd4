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

/* What is less is copied sooner than mapped. */
#define PAGES_MIN 12

/* What is larger is held in reserve. */
#define MAPPING_MAX_BYTES (UINT64_C(64) * 1024 * 1024)

/* Since Linux 6.3; a system may insist on it (sysctl vm.memfd_noexec). */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

struct image {
    struct pagemap pagemap;
    int fd;
    off_t len; /* bytes of the file that are taken */
};

/* One mapping on its way. */
struct move {
    const struct image *image;
    const struct mapping *mapping;
    size_t own;           /* pages */
    uintptr_t run, until; /* pages side by side that are to be written */
    bool failed;
};

static void count_own(void *ctx, uintptr_t page, uint64_t entry)
{
    struct move *move = ctx;

    (void)page;
    move->own += page_is_own(entry);
}

/* The stack is in use while it would be moved, and so is what belongs to the thread. */
static bool is_in_use(const struct mapping *m)
{
    uintptr_t thread = (uintptr_t)&errno, stack = (uintptr_t)__builtin_frame_address(0);

    return (thread >= m->start && thread < m->end) || (stack >= m->start && stack < m->end);
}

static bool can_move(const struct mapping *m)
{
    return m->is_private && (m->protection & PROT_READ) && !(m->protection & PROT_EXEC) &&
           m->end - m->start <= MAPPING_MAX_BYTES && !is_in_use(m) && !idle_libraries_have(m);
}

static void write_run(struct move *move)
{
    off_t at = move->image->len + (off_t)(move->run - move->mapping->start);
    size_t len = move->until - move->run;

    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    if (len && pwrite(move->image->fd, (const void *)move->run, len, at) != (ssize_t)len)
        move->failed = true;
    move->run = move->until;
}

/* A page that was never written to stays a hole of the file: zeros, as it is in memory. */
static void take_page(void *ctx, uintptr_t page, uint64_t entry)
{
    struct move *move = ctx;

    if (!page_is_own(entry) && !mapping_has_file(move->mapping))
        return;
    if (page != move->until) {
        write_run(move);
        move->run = page;
    }
    move->until = page + move->image->pagemap.page_bytes;
}

static int move_mapping(struct image *image, const struct mapping *m, struct err *err)
{
    struct move move = { .image = image, .mapping = m, .run = m->start, .until = m->start };
    size_t len = m->end - m->start;

    if (ftruncate(image->fd, image->len + (off_t)len) < 0)
        return err_sys(err, ERR_IO, errno, "no memory for an image of memory");
    if (pagemap_each(&image->pagemap, m->start, m->end, take_page, &move, err) < 0)
        return -1;
    write_run(&move);
    if (move.failed)
        return err_sys(err, ERR_IO, errno, "cannot write an image of memory");
    if (mmap((void *)m->start, len, m->protection, MAP_PRIVATE | MAP_FIXED, image->fd,
             image->len) == MAP_FAILED) /* NOLINT(performance-no-int-to-ptr) */
        return err_sys(err, ERR_IO, errno, "cannot map an image of memory");
    image->len += (off_t)len;
    return 0;
}

static int move_if_worth(const struct mapping *m, void *ctx, struct err *err)
{
    struct image *image = ctx;
    struct move move = { .image = image, .mapping = m };

    if (!can_move(m))
        return 0;
    if (pagemap_each(&image->pagemap, m->start, m->end, count_own, &move, err) < 0)
        return -1;
    return move.own >= PAGES_MIN ? move_mapping(image, m, err) : 0;
}

static int take(struct image *image, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (mappings_read(&maps, err) < 0 ||
        mappings_each(buf_span(&maps), move_if_worth, image, err) < 0)
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
