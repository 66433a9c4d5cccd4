#include "tests/unit/proxy/fake_ask.h"

struct buf fake_ask_log = BUF(1 << 20);
unsigned fake_asks_open;
uint64_t fake_ask_visit;

static TAILQ_HEAD(, ask) open_asks = TAILQ_HEAD_INITIALIZER(open_asks);

static const char *const usual_params[ASK_KINDS] = {
    [ASK_ELICIT_FORM] = "{\"mode\":\"form\",\"message\":\"Your name?\",\"requestedSchema\":"
                        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}}}}",
    [ASK_ELICIT_URL] = "{\"mode\":\"url\",\"message\":\"Sign in\",\"url\":\"https://a.test/\"}",
    [ASK_SAMPLE] = "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":"
                   "\"Say hi\"}}],\"systemPrompt\":\"Be brief\",\"maxTokens\":10}",
    [ASK_ROOTS] = "{}",
};

struct ask *fake_ask_new(const char *server, enum ask_kind kind, struct span params)
{
    struct ask *ask = NEW(struct ask);

    ask->kind = kind;
    ask->server = xstrdup(server);
    ask->params = params.len ? params : span_of(usual_params[kind]);
    fake_asks_open++;
    TAILQ_INSERT_TAIL(&open_asks, ask, link);
    return ask;
}

struct ask *fake_ask_of(const void *owner)
{
    struct ask *ask;

    TAILQ_FOREACH(ask, &open_asks, link)
    {
        if (ask->owner == owner)
            return ask;
    }
    return NULL;
}

void fake_ask_free(struct ask *ask)
{
    fake_asks_open--;
    TAILQ_REMOVE(&open_asks, ask, link);
    free(ask->server);
    free(ask);
}

enum ask_kind ask_kind(const struct ask *ask)
{
    return ask->kind;
}

const char *ask_server(const struct ask *ask)
{
    return ask->server;
}

const char *ask_method(enum ask_kind kind)
{
    static const char *const methods[ASK_KINDS] = { "elicitation/create", "elicitation/create",
                                                    "sampling/createMessage", "roots/list" };

    return methods[kind];
}

struct span ask_params(const struct ask *ask)
{
    return ask->params;
}

void ask_note_visit(struct ask *ask, uint64_t number)
{
    BUG_ON(ask->kind != ASK_ELICIT_URL);
    fake_ask_visit = number;
}

void ask_answer(struct ask *ask, struct span result)
{
    buf_printf(&fake_ask_log, "%s %s answer %.*s\n", ask->server, ask_method(ask->kind),
               SPAN_ARG(result));
    fake_ask_free(ask);
}

void ask_refuse(struct ask *ask, const char *why)
{
    buf_printf(&fake_ask_log, "%s %s refuse %s\n", ask->server, ask_method(ask->kind), why);
    fake_ask_free(ask);
}
