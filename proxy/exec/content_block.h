/*
 * Whether a JSON value is an MCP content block that a client will take
 * (2025-11-25 and 2026-07-28, schema ContentBlock): official clients refuse a
 * whole result for one wrong block, so a script's block is checked first.
 */
#ifndef PROXY_EXEC_CONTENT_BLOCK_H
#define PROXY_EXEC_CONTENT_BLOCK_H

#include "base/err.h"
#include "base/span.h"

/* 0, or -1 with ERR_INVALID saying what is wrong with the block.  `block` is checked JSON. */
int content_block_check(struct span block, struct err *err);

#endif
