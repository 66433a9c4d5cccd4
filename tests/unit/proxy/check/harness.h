/*
 * Scripts prepared and checked by the real compiler, for the tests.
 */
#ifndef UNIT_PROXY_CHECK_HARNESS_H
#define UNIT_PROXY_CHECK_HARNESS_H

#include "proxy/check/checker.h"

struct fixture {
    struct loop *loop;
    struct checker *checker;
    struct catalogue *catalogue;
};

/* Takes the caller's reference of the catalogue. */
struct fixture *fixture_new(struct catalogue *catalogue);
void fixture_free(struct fixture *fixture);

/* How a check ended. */
struct outcome {
    struct fixture *fixture;
    struct catalogue *catalogue;
    struct span code;
    struct buf text; /* the rendered report */
    enum err_code code_of_failure;
    unsigned calls; /* of the callback */
    unsigned *left; /* outcomes still awaited */
};

/* Starts the check of outcome->code, and counts it in *left; the loop stops when none is left. */
struct checker_job *start(struct fixture *fixture,
                          struct catalogue *catalogue,
                          struct outcome *outcome,
                          unsigned *left);

/* Checks one script; the caller frees the outcome's text. */
struct outcome check_with(struct fixture *fixture, struct catalogue *catalogue, const char *code);

/* What preparing alone refuses, with its place; no text when it refuses nothing. */
struct outcome refusal(const char *code);

#endif
