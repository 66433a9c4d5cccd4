/*
 * What was observed of the replies of one tool that declares no output schema.
 *
 * A record is shared by whoever learns and by the tools of the catalogue it
 * belongs to; it lives as long as any of them.  Declarations made of it are as
 * it was then, and wrap it: Observed<...> of codegen/prelude.d.ts lets through
 * what was not seen, so that a reply of another shape never makes right code
 * wrong.
 */
#ifndef CODEGEN_OBSERVED_H
#define CODEGEN_OBSERVED_H

#include <stdint.h>

#include "codegen/catalogue.h"
#include "codegen/shape.h"

struct observed {
    unsigned references;
    uint64_t input_digest; /* of the tool's input schema */
    uint64_t replies;      /* successful ones that were looked at; 0: nothing is known */
    struct shape_root root;
    unsigned passed; /* replies that were not looked at */
    bool unsaved;    /* has changed since it was written */
};

/* A record of nothing; one reference. */
struct observed *observed_new(uint64_t input_digest);
struct observed *observed_ref(struct observed *observed);
void observed_unref(struct observed *observed); /* takes NULL */

/* The digest of an input schema: the same for the same schema in every run. */
uint64_t observed_digest(const json_t *input_schema);

/* True when replies of a tool were observed that declares no output. */
bool observed_of_tool(const struct tool *tool);
/* True when there is such a tool. */
bool observed_in_catalogue(const struct catalogue *catalogue);

#endif
