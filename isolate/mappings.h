/*
 * The mappings of this process, from /proc/self/maps.
 */
#ifndef ISOLATE_MAPPINGS_H
#define ISOLATE_MAPPINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* One mapping; text is borrowed from what was read. */
struct mapping {
    uintptr_t start, end;
    int protection; /* PROT_... */
    bool is_private;
    struct span inode_and_path; /* which file it is of; the path comes last */
};

/* True for a piece of a file; false for memory without a name, and what the kernel names: [heap].
 */
bool mapping_has_file(const struct mapping *mapping);

/* True for what the kernel gives every process: [vdso] and the pages of its clock. */
bool mapping_is_of_kernel(const struct mapping *mapping);

/* Appends the list of mappings as it is now to `out`.  0, or -1 with err. */
int mappings_read(struct buf *out, struct err *err);

/* Calls `use` for each mapping until it returns something else than 0, which is the result. */
int mappings_each(struct span maps,
                  int (*use)(const struct mapping *mapping, void *ctx, struct err *err),
                  void *ctx,
                  struct err *err);

#endif
