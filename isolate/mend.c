#include "isolate/mend.h"

#include <string.h>

/* How long type arguments before a template may be. */
#define TAG_TYPES_MAX_BYTES 2000
/* How deep templates may be in each other for their code to be read. */
#define TEMPLATES_MAX 16

enum token { TOKEN_BLANK, TOKEN_LINE_END, TOKEN_TEMPLATE, TOKEN_OTHER };

/* Reads a text token by token, as far as that goes without a grammar. */
struct reader {
    struct buf *text; /* borrowed */
    size_t at, end;   /* the token */
    size_t before;    /* the end of the last one that is neither blank nor comment; 0 for none */
    bool first;       /* the token is the first of its line */
    unsigned braces[TEMPLATES_MAX]; /* open in the code within each template */
    unsigned templates;             /* how many templates the token is in the code of */
};

static char char_at(const struct buf *text, size_t at)
{
    return at < text->len ? text->data[at] : '\0';
}

/* The offset behind the next `end` at or behind `at`; the text's length when there is none. */
static size_t behind(const struct buf *text, size_t at, const char *end)
{
    struct span rest = span_skip(buf_span(text), at);
    const char *found = rest.len ? memmem(rest.data, rest.len, end, strlen(end)) : NULL;

    return found ? (size_t)(found - text->data) + strlen(end) : text->len;
}

/* The offset behind the string that a quote before `at` began. */
static size_t behind_string(const struct buf *text, size_t at)
{
    char quote = text->data[at - 1];

    for (; at < text->len; at++) {
        if (text->data[at] == '\\')
            at++;
        else if (text->data[at] == quote || text->data[at] == '\n')
            return at + 1;
    }
    return text->len;
}

/* The offset behind the text of a template that goes on at `at`: at its end, or within its ${. */
static size_t behind_template(struct reader *reader, size_t at)
{
    const struct buf *text = reader->text;

    for (; at < text->len; at++) {
        if (text->data[at] == '\\')
            at++;
        else if (text->data[at] == '`')
            return at + 1;
        else if (text->data[at] == '$' && char_at(text, at + 1) == '{' &&
                 reader->templates < TEMPLATES_MAX) {
            reader->braces[reader->templates++] = 0;
            return at + 2;
        }
    }
    return text->len;
}

/* The offset behind a brace, which may end the code within a template. */
static size_t behind_brace(struct reader *reader, char brace)
{
    bool ends_code = false;
    unsigned *open = reader->templates ? &reader->braces[reader->templates - 1] : NULL;

    if (!open)
        return reader->at + 1;
    if (brace == '{')
        ++*open;
    else if (*open > 0)
        --*open;
    else
        ends_code = true;
    if (!ends_code)
        return reader->at + 1;
    reader->templates--;
    return behind_template(reader, reader->at + 1);
}

static size_t behind_comment(const struct buf *text, size_t at)
{
    size_t end = behind(text, at + 2, text->data[at + 1] == '*' ? "*/" : "\n");

    return text->data[end - 1] == '\n' ? end - 1 : end;
}

static enum token read_token(struct reader *reader)
{
    const struct buf *text = reader->text;
    char c = text->data[reader->at], next = char_at(text, reader->at + 1);

    reader->end = reader->at + 1;
    if (c == '/' && (next == '/' || next == '*')) {
        reader->end = behind_comment(text, reader->at);
        return TOKEN_BLANK;
    }
    if (c == '"' || c == '\'')
        reader->end = behind_string(text, reader->at + 1);
    else if (c == '`')
        reader->end = behind_template(reader, reader->at + 1);
    else if (c == '{' || c == '}')
        reader->end = behind_brace(reader, c);
    if (c == '\n')
        return TOKEN_LINE_END;
    if (c == ' ' || c == '\t' || c == '\r')
        return TOKEN_BLANK;
    return c == '`' ? TOKEN_TEMPLATE : TOKEN_OTHER;
}

/* Goes on to the next token that is neither blank nor comment; false at the end. */
static bool next_token(struct reader *reader, enum token *ret_token)
{
    if (reader->end) {
        reader->before = reader->end;
        reader->first = false;
    }
    for (reader->at = reader->end; reader->at < reader->text->len; reader->at = reader->end) {
        *ret_token = read_token(reader);
        if (*ret_token == TOKEN_LINE_END)
            reader->first = true;
        else if (*ret_token != TOKEN_BLANK)
            return true;
    }
    return false;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$';
}

/* True when a type or a member may end with the byte before `end`. */
static bool may_end(const struct buf *text, size_t end)
{
    char c = text->data[end - 1];

    if (c == '>')
        return end > 1 && text->data[end - 2] != '=';
    return is_name(c) || (c && strchr(")]}\"'`", c));
}

/* The offset behind the parenthesis that closes the one at `at`. */
static size_t behind_parentheses(struct buf *text, size_t at)
{
    struct reader reader = { .text = text, .end = at };
    enum token token;
    unsigned depth = 0;

    while (next_token(&reader, &token)) {
        depth += text->data[reader.at] == '(';
        if (text->data[reader.at] == ')' && --depth == 0)
            return reader.end;
    }
    return text->len;
}

/* True when a member of an object type begins at `at` that an expression could not. */
static bool begins_member(struct buf *text, size_t at)
{
    size_t end = at + 2;

    if (text->data[at] == '(')
        return char_at(text, behind_parentheses(text, at)) == ':';
    if (text->data[at] != 'i' || char_at(text, at + 1) != 'n')
        return text->data[at] == '<';
    end += char_at(text, end) == '?';
    return char_at(text, end) == ':';
}

bool mend_signatures(struct buf *text)
{
    struct reader reader = { .text = text };
    enum token token;
    bool changed = false;

    while (next_token(&reader, &token)) {
        char blank = char_at(text, reader.before);

        if (!reader.first || reader.before == 0 || (blank != '\n' && blank != ' ') ||
            !may_end(text, reader.before) || !begins_member(text, reader.at))
            continue;
        text->data[reader.before] = ';';
        changed = true;
    }
    return changed;
}

/* The angle bracket that opens what the one before `end` closes; `end` when there is none. */
static size_t opening_angle(const struct buf *text, size_t end)
{
    unsigned depth = 0;

    for (size_t at = end; at-- > 0 && end - at < TAG_TYPES_MAX_BYTES;) {
        char c = text->data[at];

        if (c == '>' && (at == 0 || text->data[at - 1] != '='))
            depth++;
        if (c == '<' && depth > 0 && --depth == 0)
            return at;
    }
    return end;
}

static void blank_types(struct buf *text, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (text->data[i] != '\n' && text->data[i] != '\r')
            text->data[i] = ' ';
    }
}

bool mend_tag_types(struct buf *text)
{
    struct reader reader = { .text = text };
    enum token token;
    bool changed = false;

    while (next_token(&reader, &token)) {
        size_t open;

        if (token != TOKEN_TEMPLATE || reader.before < 2 || text->data[reader.before - 1] != '>' ||
            text->data[reader.before - 2] == '=')
            continue;
        open = opening_angle(text, reader.before);
        if (open == 0 || open == reader.before || !is_name(text->data[open - 1]))
            continue;
        blank_types(text, open, reader.before);
        changed = true;
    }
    return changed;
}
