/*
 * A listening TCP socket.
 */
#ifndef PROXY_FRONT_HTTP_LISTEN_H
#define PROXY_FRONT_HTTP_LISTEN_H

#include <stdint.h>

#include "base/err.h"

/*
 * Listens on a host (an address or a name such as "localhost") and port (0:
 * any).  Returns the non-blocking descriptor, *ret_port being the port in use;
 * or -1 with ERR_IO naming the address and what to do.
 */
int http_listen(const char *host, uint16_t port, int *ret_port, struct err *err);

#endif
