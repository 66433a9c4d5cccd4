/*
 * Files of variables of any bytes: either variables whose names an environment
 * takes, or an error with a text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/config/env_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_pair *pairs = NULL;
    struct err err = ERR_INIT;
    size_t count = 0;
    int result = env_file_parse(span_make((const char *)data, size), "fuzz", &pairs, &count, &err);

    BUG_ON(result < 0 && !err.text[0]);
    for (size_t i = 0; i < count; i++) {
        BUG_ON(!env_name_is_valid(pairs[i].name));
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(pairs);
    return 0;
}
