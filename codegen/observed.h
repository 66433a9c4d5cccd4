/*
 * What was observed of the replies of one tool that declares no output schema.
 *
 * A record is shared by whoever learns and by the tools of the catalogue it
 * belongs to; it lives as long as any of them.  Declarations made of it are as
 * it was then: those for the checker say `any` whatever was observed, so that
 * a reply of another shape never makes right code wrong.
 */
#ifndef CODEGEN_OBSERVED_H
#define CODEGEN_OBSERVED_H

#include <stdint.h>

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

#endif
