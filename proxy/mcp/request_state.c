/*
 * id.round.expires.mac, all readable: nothing in it is secret, and it can't be
 * changed.
 */
#include "proxy/mcp/request_state.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/json.h"
#include "base/random.h"

#define DIGEST_BYTES     32
#define MAC_CHARACTERS   64
#define NUMBER_DIGITS    18
#define STATE_MAX_BYTES  256
#define SIGNED_MAX_BYTES 1024

void request_state_key_init(struct request_state_key *key)
{
    random_bytes(key->bytes, sizeof(key->bytes));
}

/* ---- what it is bound to ---- */

static const char *const changing_members[] = { "_meta", "inputResponses", "requestState" };

static int feed(const char *data, size_t len, void *ctx)
{
    return EVP_DigestUpdate(ctx, data, len) == 1 ? 0 : -1;
}

static int digest_sorted(struct span params, EVP_MD_CTX *digest)
{
    json_t *tree =
        json_loadb(params.data, params.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    int result;

    if (!tree)
        return -1;
    for (size_t i = 0; i < ARRAY_COUNT(changing_members); i++)
        json_object_del(tree, changing_members[i]);
    result = json_dump_callback(tree, feed, digest, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(tree);
    return result;
}

static bool is_changing(struct span raw_key)
{
    for (size_t i = 0; i < ARRAY_COUNT(changing_members); i++) {
        if (json_key_is(raw_key, changing_members[i]))
            return true;
    }
    return false;
}

/* For numbers that no double holds: members as they are written. */
static void digest_raw(struct span params, EVP_MD_CTX *digest)
{
    struct json_iter it = json_iter(params);

    while (json_next(&it)) {
        if (is_changing(it.key))
            continue;
        feed(it.key.data, it.key.len, digest);
        feed(":", 1, digest);
        feed(it.value.data, it.value.len, digest);
        feed(",", 1, digest);
    }
}

static void digest_params(struct span params, unsigned char out[DIGEST_BYTES])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();

    BUG_ON(!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1);
    if (json_kind(params) == JSON_KIND_OBJECT && digest_sorted(params, digest) < 0) {
        BUG_ON(EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1);
        digest_raw(params, digest);
    }
    BUG_ON(EVP_DigestFinal_ex(digest, out, NULL) != 1);
    EVP_MD_CTX_free(digest);
}

/* ---- the signature ---- */

static int write_mac(const struct request_state_key *key,
                     struct span content,
                     const struct request_binding *binding,
                     struct buf *out)
{
    CLEANUP(buf) struct buf signed_bytes = BUF(SIGNED_MAX_BYTES);
    unsigned char digest[DIGEST_BYTES], mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;

    digest_params(binding->params, digest);
    buf_add_str(&signed_bytes, "mcpfold requestState\n");
    buf_add_span(&signed_bytes, content);
    buf_printf(&signed_bytes, "\n%d\n%.*s\n", binding->principal, SPAN_ARG(binding->method));
    buf_add(&signed_bytes, digest, sizeof(digest));
    if (buf_failed(&signed_bytes))
        return -1;
    BUG_ON(!HMAC(EVP_sha256(), key->bytes, sizeof(key->bytes),
                 (const unsigned char *)signed_bytes.data, signed_bytes.len, mac, &mac_len));
    for (unsigned i = 0; i < mac_len; i++)
        buf_printf(out, "%02x", mac[i]);
    return buf_failed(out) ? -1 : 0;
}

int request_state_write(const struct request_state_key *key,
                        const struct request_state *state,
                        const struct request_binding *binding,
                        struct buf *out)
{
    CLEANUP(buf) struct buf content = BUF(STATE_MAX_BYTES);

    buf_printf(&content, "%s.%u.%" PRIu64, state->id, state->round, state->expires_ms);
    buf_add_span(out, buf_span(&content));
    buf_add_char(out, '.');
    return buf_failed(&content) ? -1 : write_mac(key, buf_span(&content), binding, out);
}

/* ---- reading ---- */

static bool read_id(struct span *text, char ret_id[REQUEST_STATE_ID_CHARACTERS + 1])
{
    if (text->len <= REQUEST_STATE_ID_CHARACTERS || text->data[REQUEST_STATE_ID_CHARACTERS] != '.')
        return false;
    memcpy(ret_id, text->data, REQUEST_STATE_ID_CHARACTERS);
    ret_id[REQUEST_STATE_ID_CHARACTERS] = '\0';
    *text = span_skip(*text, REQUEST_STATE_ID_CHARACTERS + 1);
    return true;
}

/* A number and the dot behind it. */
static bool read_number(struct span *text, uint64_t *ret)
{
    size_t len = 0;

    *ret = 0;
    for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++) {
        if (len == NUMBER_DIGITS)
            return false;
        *ret = *ret * 10 + (uint64_t)(text->data[len] - '0');
    }
    if (len == 0 || len == text->len || text->data[len] != '.')
        return false;
    *text = span_skip(*text, len + 1);
    return true;
}

int request_state_read(const struct request_state_key *key,
                       struct span text,
                       const struct request_binding *binding,
                       struct request_state *ret_state)
{
    CLEANUP(buf) struct buf mac = BUF(MAC_CHARACTERS + 1);
    struct span rest = text;
    uint64_t round;

    if (text.len > STATE_MAX_BYTES || !read_id(&rest, ret_state->id) ||
        !read_number(&rest, &round) || !read_number(&rest, &ret_state->expires_ms) ||
        rest.len != MAC_CHARACTERS || round > UINT32_MAX)
        return -1;
    ret_state->round = (unsigned)round;
    text.len -= MAC_CHARACTERS + 1;
    if (write_mac(key, text, binding, &mac) < 0 || mac.len != rest.len)
        return -1;
    return CRYPTO_memcmp(mac.data, rest.data, rest.len) == 0 ? 0 : -1;
}
