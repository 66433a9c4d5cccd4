/*
 * Errors as values.
 *
 * A `struct err` lives on the stack of the caller that handles it.  Whoever
 * finds the fault fills it with err_set() and returns -1 in one statement;
 * each layer that can name a thing (server, tool, file, setting) adds the name
 * with err_in(); the layer that handles the error logs it, once.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define ERR_TEXT_BYTES 1024

/* What kind of fault it is: one row a kind in err.def. */
enum err_code {
    ERR_NONE = 0,
#define ERR_CODE(name, text) ERR_##name,
#include "base/err.def"
#undef ERR_CODE
    ERR_COUNT
};

struct err {
    enum err_code code;
    char text[ERR_TEXT_BYTES]; /* UTF-8, no line feed at its end, always terminated */
};

/* An err without a fault; write `struct err err = ERR_INIT;`. */
#define ERR_INIT         \
    {                    \
        .code = ERR_NONE \
    }

/*
 * Fills `err` (may be NULL) with a code and a formatted text, replacing what
 * was there.  A text too long is cut at a character boundary.  Returns -1.
 */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": <strerror(error_number)>" behind the text.  Returns -1. */
int err_sys(struct err *err, enum err_code code, int error_number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "<context>: " before the text of an err that is set.  Returns -1. */
int err_in(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name of a code in lower case with underscores, for logs. */
const char *err_code_name(enum err_code code);

#endif
