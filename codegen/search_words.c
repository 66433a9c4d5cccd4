#include "codegen/search_words.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool ends_with(const char *word, size_t len, const char *ending)
{
    size_t ending_len = strlen(ending);

    return len > ending_len && memcmp(word + len - ending_len, ending, ending_len) == 0;
}

static size_t without_plural(const char *word, size_t len, char *end)
{
    if (len > 4 && ends_with(word, len, "ies")) {
        *end = 'y';
        return len - 2;
    }
    if (len > 4 && (ends_with(word, len, "sses") || ends_with(word, len, "xes") ||
                    ends_with(word, len, "ches") || ends_with(word, len, "shes")))
        return len - 2;
    if (len > 3 && word[len - 1] == 's' && !ends_with(word, len, "ss") &&
        !ends_with(word, len, "us") && !ends_with(word, len, "is"))
        return len - 1;
    return len;
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* Drops an ending of a verb, and one of the two consonants that it may have doubled. */
static size_t without_ending(const char *word, size_t len)
{
    size_t left = len;

    if (len > 5 && ends_with(word, len, "ing"))
        left = len - 3;
    else if (len > 4 && ends_with(word, len, "ed"))
        left = len - 2;
    if (left < len && left > 3 && word[left - 1] == word[left - 2] && !is_vowel(word[left - 1]) &&
        word[left - 1] != 's' && word[left - 1] != 'l')
        left--;
    return left;
}

/* "translation" and "translate" are one word, and so are "deployment" and "deploy", "attendance"
 * and "attend". */
static size_t without_noun_ending(const char *word, size_t len)
{
    if (len > 8 && (ends_with(word, len, "ance") || ends_with(word, len, "ence")))
        return len - 4;
    if (len > 7 && ends_with(word, len, "ment"))
        return len - 4;
    if (len > 6 && ends_with(word, len, "ion") && (word[len - 4] == 't' || word[len - 4] == 's'))
        len -= 3;
    return len;
}

static size_t without_last_e(const char *word, size_t len)
{
    return len > 4 && word[len - 1] == 'e' ? len - 1 : len;
}

size_t search_fold(char *word, size_t len)
{
    char end = '\0';
    size_t left = without_plural(word, len, &end);

    if (end)
        word[left - 1] = end;
    left = without_last_e(word, without_noun_ending(word, without_ending(word, left)));
    return left > 6 && ends_with(word, left, "at") ? left - 2 : left;
}

/* The word being read. */
struct reader {
    search_word_fn *fn;
    void *ctx;
    char word[SEARCH_WORD_BYTES];
    size_t len;
    bool lower; /* its last letter is in lower case */
    bool digit;
};

static void end_word(struct reader *reader)
{
    char shown[SEARCH_WORD_BYTES];
    size_t shown_len = reader->len, len;

    if (reader->len == 0)
        return;
    memcpy(shown, reader->word, sizeof(shown)); /* all of it is less work than a part */
    len = reader->digit ? reader->len : search_fold(reader->word, reader->len);
    reader->fn(reader->ctx, reader->word, len, span_make(shown, shown_len));
    reader->len = 0;
    reader->lower = false;
    reader->digit = false;
}

static void add_byte(struct reader *reader, char c)
{
    if (reader->len < sizeof(reader->word))
        reader->word[reader->len++] = c;
}

static bool is_upper(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* Adds a capital letter or a digit.  A new word begins at "aB", at the B of "ABc", and where digits
 * begin or end. */
static void add_ascii(struct reader *reader, uint32_t c, bool lower_follows)
{
    bool digit = is_digit(c);

    if (reader->len &&
        (digit != reader->digit || (is_upper(c) && (reader->lower || lower_follows))))
        end_word(reader);
    reader->digit = digit;
    reader->lower = false;
    add_byte(reader, (char)(is_upper(c) ? c + 32 : c));
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The small letters that begin at `at`, at once: most of all text is that.  Returns where they end.
 */
static size_t add_small_letters(struct reader *reader, struct span text, size_t at)
{
    size_t room, count = 0;

    if (reader->len && reader->digit)
        end_word(reader);
    room = sizeof(reader->word) - reader->len;
    if (room > text.len - at)
        room = text.len - at;
    for (; count < room && is_small(text.data[at + count]); count++)
        reader->word[reader->len + count] = text.data[at + count];
    reader->len += count;
    reader->lower = true;
    reader->digit = false;
    for (at += count; at < text.len && is_small(text.data[at]);)
        at++;
    return at;
}

static bool is_unspaced(uint32_t c)
{
    return (c >= 0x2E80 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
}

/* The characters from `at` on, of which the first is `len` long: one word for each pair of
 * neighbours, and for the last.  Returns where they end. */
static size_t add_unspaced(struct reader *reader, struct span text, size_t at, size_t len)
{
    bool pair;

    end_word(reader);
    do {
        uint32_t next = 0;
        size_t next_len = utf8_decode(text.data + at + len, text.len - at - len, &next);
        struct span word;

        pair = next_len && is_unspaced(next);
        word = span_make(text.data + at, len + (pair ? next_len : 0));
        reader->fn(reader->ctx, word.data, word.len, word);
        at += len;
        len = next_len;
    } while (pair);
    return at;
}

static bool lower_at(struct span text, size_t at)
{
    return at < text.len && is_small(text.data[at]);
}

/* True when a small letter at `at` begins the rest of a word: not the plural's s of "URLs". */
static bool word_at(struct span text, size_t at)
{
    return lower_at(text, at) && (text.data[at] != 's' || lower_at(text, at + 1));
}

/* What begins with a byte beyond ASCII at `at`; returns where it ends. */
static size_t add_wide(struct reader *reader, struct span text, size_t at)
{
    uint32_t c = 0;
    size_t len = utf8_decode(text.data + at, text.len - at, &c);

    if (len && is_unspaced(c))
        return add_unspaced(reader, text, at, len);
    if (len == 0 || c < 0xC0 || c >= 0x2000)
        end_word(reader);
    else
        for (size_t i = 0; i < len; i++)
            add_byte(reader, text.data[at + i]);
    return at + (len ? len : 1);
}

void search_words(struct span text, search_word_fn *fn, void *ctx)
{
    struct reader reader = { .fn = fn, .ctx = ctx };
    size_t at = 0;

    while (at < text.len) {
        unsigned char c = (unsigned char)text.data[at];

        if (is_small((char)c)) {
            at = add_small_letters(&reader, text, at);
        } else if (c >= 0x80) {
            at = add_wide(&reader, text, at);
        } else {
            at++;
            if (is_upper(c) || is_digit(c))
                add_ascii(&reader, c, word_at(text, at));
            else
                end_word(&reader);
        }
    }
    end_word(&reader);
}
