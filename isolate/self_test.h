/*
 * mcpfold-isolate --self-test: plays the proxy's part for one execution.
 */
#ifndef ISOLATE_SELF_TEST_H
#define ISOLATE_SELF_TEST_H

#include "isolate/zygote.h"

/*
 * Starts a zygote with these options (the control descriptor is its own),
 * prints its engine and its sandbox's layers, has a worker prepare and run a
 * script, and prints what came of it.  0 when all is well, else 1.
 */
int self_test(const struct zygote_options *options);

#endif
