/*
 * How many tokens a text costs, without the vocabulary: counts the pieces that
 * the o200k encoding's splitter makes and estimates how many tokens each
 * becomes from its length.  tests/unit/codegen/describe_tokens_test.c holds it
 * against exact counts.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "codegen/describe.h"

/* Hundredths of a token, fitted to the declarations of 138 public servers. */
#define WORD         88 /* a word of up to WORD_WHOLE letters */
#define WORD_WHOLE   7  /* letters */
#define WORD_LETTER  24 /* each letter beyond */
#define WORD_LONG    11 /* letters */
#define LONG_LETTER  31 /* each letter beyond these, on top */
#define CAPITAL      16 /* each letter of a word in capitals behind the first, on top */
#define THREE_DIGITS 110
#define SIGNS        135 /* a run of signs */
#define OTHER_LETTER 79  /* a letter of another script */
#define SPACES       127 /* a run of white space; a single one goes with what follows it */

enum piece { PIECE_SPACE, PIECE_LOWER, PIECE_UPPER, PIECE_DIGIT, PIECE_SIGN, PIECE_OTHER };

static enum piece piece_of(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return PIECE_LOWER;
    if (c >= 'A' && c <= 'Z')
        return PIECE_UPPER;
    if (c >= '0' && c <= '9')
        return PIECE_DIGIT;
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
        return PIECE_SPACE;
    return c < 0x80 ? PIECE_SIGN : PIECE_OTHER;
}

/* The state of the walk: what is being gathered, and how long it is. */
struct counter {
    enum piece piece;
    size_t len;
    uint64_t hundredths;
};

static uint64_t word_cost(size_t len, bool capitals)
{
    uint64_t cost = WORD;

    if (len > WORD_WHOLE)
        cost += (len - WORD_WHOLE) * WORD_LETTER;
    if (len > WORD_LONG)
        cost += (len - WORD_LONG) * LONG_LETTER;
    return capitals ? cost + (len - 1) * CAPITAL : cost;
}

static void end_piece(struct counter *counter)
{
    size_t len = counter->len;

    counter->len = 0;
    if (len == 0)
        return;
    switch (counter->piece) {
    case PIECE_LOWER:
    case PIECE_UPPER:
        counter->hundredths += word_cost(len, counter->piece == PIECE_UPPER);
        break;
    case PIECE_DIGIT:
        counter->hundredths += (len + 2) / 3 * THREE_DIGITS;
        break;
    case PIECE_SIGN:
        counter->hundredths += SIGNS;
        break;
    case PIECE_OTHER:
        counter->hundredths += len * OTHER_LETTER;
        break;
    case PIECE_SPACE:
        counter->hundredths += len > 1 ? SPACES : 0;
        break;
    }
}

/* A single sign before a word is part of it, as in `_name` or `.name`. */
static bool joins_word(const struct counter *counter, enum piece next)
{
    return counter->piece == PIECE_SIGN && counter->len == 1 &&
           (next == PIECE_LOWER || next == PIECE_UPPER);
}

static bool continues(const struct counter *counter, enum piece next)
{
    if (counter->piece == next)
        return true;
    return counter->piece == PIECE_UPPER && next == PIECE_LOWER;
}

static void count_character(struct counter *counter, enum piece next)
{
    if (joins_word(counter, next))
        counter->len = 0;
    else if (!continues(counter, next))
        end_piece(counter);
    counter->piece = next;
    counter->len++;
}

size_t describe_tokens(struct span text)
{
    struct counter counter = { .piece = PIECE_SPACE };
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = (unsigned char)text.data[at];
        size_t len = c < 0x80 ? 1 : utf8_decode(text.data + at, text.len - at, &c);

        count_character(&counter, piece_of(c));
        at += len ? len : 1;
    }
    end_piece(&counter);
    return (size_t)((counter.hundredths + 99) / 100);
}
