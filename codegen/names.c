#include "codegen/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/mem.h"

/* Words that a strict-mode module may not use as a variable's name. */
static const char *const reserved_words[] = {
    "arguments", "await",      "break",   "case",    "catch",      "class",     "const",
    "continue",  "debugger",   "default", "delete",  "do",         "else",      "enum",
    "eval",      "export",     "extends", "false",   "finally",    "for",       "function",
    "if",        "implements", "import",  "in",      "instanceof", "interface", "let",
    "new",       "null",       "package", "private", "protected",  "public",    "return",
    "static",    "super",      "switch",  "this",    "throw",      "true",      "try",
    "typeof",    "undefined",  "var",     "void",    "while",      "with",      "yield",
};

const char *const name_reserved_globals[] = {
    /* ours */
    "mcp",
    "input",
    "console",
    "ToolError",
    "script",
    /* the platform's */
    "globalThis",
    "global",
    "self",
    "window",
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
    "setImmediate",
    "clearImmediate",
    "queueMicrotask",
    "structuredClone",
    "TextEncoder",
    "TextDecoder",
    "URL",
    "URLSearchParams",
    "atob",
    "btoa",
    "crypto",
    "performance",
    "Event",
    "EventTarget",
    "AbortController",
    "AbortSignal",
    "DOMException",
    "Blob",
    "Buffer",
    "Headers",
    "Request",
    "Response",
    "fetch",
    "require",
    "module",
    "exports",
    "process",
    "WebSocket",
    "XMLHttpRequest",
    "WebAssembly",
    "navigator",
    "document",
    /* the language's */
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "AsyncIterator",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "Temporal",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "unescape",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    NULL,
};

static bool is_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_part(char c)
{
    return is_start(c) || (c >= '0' && c <= '9');
}

static bool is_reserved(struct span name)
{
    for (size_t i = 0; i < ARRAY_COUNT(reserved_words); i++) {
        if (span_is(name, reserved_words[i]))
            return true;
    }
    return false;
}

bool name_is_property(struct span name)
{
    if (name.len == 0 || !is_start(name.data[0]))
        return false;
    for (size_t i = 1; i < name.len; i++) {
        if (!is_part(name.data[i]))
            return false;
    }
    return true;
}

bool name_is_identifier(struct span name)
{
    return name_is_property(name) && !is_reserved(name);
}

/* The length of the UTF-8 character at the front, 1 for a byte that starts none. */
static size_t character_len(struct span text)
{
    unsigned char lead = (unsigned char)text.data[0];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    size_t len = 1;

    while (len < want && len < text.len && ((unsigned char)text.data[len] & 0xC0) == 0x80)
        len++;
    return len;
}

char *name_identifier(struct span name)
{
    char *out = xcalloc(name.len + 3, 1);
    size_t len = 0;

    if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9'))
        out[len++] = '_';
    while (name.len) {
        size_t step = character_len(name);

        out[len++] = is_part(name.data[0]) ? name.data[0] : '_';
        name = span_skip(name, step);
    }
    if (is_reserved(span_make(out, len)))
        out[len++] = '_';
    return out;
}

/* A name that is in use. */
struct used {
    UT_hash_handle hh;
    const char *name; /* borrowed */
};

static bool is_used(struct used *table, const char *name)
{
    struct used *found;

    HASH_FIND_STR(table, name, found);
    return found != NULL;
}

static void use(struct used **table, const char *name)
{
    struct used *entry;

    if (is_used(*table, name))
        return;
    entry = NEW(struct used);
    entry->name = name;
    HASH_ADD_KEYPTR(hh, *table, name, strlen(name), entry);
}

static void free_used(struct used **table)
{
    struct used *entry, *next;

    HASH_ITER(hh, *table, entry, next)
    {
        HASH_DEL(*table, entry);
        free(entry);
    }
}

/* The first of name_2, name_3, ... that is free. */
static char *numbered(struct used *table, const char *base)
{
    for (size_t n = 2;; n++) {
        char *candidate = xasprintf("%s_%zu", base, n);

        if (!is_used(table, candidate))
            return candidate;
        free(candidate);
    }
}

/* Names that are valid as they are come first: none of them is ever renamed for the sake of one
 * that has to be changed anyway. */
static void keep_valid_names(const char *const *names,
                             size_t count,
                             struct used **table,
                             char **ret_identifiers)
{
    for (size_t i = 0; i < count; i++) {
        if (!name_is_identifier(span_of(names[i])) || is_used(*table, names[i]))
            continue;
        ret_identifiers[i] = xstrdup(names[i]);
        use(table, ret_identifiers[i]);
    }
}

void name_identifiers(const char *const *names,
                      size_t count,
                      const char *const *taken,
                      char **ret_identifiers)
{
    struct used *table = NULL;

    for (size_t i = 0; i < count; i++)
        ret_identifiers[i] = NULL;
    for (size_t i = 0; taken && taken[i]; i++)
        use(&table, taken[i]);
    keep_valid_names(names, count, &table, ret_identifiers);
    for (size_t i = 0; i < count; i++) {
        char *wanted;

        if (ret_identifiers[i])
            continue;
        wanted = name_identifier(span_of(names[i]));
        if (is_used(table, wanted)) {
            ret_identifiers[i] = numbered(table, wanted);
            free(wanted);
        } else {
            ret_identifiers[i] = wanted;
        }
        use(&table, ret_identifiers[i]);
    }
    free_used(&table);
}

#define DISTANCE_NAME_MAX 64

/* The letters and digits of a name in lower case; how many were kept. */
static size_t fold(struct span name, char out[DISTANCE_NAME_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < name.len && len < DISTANCE_NAME_MAX; i++) {
        char c = name.data[i];

        if (c != '_' && c != '-' && c != '.' && c != ' ')
            out[len++] = (char)tolower((unsigned char)c);
    }
    return len;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* One row of the matrix of optimal string alignment; returns the row's least value. */
static unsigned distance_row(
    const char *a, const char *b, size_t b_len, size_t row, unsigned (*rows)[DISTANCE_NAME_MAX + 1])
{
    unsigned *now = rows[row % 3], *before = rows[(row + 2) % 3], *two = rows[(row + 1) % 3];
    unsigned least = (unsigned)row;

    now[0] = (unsigned)row;
    for (size_t j = 1; j <= b_len; j++) {
        unsigned cost = a[row - 1] != b[j - 1];

        now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost);
        if (row > 1 && j > 1 && a[row - 1] == b[j - 2] && a[row - 2] == b[j - 1] &&
            two[j - 2] + 1 < now[j])
            now[j] = two[j - 2] + 1;
        if (now[j] < least)
            least = now[j];
    }
    return least;
}

unsigned name_distance(struct span a, struct span b, unsigned max)
{
    char left[DISTANCE_NAME_MAX], right[DISTANCE_NAME_MAX];
    unsigned rows[3][DISTANCE_NAME_MAX + 1];
    size_t left_len = fold(a, left), right_len = fold(b, right);
    size_t gap = left_len > right_len ? left_len - right_len : right_len - left_len;
    unsigned distance;

    if (gap > max)
        return max + 1;
    for (size_t j = 0; j <= right_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= left_len; i++) {
        if (distance_row(left, right, right_len, i, rows) > max)
            return max + 1;
    }
    distance = rows[left_len % 3][right_len];
    return distance > max ? max + 1 : distance;
}
