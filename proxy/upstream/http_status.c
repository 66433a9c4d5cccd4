#include "proxy/upstream/http_status.h"

#include <stdlib.h>

#include "base/mem.h"
#include "proxy/upstream/http_url.h"

#define TYPE_SHOWN 80

static const struct row {
    int status;
    enum err_code code;
    const char *mend;
} rows[] = {
    { 400, ERR_REMOTE, "the server calls the request invalid" },
    { 401, ERR_DENIED,
      "it wants credentials; set `headers: { Authorization: \"Bearer ...\" }` for this server" },
    { 403, ERR_DENIED, "it refuses these credentials, or this client" },
    { 404, ERR_NOT_FOUND, "there is no MCP endpoint at this address; look at `url`" },
    { 405, ERR_NOT_FOUND, "there is no MCP endpoint at this address; look at `url`" },
    { 406, ERR_PROTOCOL, "it offers no form of answer that MCP has" },
    { 407, ERR_DENIED, "the HTTP proxy on the way wants credentials" },
    { 413, ERR_LIMIT, "the request is too large for it" },
    { 415, ERR_PROTOCOL, "it takes no JSON" },
    { 429, ERR_REMOTE, "too many requests; try later" },
    { 502, ERR_REMOTE, "what stands before the server can't reach it" },
    { 503, ERR_REMOTE, "the server is overloaded or being restarted" },
    { 504, ERR_REMOTE, "the server did not answer what stands before it" },
};

void http_status_explain(const struct http_head *head, const char *url, struct err *err)
{
    CLEANUP(str) char *shown = http_url_for_people(url);

    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        if (rows[i].status == head->status) {
            err_set(err, rows[i].code, "%s answered HTTP %d: %s", shown, head->status,
                    rows[i].mend);
            return;
        }
    }
    if (head->status >= 400)
        err_set(err, ERR_REMOTE, "%s answered HTTP %d", shown, head->status);
    else
        err_set(err, ERR_PROTOCOL,
                "%s answered HTTP %d with %.*s: that is no MCP server; look at `url`", shown,
                head->status, TYPE_SHOWN, head->content_type[0] ? head->content_type : "no type");
}
