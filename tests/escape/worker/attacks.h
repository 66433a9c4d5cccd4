/*
 * What native code in a worker tries: the rows of attacks.def, any system
 * call, any bytes on the socket.
 */
#ifndef TESTS_ESCAPE_WORKER_ATTACKS_H
#define TESTS_ESCAPE_WORKER_ATTACKS_H

#include "base/err.h"

#define ATTACK_ARGUMENTS 6

/* Before the sandbox is closed: finds out what native code in a worker would know, where code
 * lies. */
int attack_look_around(struct err *err);

/* Runs a row of attacks.def.  Its result, or minus the error number; -ENOSYS when there is no
 * such row. */
long attack_run(const char *name);

/* The numbers of the calls that sandbox_calls.def has for workers, from index 0 on; -1 behind the
 * last. */
long attack_listed(unsigned index);

/* A system call by number.  Its result, or minus the error number. */
long attack_call(long number, const long arguments[ATTACK_ARGUMENTS]);

/* Sends the bytes of a hexadecimal text on the worker's socket, `times` over, waiting for room.
 * 0, or minus the error number. */
long attack_send(const char *hex, long times);

#endif
