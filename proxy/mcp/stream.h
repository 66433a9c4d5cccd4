/*
 * A stream of a legacy session: what is sent on it is stored first, so it
 * outlives its connection (2025-11-25, basic/transports).  Private to mcp/.
 */
#ifndef PROXY_MCP_STREAM_H
#define PROXY_MCP_STREAM_H

#include "proxy/mcp/exchange.h"

/* Stores a message and sends it to whoever reads the stream now. */
void stream_send(struct event_stream *stream, enum event_kind kind, struct span message);

/* This exchange reads the stream from now on. */
void stream_attach(struct event_stream *stream, struct exchange *exchange);

/*
 * The exchange reads its stream no more.  Requests that it was to answer are
 * answered on the stream, where a later connection finds the answers.
 */
void stream_detach(struct exchange *exchange);

/* Sends all that came behind the event of that number, and ends the exchange when no more comes. */
void stream_resume(struct event_stream *stream, struct exchange *exchange, uint64_t number);

#endif
