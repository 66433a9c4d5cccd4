/*
 * Text into words that can be compared: case, camelCase, snake_case, plural
 * and common endings do not count.
 */
#ifndef CODEGEN_SEARCH_WORDS_H
#define CODEGEN_SEARCH_WORDS_H

#include <stdbool.h>

#include "base/span.h"

#define SEARCH_WORD_BYTES 48

/* `word` is folded and not terminated; `shown` is the word as it stood, in lower case.  Both are
 * SEARCH_WORD_BYTES long at most and end with the call. */
typedef void search_word_fn(void *ctx, const char *word, size_t len, struct span shown);

/* Calls `fn` for each word of a text, in order.  Characters of scripts without spaces (CJK) give a
 * word for each pair. */
void search_words(struct span text, search_word_fn *fn, void *ctx);

/* Folds a word in lower case in place; returns its new length.  Its first letter stays. */
size_t search_fold(char *word, size_t len);

/* True for words that say nothing in a question ("how", "the", "please"), folded. */
bool search_word_is_empty(const char *word, size_t len);

/*
 * Calls `fn` for each word, folded, that means about the same in the world of tools.
 */
void search_synonyms(const char *word, size_t len, search_word_fn *fn, void *ctx);

#endif
