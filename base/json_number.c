/*
 * JSON numbers and booleans.
 */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NUMBER_TEXT_MAX 512

bool json_bool(struct span value, bool *ret)
{
    value = span_trim(value);
    if (span_is(value, "true")) {
        *ret = true;
        return true;
    }
    if (span_is(value, "false")) {
        *ret = false;
        return true;
    }
    return false;
}

/* A terminated copy of a number's text; false when it is none or absurdly long. */
static bool number_text(struct span value, char text[NUMBER_TEXT_MAX])
{
    value = span_trim(value);
    if (json_kind(value) != JSON_KIND_NUMBER || value.len >= NUMBER_TEXT_MAX)
        return false;
    memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    return true;
}

bool json_double(struct span value, double *ret)
{
    char text[NUMBER_TEXT_MAX], *end;
    double number;

    if (!number_text(value, text))
        return false;
    number = strtod(text, &end);
    if (*end || !isfinite(number))
        return false;
    *ret = number;
    return true;
}

bool json_int64(struct span value, int64_t *ret)
{
    char text[NUMBER_TEXT_MAX], *end;
    long long whole;
    double number;

    if (!number_text(value, text))
        return false;
    errno = 0;
    whole = strtoll(text, &end, 10);
    if (!*end && errno == 0) {
        *ret = whole;
        return true;
    }
    if (!*end || !json_double(value, &number) || number != trunc(number) ||
        fabs(number) > 9007199254740991.0)
        return false;
    *ret = (int64_t)number;
    return true;
}
