/*
 * What a running script puts out beside its value: console lines, content
 * blocks, progress.  Each is checked and bounded here; what is over a limit is
 * counted, not kept.
 */
#ifndef PROXY_EXEC_OUTPUT_H
#define PROXY_EXEC_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct output {
    struct buf logs;    /* `{"level","text"}` objects, separated by commas */
    struct buf lines;   /* the same for a reader: "[warn] text\n"; plain for level log and info */
    struct buf blocks;  /* content blocks, separated by commas */
    size_t block_bytes; /* of them without the commas */
    struct buf notes;   /* what was left out and why, a line each */
    size_t lines_left_out, blocks_left_out;
    double progress;             /* the last value of the script that was passed on */
    double total;                /* what the script said with it; NAN when nothing */
    double told;                 /* the last value passed on, of whatever */
    uint64_t progress_second_ns; /* when the present second of progress began */
    unsigned progress_told;      /* how many were passed on in it */
    unsigned server_logs;        /* log messages of servers */
};

void output_init(struct output *output);
void output_done(struct output *output);

/* Takes the JSON of a LOG frame.  True when it is a console line that was kept: then `level` and
 * `text` (an empty buffer of the caller) are filled for the client. */
bool output_log(struct output *output, struct span json, struct span *ret_level, struct buf *text);

/* Takes the JSON of an EMIT frame. */
void output_emit(struct output *output, struct span json);

/* Takes the JSON of a PROGRESS frame.  True when it is to be passed on: it is greater than the
 * script's last, and not more than LIMIT_PROGRESS_PER_SECOND come; *ret_total is NAN when there is
 * none.  What is passed on always grows (2025-11-25 basic/utilities/progress). */
bool output_progress(struct output *output,
                     struct span json,
                     double *ret_progress,
                     double *ret_total,
                     struct buf *message);

/*
 * Takes the params of a tool's notifications/progress.  True when it is to be
 * passed on, by the same limit: as a message "server.tool: ..." beside a value
 * that is hardly greater than the last, since how the tool's steps relate to
 * the script's is not known.
 */
bool output_tool_progress(struct output *output,
                          const char *server,
                          const char *tool,
                          struct span params,
                          double *ret_progress,
                          double *ret_total,
                          struct buf *message);

/* Takes the params of a server's notifications/message.  True when it is to be passed on: not more
 * than LIMIT_SERVER_LOGS come, of LIMIT_LOG_BYTES each at most. */
bool output_server_log(struct output *output, struct span params);

#endif
