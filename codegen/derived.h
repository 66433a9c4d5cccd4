/*
 * What codegen/ makes of a server and keeps with it, so that a change of one
 * server costs that server alone.
 */
#ifndef CODEGEN_DERIVED_H
#define CODEGEN_DERIVED_H

#include "codegen/catalogue.h"

struct server_text;
struct search_index;

struct derived {
    struct server_text *text;   /* codegen/server_text; NULL until needed */
    struct search_index *index; /* codegen/search_index; NULL until needed */
};

/* The cache of a server, made when there is none.  It does not count as a change of the server. */
struct derived *derived_of(const struct catalogue_server *server);

#endif
