/*
 * The runtime's JavaScript (isolate/runtime), embedded when the program is built.
 */
#ifndef ISOLATE_RUNTIME_FILES_H
#define ISOLATE_RUNTIME_FILES_H

#include <stddef.h>

struct runtime_file {
    const char *name; /* such as "main.js" */
    const unsigned char *data;
    size_t len;
};

extern const struct runtime_file runtime_files[];
extern const size_t runtime_files_count;

#endif
