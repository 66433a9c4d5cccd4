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

    memcpy(shown, reader->word, sizeof(shown)); /* all of it is less work than a part */
    len = reader->digit ? reader->len : search_fold(reader->word, reader->len);
    if (len)
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

/* A new word begins at "aB", at the B of "ABc", and where digits begin or end. */
static void add_ascii(struct reader *reader, uint32_t c, bool lower_follows)
{
    bool digit = is_digit(c);

    if (reader->len &&
        (digit != reader->digit || (is_upper(c) && (reader->lower || lower_follows))))
        end_word(reader);
    reader->digit = digit;
    reader->lower = c >= 'a' && c <= 'z';
    add_byte(reader, (char)(is_upper(c) ? c + 32 : c));
}

/* The small letters that begin at `at`, at once: most of all text is that.  Returns where they end.
 */
static size_t add_small_letters(struct reader *reader, struct span text, size_t at)
{
    size_t end = at + 1, len;

    if (reader->len && reader->digit)
        end_word(reader);
    while (end < text.len && text.data[end] >= 'a' && text.data[end] <= 'z')
        end++;
    len = end - at;
    if (len > sizeof(reader->word) - reader->len)
        len = sizeof(reader->word) - reader->len;
    memcpy(reader->word + reader->len, text.data + at, len);
    reader->len += len;
    reader->lower = true;
    reader->digit = false;
    return end;
}

static bool is_ascii_word(uint32_t c)
{
    return is_upper(c) || is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool is_unspaced(uint32_t c)
{
    return (c >= 0x2E80 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
}

/* One word for each pair of neighbours, or for a character that stands alone. */
static size_t add_unspaced(struct reader *reader, struct span text, size_t at, size_t len)
{
    uint32_t next = 0;
    size_t next_len = utf8_decode(text.data + at + len, text.len - at - len, &next);
    bool pair = next_len && is_unspaced(next);

    end_word(reader);
    if (pair)
        len += next_len;
    reader->fn(reader->ctx, text.data + at, len, span_make(text.data + at, len));
    return at + len - (pair ? next_len : 0);
}

static bool lower_at(struct span text, size_t at)
{
    return at < text.len && text.data[at] >= 'a' && text.data[at] <= 'z';
}

/* True when a small letter at `at` begins the rest of a word: not the plural's s of "URLs". */
static bool word_at(struct span text, size_t at)
{
    return lower_at(text, at) && (text.data[at] != 's' || lower_at(text, at + 1));
}

void search_words(struct span text, search_word_fn *fn, void *ctx)
{
    struct reader reader = { .fn = fn, .ctx = ctx };
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = (unsigned char)text.data[at];
        size_t len = c < 0x80 ? 1 : utf8_decode(text.data + at, text.len - at, &c);

        if (c >= 'a' && c <= 'z') {
            at = add_small_letters(&reader, text, at);
            continue;
        }
        if (c < 0x80 && !is_ascii_word(c)) {
            if (reader.len)
                end_word(&reader);
            at++;
            continue;
        }
        if (len == 0) {
            end_word(&reader);
            at++;
            continue;
        }
        if (is_unspaced(c)) {
            at = add_unspaced(&reader, text, at, len);
            continue;
        }
        if (is_ascii_word(c))
            add_ascii(&reader, c, word_at(text, at + 1));
        else if (c >= 0xC0 && c < 0x2000)
            for (size_t i = 0; i < len; i++)
                add_byte(&reader, text.data[at + i]);
        else
            end_word(&reader);
        at += len;
    }
    end_word(&reader);
}
