/*
 * The configuration reader on any text: either a configuration, or an error
 * with a text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct config *config = config_parse(span_make((const char *)data, size), "fuzz", &err);

    BUG_ON(!config && !err.text[0]);
    config_free(config);
    return 0;
}
