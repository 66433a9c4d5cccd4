/*
 * Output shapes learned from replies: kept in memory, loaded from the store
 * and written back some seconds after they changed, never while a script
 * waits.  Without a usable store they live as long as the process.
 */
#ifndef PROXY_STORE_LEARNED_H
#define PROXY_STORE_LEARNED_H

#include "base/loop.h"
#include "base/span.h"
#include "codegen/catalogue.h"

struct learned;

/* `folder` is copied; it is opened when a server's tools are first attached. */
struct learned *learned_new(struct loop *loop, const char *folder);

/*
 * Gives the tools of a catalogue that declare no output what was observed of
 * them.  To be called with each new catalogue before anything is made of it.
 * What was learned under another input schema is forgotten.
 */
void learned_attach(struct learned *learned, const struct catalogue *catalogue);

/* A successful reply of a tool of an attached catalogue, as the script got it: checked JSON. */
void learned_see(struct learned *learned, const struct tool *tool, struct span value);

/* Writes what is not written yet.  Takes NULL. */
void learned_free(struct learned *learned);

#endif
