/*
 * What clients are asked, and what counts as their answer.
 */
#include "proxy/mcp/question.h"

#include "tests/unit/proxy/fake_ask.h"
#include "tests/unit/test.h"

static char capabilities[256];
static struct mcp_session session = { .capabilities = capabilities };
static struct mcp_call call = { .session = &session, .era = ERA_LEGACY };

static const struct {
    enum ask_kind kind;
    const char *version, *capabilities;
    bool can;
} clients[] = {
    { ASK_ELICIT_FORM, "2025-11-25", "{\"elicitation\":{}}", true },
    { ASK_ELICIT_FORM, "2025-11-25", "{\"elicitation\":{\"form\":{},\"url\":{}}}", true },
    { ASK_ELICIT_FORM, "2025-11-25", "{\"elicitation\":{\"url\":{}}}", false },
    { ASK_ELICIT_FORM, "2025-06-18", "{\"elicitation\":{}}", true },
    { ASK_ELICIT_FORM, "2025-03-26", "{\"elicitation\":{}}", false },
    { ASK_ELICIT_FORM, "2025-11-25", "{\"elicitation\":true}", false },
    { ASK_ELICIT_FORM, "2025-11-25", "{}", false },
    { ASK_ELICIT_URL, "2025-11-25", "{\"elicitation\":{\"url\":{}}}", true },
    { ASK_ELICIT_URL, "2025-11-25", "{\"elicitation\":{}}", false },
    { ASK_SAMPLE, "2024-11-05", "{\"sampling\":{}}", true },
    { ASK_SAMPLE, "2024-11-05", "{\"roots\":{}}", false },
    { ASK_ROOTS, "2024-11-05", "{\"roots\":{\"listChanged\":true}}", true },
};

static void asks_who_declares_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(clients); i++) {
        struct ask *ask = fake_ask_new("s", clients[i].kind, SPAN_NONE);
        struct err err = ERR_INIT;

        session.version = clients[i].version;
        snprintf(capabilities, sizeof(capabilities), "%s", clients[i].capabilities);
        assert_int_equal(question_check_client(&call, ask, &err), clients[i].can ? 0 : -1);
        fake_ask_free(ask);
    }
}

static void sampling_with_tools_needs_more(void **state)
{
    struct ask *ask = fake_ask_new("s", ASK_SAMPLE, SPAN("{\"tools\":[]}"));
    struct err err = ERR_INIT;

    (void)state;
    session.version = "2025-11-25";
    snprintf(capabilities, sizeof(capabilities), "{\"sampling\":{}}");
    assert_int_equal(question_check_client(&call, ask, &err), -1);
    assert_non_null(strstr(err.text, "the capability sampling.tools."));
    snprintf(capabilities, sizeof(capabilities), "{\"sampling\":{\"tools\":{}}}");
    assert_int_equal(question_check_client(&call, ask, &err), 0);
    fake_ask_free(ask);
}

static const struct {
    enum ask_kind kind;
    const char *params, *shown;
} shown[] = {
    { ASK_ELICIT_FORM, "{\"message\":\"A \\\"b\\\" \\u00e9?\",\"requestedSchema\":{}}",
      "{\"message\":\"[s] A \\\"b\\\" \xc3\xa9?\",\"requestedSchema\":{},\"_meta\":{\"mcpfold/"
      "server\":\"s\"}}" },
    { ASK_ELICIT_FORM, "{\"message\":\"[s] once\"}",
      "{\"message\":\"[s] once\",\"_meta\":{\"mcpfold/server\":\"s\"}}" },
    { ASK_ELICIT_FORM, "{\"message\":\"[other] lie\"}",
      "{\"message\":\"[s] [other] lie\",\"_meta\":{\"mcpfold/server\":\"s\"}}" },
    { ASK_ELICIT_URL, "{\"mode\":\"url\",\"message\":\"m\",\"url\":\"https://x/?[s]\"}",
      "{\"mode\":\"url\",\"message\":\"[s] m\",\"url\":\"https://x/?[s]\",\"elicitationId\":\"e\","
      "\"_meta\":{\"mcpfold/server\":\"s\"}}" },
    { ASK_SAMPLE, "{\"systemPrompt\":\"p\",\"message\":\"m\",\"maxTokens\":1}",
      "{\"systemPrompt\":\"p\",\"message\":\"m\",\"maxTokens\":1,\"_meta\":{\"mcpfold/server\":"
      "\"s\"}}" },
    { ASK_ROOTS, "{}", "{\"_meta\":{\"mcpfold/server\":\"s\"}}" },
};

static void names_the_server_that_asks(void **state)
{
    (void)state;
    session.version = "2025-11-25";
    for (size_t i = 0; i < ARRAY_COUNT(shown); i++) {
        CLEANUP(buf) struct buf out = BUF(4096);
        struct ask *ask = fake_ask_new("s", shown[i].kind, span_of(shown[i].params));

        assert_int_equal(question_write_params(&call, ask, "e", &out), 0);
        assert_string_equal(buf_str(&out), shown[i].shown);
        fake_ask_free(ask);
    }
}

static const struct {
    enum ask_kind kind;
    const char *result;
    bool right;
} answers[] = {
    { ASK_ELICIT_FORM, "{\"action\":\"accept\",\"content\":{\"a\":1}}", true },
    { ASK_ELICIT_FORM, "{\"action\":\"accept\"}", true },
    { ASK_ELICIT_FORM, "{\"action\":\"decline\"}", true },
    { ASK_ELICIT_URL, "{\"action\":\"cancel\",\"x\":1}", true },
    { ASK_ELICIT_FORM, "{\"action\":\"\"}", false },
    { ASK_ELICIT_FORM, "{\"action\":1}", false },
    { ASK_ELICIT_FORM, "{\"action\":\"accept\",\"content\":\"a\"}", false },
    { ASK_ELICIT_FORM, "[]", false },
    { ASK_ELICIT_FORM, "null", false },
    { ASK_SAMPLE, "{\"role\":\"assistant\",\"model\":\"m\",\"content\":{}}", true },
    { ASK_SAMPLE, "{\"role\":\"assistant\",\"model\":\"m\",\"content\":[]}", true },
    { ASK_SAMPLE, "{\"role\":\"assistant\",\"model\":\"m\",\"content\":\"t\"}", false },
    { ASK_SAMPLE, "{\"role\":\"assistant\",\"content\":{}}", false },
    { ASK_ROOTS, "{\"roots\":[]}", true },
    { ASK_ROOTS, "{\"roots\":[{\"uri\":\"file:///\"}]}", true },
    { ASK_ROOTS, "{\"roots\":[{}]}", false },
    { ASK_ROOTS, "{\"roots\":[7]}", false },
    { ASK_ROOTS, "{\"roots\":{}}", false },
};

static void knows_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        struct err err = ERR_INIT;

        assert_int_equal(question_check_answer(answers[i].kind, span_of(answers[i].result), &err),
                         answers[i].right ? 0 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_who_declares_it),
        cmocka_unit_test(sampling_with_tools_needs_more),
        cmocka_unit_test(names_the_server_that_asks),
        cmocka_unit_test(knows_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
