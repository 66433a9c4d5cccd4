/*
 * Foreign text inside TypeScript: comments, string literals, property names.
 *
 * Whatever an upstream sends, the result stays inside its comment or literal:
 * no comment end, line end, bidirectional control, invisible or terminal
 * control character passes.
 */
#ifndef CODEGEN_TYPESCRIPT_TEXT_H
#define CODEGEN_TYPESCRIPT_TEXT_H

#include "base/buf.h"
#include "base/span.h"

/* Appends text for a comment, white space run together to single spaces and trimmed. */
int typescript_comment_line(struct buf *out, struct span text);

/*
 * Appends the lines of a JSDoc block: each line of `text` behind `indent` and
 * "* ", line ends kept, runs of empty lines made one.  A line that starts with
 * `@` gets a backslash before it, so that text never becomes a tag.
 */
int typescript_comment_block(struct buf *out, struct span text, const char *indent);

/* The first sentence of a documentation text, at most `max_characters` (then ended by "…"),
 * appended as typescript_comment_line does. */
int typescript_first_sentence(struct buf *out, struct span text, size_t max_characters);

/* Appends text as a double-quoted string literal. */
int typescript_string(struct buf *out, struct span text);

/* Appends a property name, quoted only when it must be. */
int typescript_property(struct buf *out, struct span name);

/* The number of UTF-16 units of a text, which is what clients count as characters. */
size_t typescript_characters(struct span text);

#endif
