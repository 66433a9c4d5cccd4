/*
 * An index of words while it is made: codegen/search_index adds the texts of
 * each tool, then finishes it.
 *
 * Tools of one server say much in the same words: the words of a text are
 * looked for once, however often it comes.
 */
#ifndef CODEGEN_SEARCH_MAKER_H
#define CODEGEN_SEARCH_MAKER_H

#include "codegen/search_index.h"

struct search_found;
struct search_latest;
struct search_said;

struct search_maker {
    struct search_index *index;
    /* What is being added. */
    uint32_t tool;
    uint32_t words_left; /* that the tool may still have */
    enum search_field field;
    uint32_t weight;

    struct search_latest *latest; /* of each word */
    size_t word_room;
    struct search_found *found; /* which tool has which word, as they come */
    size_t found_count, found_room;

    struct text_set texts;    /* that were added */
    struct search_said *said; /* which words they have */
    size_t said_room;
    uint32_t *words; /* of all these texts */
    size_t words_count, words_room;
    size_t words_before; /* the text that is being read */
};

/* Starts an index of a server with so many tools. */
void search_maker_init(struct search_maker *maker, size_t tool_count);

/* What is added from now on is of this tool, which comes after those before.  Words over the
 * limit are left out. */
void search_maker_start_tool(struct search_maker *maker, uint32_t tool, uint32_t words_max);

/* What is added from now on is of this field, with the weight of a word there in
 * SEARCH_WEIGHT_ONE-ths. */
void search_maker_start_field(struct search_maker *maker, enum search_field field, uint32_t weight);

/* Adds the words of a text, which stays where it is until the index is finished. */
void search_maker_add(struct search_maker *maker, struct span text);

/* Hands the index over to the caller, who frees it by search_index_free(), and frees the rest. */
struct search_index *search_maker_finish(struct search_maker *maker);

#endif
