/*
 * The keeper: a small process between the proxy and each stdio server, so that
 * no process of a server outlives the proxy, whatever way the proxy ends.
 *
 * It is this same program, started again with KEEPER_ARGUMENT.  It becomes the
 * reaper of all descendants of the server (npx, sh, node, ...), watches a
 * socket to the proxy on descriptor 3, and ends them all when the proxy says so
 * or is gone: SIGKILL of the proxy closes the socket too.
 *
 * On the socket the keeper writes lines: "P <pid>" when the server has been
 * started, "E <errno>" when it could not be, "X <status> <signal>" when it has
 * ended (status 0 when by a signal).  The proxy writes one byte: KEEPER_TERM or
 * KEEPER_KILL.
 */
#ifndef PROXY_UPSTREAM_KEEPER_H
#define PROXY_UPSTREAM_KEEPER_H

#define KEEPER_ARGUMENT "--keep-server"
#define KEEPER_FD       3

#define KEEPER_TERM 'T' /* SIGTERM to the server's group */
#define KEEPER_KILL 'K' /* SIGKILL to everything that descends from it */

/* How long descendants get when the proxy is gone, before SIGTERM and before SIGKILL. */
#define KEEPER_GRACE_MS 500

/*
 * To be called first in main(): when the program was started as a keeper
 * (argv: program, KEEPER_ARGUMENT, server's program, its arguments...), does
 * that work and never returns; else does nothing.
 */
void keeper_main(int argc, char **argv);

#endif
