#include "isolate/fences.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* What may stand behind an opening fence. */
static const char *const dialects[] = { "ts",  "typescript", "js",  "javascript", "tsx",
                                        "jsx", "mts",        "mjs", "cts",        "cjs" };

struct line {
    size_t start, end; /* without its end */
    size_t next;       /* start of the next one */
};

static struct line line_at(struct span code, size_t start)
{
    struct line line = { .start = start, .end = start };
    size_t len = 0;

    while (line.end < code.len && (len = line_end_len(span_skip(code, line.end))) == 0)
        line.end++;
    line.next = line.end + len;
    return line;
}

static struct span line_text(struct span code, struct line line)
{
    return span_trim(span_make(code.data + line.start, line.end - line.start));
}

/* The length of the run of backticks or tildes that `text` begins with; 0 when it is no fence. */
static size_t fence_len(struct span text)
{
    size_t len = 0;

    if (text.len == 0 || (text.data[0] != '`' && text.data[0] != '~'))
        return 0;
    while (len < text.len && text.data[len] == text.data[0])
        len++;
    return len >= 3 ? len : 0;
}

static bool is_dialect(struct span info)
{
    size_t len = 0;

    while (len < info.len && info.data[len] != ' ' && info.data[len] != '\t')
        len++;
    for (size_t i = 0; i < ARRAY_COUNT(dialects); i++) {
        if (len == strlen(dialects[i]) && strncasecmp(info.data, dialects[i], len) == 0)
            return true;
    }
    return false;
}

/* `bare`: also without a word behind it. */
static bool opens(struct span text, bool bare)
{
    size_t len = fence_len(text);
    struct span info = span_trim(span_skip(text, len));

    if (len == 0)
        return false;
    return is_dialect(info) || (bare && info.len == 0);
}

static bool closes(struct span text, struct span opening)
{
    return fence_len(text) >= fence_len(opening) && text.data[0] == opening.data[0] &&
           fence_len(text) == text.len;
}

/* The start of the line that closes a block; the end of the code when none does. */
static size_t block_end(struct span code, size_t start, struct span opening)
{
    while (start < code.len) {
        struct line line = line_at(code, start);

        if (closes(line_text(code, line), opening))
            return line.start;
        start = line.next;
    }
    return code.len;
}

void fences_blank(struct edits *edits)
{
    struct span code = edits->code;
    bool bare = true, found = false;
    size_t outside = 0;

    for (size_t start = 0; start < code.len;) {
        struct line line = line_at(code, start);
        struct span text = line_text(code, line);

        if (opens(text, bare)) {
            bare = fence_len(text) == text.len;
            found = true;
            edits_blank(edits, outside, line.end);
            outside = block_end(code, line.next, text);
            line = line_at(code, outside);
        } else if (!found) {
            bare = bare && text.len == 0;
        }
        start = line.next;
    }
    if (found)
        edits_blank(edits, outside, code.len);
}
