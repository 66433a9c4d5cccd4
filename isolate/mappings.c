#include "isolate/mappings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fd.h"

/* 7f00-7f80 r-xp 00000000 fe:00 1234   /path */
static bool parse_mapping(struct span line, struct mapping *ret)
{
    char *next;
    const char *flags;

    ret->start = strtoul(line.data, &next, 16);
    if (*next != '-')
        return false;
    ret->end = strtoul(next + 1, &next, 16);
    flags = next + 1;
    if (*next != ' ' || flags + 5 > line.data + line.len)
        return false;
    ret->protection = (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) |
                      (flags[2] == 'x' ? PROT_EXEC : 0);
    ret->is_private = flags[3] == 'p';
    strtoul(flags + 5, &next, 16); /* the offset differs from mapping to mapping of a file */
    ret->inode_and_path = span_make(next, (size_t)(line.data + line.len - next));
    return true;
}

bool mapping_has_file(const struct mapping *mapping)
{
    return memchr(mapping->inode_and_path.data, '/', mapping->inode_and_path.len) != NULL;
}

bool mapping_is_of_kernel(const struct mapping *mapping)
{
    return memmem(mapping->inode_and_path.data, mapping->inode_and_path.len, " [v", 3) != NULL;
}

int mappings_each(struct span maps,
                  int (*use)(const struct mapping *mapping, void *ctx, struct err *err),
                  void *ctx,
                  struct err *err)
{
    int result = 0;

    while (maps.len && result == 0) {
        const char *end = memchr(maps.data, '\n', maps.len);
        size_t len = end ? (size_t)(end - maps.data) : maps.len;
        struct mapping mapping;

        if (parse_mapping(span_make(maps.data, len), &mapping))
            result = use(&mapping, ctx, err);
        maps = span_skip(maps, len + 1);
    }
    return result;
}

int mappings_read(struct buf *out, struct err *err)
{
    return file_read("/proc/self/maps", out, err);
}
