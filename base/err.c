#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_names[ERR_COUNT] = {
    [ERR_NONE] = "none",
#define ERR_CODE(name, text) [ERR_##name] = text,
#include "base/err.def"
#undef ERR_CODE
};

/* Cuts an over-long text where no UTF-8 character is split. */
static void trim_partial_character(char *text, size_t len)
{
    size_t start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    start--;

    unsigned char lead = (unsigned char)text[start];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;

    if (len - start < want)
        text[start] = '\0';
}

static void format_text(struct err *err, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void format_text(struct err *err, const char *format, va_list args)
{
    int n = vsnprintf(err->text, sizeof(err->text), format, args);

    if (n < 0)
        err->text[0] = '\0';
    else if ((size_t)n >= sizeof(err->text))
        trim_partial_character(err->text, sizeof(err->text) - 1);
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;

    if (!err)
        return -1;
    err->code = code;
    va_start(args, format);
    format_text(err, format, args);
    va_end(args);
    return -1;
}

int err_sys(struct err *err, enum err_code code, int error_number, const char *format, ...)
{
    struct err context = ERR_INIT;
    va_list args;
    char reason[128];

    if (!err)
        return -1;
    va_start(args, format);
    format_text(&context, format, args);
    va_end(args);
    return err_set(err, code, "%s: %s", context.text,
                   strerror_r(error_number, reason, sizeof(reason)));
}

int err_in(struct err *err, const char *format, ...)
{
    struct err context = ERR_INIT;
    char inner[ERR_TEXT_BYTES];
    va_list args;

    if (!err || err->code == ERR_NONE)
        return -1;
    va_start(args, format);
    format_text(&context, format, args);
    va_end(args);
    memcpy(inner, err->text, sizeof(inner));
    return err_set(err, err->code, "%s: %s", context.text, inner);
}

const char *err_code_name(enum err_code code)
{
    return code < ERR_COUNT ? code_names[code] : "unknown";
}
