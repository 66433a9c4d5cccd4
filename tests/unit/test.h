/*
 * cmocka with the headers it wants before it.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

/* Fails unless a span holds exactly this text. */
#define assert_span_equal(view, expected)                                      \
    do {                                                                       \
        struct span actual_ = (view);                                          \
        char *copy_ = xstrndup(actual_.data ? actual_.data : "", actual_.len); \
        assert_string_equal(copy_, (expected));                                \
        free(copy_);                                                           \
    } while (0)

#endif
