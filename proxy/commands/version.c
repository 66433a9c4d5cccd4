#include "proxy/commands/version.h"

#include <openssl/crypto.h>

#include "proxy/front/http_server.h"

void version_print(FILE *out)
{
    fprintf(out, "mcpfold %s\n", MCPFOLD_VERSION);
    fprintf(out, "V8 %s\n", MCPFOLD_V8_VERSION);
    fprintf(out, "TypeScript %s\n", MCPFOLD_TYPESCRIPT_VERSION);
    fprintf(out, "libwebsockets %s\n", http_server_library_version());
    fprintf(out, "%s\n", OpenSSL_version(OPENSSL_VERSION));
}
