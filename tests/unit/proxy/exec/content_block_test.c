/*
 * Which values are content blocks.
 */
#include "proxy/exec/content_block.h"

#include "tests/unit/test.h"

static const struct {
    const char *block;
    const char *wrong; /* a part of the error; NULL when the block is right */
} rows[] = {
    { "{\"type\":\"text\",\"text\":\"\"}", NULL },
    { "{\"type\":\"text\",\"text\":\"x\",\"annotations\":{\"priority\":1}}", NULL },
    { "{\"type\":\"text\"}", "needs the string \"text\"" },
    { "{\"type\":\"text\",\"text\":1}", "needs the string \"text\"" },
    { "{\"type\":\"image\",\"data\":\"\",\"mimeType\":\"image/png\"}", NULL },
    { "{\"type\":\"image\",\"data\":\"AA==\",\"mimeType\":\"image/png\"}", NULL },
    { "{\"type\":\"image\",\"data\":\"AAA=\",\"mimeType\":\"image/png\"}", NULL },
    { "{\"type\":\"image\",\"data\":\"a+/9\",\"mimeType\":\"image/png\"}", NULL },
    { "{\"type\":\"image\",\"data\":\"AAA\",\"mimeType\":\"image/png\"}", "base64" },
    { "{\"type\":\"image\",\"data\":\"A===\",\"mimeType\":\"image/png\"}", "base64" },
    { "{\"type\":\"image\",\"data\":\"AA=A\",\"mimeType\":\"image/png\"}", "base64" },
    { "{\"type\":\"image\",\"data\":\"A-_A\",\"mimeType\":\"image/png\"}", "base64" },
    { "{\"type\":\"image\",\"data\":\"\\u0041A\",\"mimeType\":\"image/png\"}", "base64" },
    { "{\"type\":\"image\",\"data\":\"AAAA\"}", "needs the string \"mimeType\"" },
    { "{\"type\":\"audio\",\"data\":\"AAAA\",\"mimeType\":\"audio/wav\"}", NULL },
    { "{\"type\":\"audio\",\"mimeType\":\"audio/wav\"}", "needs the string \"data\"" },
    { "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\",\"text\":\"x\"}}", NULL },
    { "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\",\"blob\":\"AAAA\"}}", NULL },
    { "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\",\"blob\":\"?\"}}", "base64" },
    { "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\"}}", "\"blob\"" },
    { "{\"type\":\"resource\",\"resource\":{\"text\":\"x\"}}", "\"uri\"" },
    { "{\"type\":\"resource\",\"resource\":[]}", "needs the object" },
    { "{\"type\":\"resource_link\",\"uri\":\"a:b\",\"name\":\"x\"}", NULL },
    { "{\"type\":\"resource_link\",\"uri\":\"a:b\"}", "\"name\"" },
    { "{\"type\":\"video\"}", "is text, image, audio" },
    { "{\"type\":1}", "is text, image, audio" },
    { "{}", "an object with a \"type\"" },
    { "\"text\"", "an object with a \"type\"" },
    { "null", "an object with a \"type\"" },
};

static void tells_right_from_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct err err = ERR_INIT;
        int result = content_block_check(span_of(rows[i].block), &err);

        if (result != (rows[i].wrong ? -1 : 0) ||
            (rows[i].wrong && !strstr(err.text, rows[i].wrong)))
            fail_msg("%s: %d %s", rows[i].block, result, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_right_from_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
