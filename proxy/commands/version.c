#include "proxy/commands/version.h"

#include <openssl/crypto.h>
#include <string.h>

#include "proxy/front/http_server.h"

void version_print(FILE *out)
{
    const char *lws = http_server_library_version();

    fprintf(out, "mcpfold %s\n", MCPFOLD_VERSION);
    fprintf(out, "V8 %s\n", MCPFOLD_V8_VERSION);
    fprintf(out, "TypeScript %s\n", MCPFOLD_TYPESCRIPT_VERSION);
    /* A distribution's build has a "-" without the commit that should follow it. */
    fprintf(out, "libwebsockets %.*s\n", (int)strcspn(lws, "-"), lws);
    fprintf(out, "%s\n", OpenSSL_version(OPENSSL_VERSION));
}
