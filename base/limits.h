/*
 * Every limit of the program, with its reason: limits.def holds the fixed
 * ones, limits_settings.def those that `limits:` in the configuration sets.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* LIMIT_CODE_BYTES and so on, as compile-time constants. */
enum limit_constant {
#define LIMIT(name, value, unit, reason) LIMIT_##name = (value),
#include "base/limits.def"
#undef LIMIT
};

enum limit_unit { LIMIT_UNIT_MS, LIMIT_UNIT_BYTES, LIMIT_UNIT_COUNT };

/* The limits that the configuration sets. */
struct limits {
#define SETTING(field, key, value, unit, reason) uint64_t field;
#include "base/limits_settings.def"
#undef SETTING
};

/* One row of the table, for the configuration, `--help` and errors. */
struct limit_setting {
    const char *key;
    size_t offset; /* of the field in struct limits */
    uint64_t value;
    enum limit_unit unit;
    const char *reason;
};

/* The rows, ended by one whose key is NULL. */
extern const struct limit_setting limit_settings[];

/* All limits at their defaults. */
struct limits limits_default(void);

#endif
