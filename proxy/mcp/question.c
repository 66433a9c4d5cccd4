/*
 * What a client is asked is what the server wrote, but for what belongs to the
 * hop.
 */
#include "proxy/mcp/question.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/server_private.h"

/* ---- who can be asked ---- */

/* A capability that a kind of question needs, and its part. */
struct needed {
    const char *capability, *part; /* part may be NULL */
    const char *version;           /* the first revision that has it */
};

static struct needed needed_for(const struct ask *ask)
{
    static const struct needed by_kind[ASK_KINDS] = {
        [ASK_ELICIT_FORM] = { "elicitation", "form", "2025-06-18" },
        [ASK_ELICIT_URL] = { "elicitation", "url", "2025-11-25" },
        [ASK_SAMPLE] = { "sampling", NULL, "2024-11-05" },
        [ASK_ROOTS] = { "roots", NULL, "2024-11-05" },
    };
    struct needed needed = by_kind[ask_kind(ask)];
    struct span value;

    if (ask_kind(ask) == ASK_SAMPLE && (json_get(ask_params(ask), "tools", &value) ||
                                        json_get(ask_params(ask), "toolChoice", &value)))
        needed = (struct needed){ "sampling", "tools", "2025-11-25" };
    return needed;
}

/* An elicitation capability without parts means forms (2025-11-25, client/elicitation). */
static bool has_part(struct span capability, const char *part)
{
    struct span value;

    if (!part || json_get(capability, part, &value))
        return true;
    return strcmp(part, "form") == 0 && !json_get(capability, "url", &value);
}

static bool declares(struct span capabilities, const struct needed *needed)
{
    struct span capability;

    return json_get(capabilities, needed->capability, &capability) &&
           json_kind(capability) == JSON_KIND_OBJECT && has_part(capability, needed->part);
}

int question_check_client(const struct mcp_call *call, const struct ask *ask, struct err *err)
{
    struct needed needed = needed_for(ask);

    if (declares(call_capabilities(call), &needed) && call_version_at_least(call, needed.version))
        return 0;
    return err_set(err, ERR_UNAVAILABLE,
                   "the client does not declare the capability %s%s%s. Use a client that does, or "
                   "give the tool what it needs in its arguments",
                   needed.capability, needed.part ? "." : "", needed.part ? needed.part : "");
}

/* ---- what it is shown ---- */

static void write_message(struct buf *out, const struct ask *ask, struct span raw)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(str) char *prefix = xasprintf("[%s] ", ask_server(ask));
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    json_decode_string(raw, &text);
    if (!span_starts_with(buf_span(&text), span_of(prefix)))
        buf_add_str(&message, prefix);
    buf_add_span(&message, buf_span(&text));
    json_write_member_string(out, "message", buf_span(&message));
    if (buf_failed(&message))
        out->failed = true;
}

/* Clients before 2025-11-25 have but one mode and don't know the word. */
static bool is_for_client(const struct mcp_call *call, const struct json_iter *member)
{
    return !json_key_is(member->key, "mode") || call_version_at_least(call, "2025-11-25");
}

static void write_members(const struct mcp_call *call, const struct ask *ask, struct buf *out)
{
    bool elicits = ask_kind(ask) == ASK_ELICIT_FORM || ask_kind(ask) == ASK_ELICIT_URL;
    struct json_iter it = json_iter(ask_params(ask));

    while (json_next(&it)) {
        if (elicits && json_key_is(it.key, "message")) {
            write_message(out, ask, it.value);
        } else if (is_for_client(call, &it)) {
            json_write_member_at(out, &it);
        }
    }
}

int question_write_params(const struct mcp_call *call,
                          const struct ask *ask,
                          const char *elicitation_id,
                          struct buf *out)
{
    buf_add_char(out, '{');
    write_members(call, ask, out);
    if (ask_kind(ask) == ASK_ELICIT_URL && call->era == ERA_LEGACY)
        json_write_member_string(out, "elicitationId", span_of(elicitation_id));
    json_write_key(out, "_meta");
    buf_add_char(out, '{');
    json_write_member_string(out, META_ASKING_SERVER, span_of(ask_server(ask)));
    buf_add_str(out, "}}");
    return buf_failed(out) ? -1 : 0;
}

/* ---- what it answers ---- */

static bool has_kind(struct span object, const char *name, enum json_kind kind)
{
    struct span value;

    return json_get(object, name, &value) && json_kind(value) == kind;
}

static int check_elicited(struct span result, struct err *err)
{
    struct span action, content;

    if (!json_get(result, "action", &action) ||
        !(json_string_is(action, "accept") || json_string_is(action, "decline") ||
          json_string_is(action, "cancel")))
        return err_set(err, ERR_INVALID, "action must be accept, decline or cancel");
    if (json_get(result, "content", &content) && json_kind(content) != JSON_KIND_OBJECT)
        return err_set(err, ERR_INVALID, "content must be an object");
    return 0;
}

static int check_sampled(struct span result, struct err *err)
{
    if (!has_kind(result, "role", JSON_KIND_STRING) || !has_kind(result, "model", JSON_KIND_STRING))
        return err_set(err, ERR_INVALID, "role and model must be strings");
    if (!has_kind(result, "content", JSON_KIND_OBJECT) &&
        !has_kind(result, "content", JSON_KIND_ARRAY))
        return err_set(err, ERR_INVALID, "content must be a content block, or an array of them");
    return 0;
}

static int check_roots(struct span result, struct err *err)
{
    struct span roots;
    struct json_iter it;

    if (!json_get(result, "roots", &roots) || json_kind(roots) != JSON_KIND_ARRAY)
        return err_set(err, ERR_INVALID, "roots must be an array");
    it = json_iter(roots);
    while (json_next(&it)) {
        if (!has_kind(it.value, "uri", JSON_KIND_STRING))
            return err_set(err, ERR_INVALID, "each root needs a uri, a string");
    }
    return 0;
}

int question_check_answer(enum ask_kind kind, struct span result, struct err *err)
{
    if (json_kind(result) != JSON_KIND_OBJECT)
        return err_set(err, ERR_INVALID, "it must be an object");
    switch (kind) {
    case ASK_SAMPLE:
        return check_sampled(result, err);
    case ASK_ROOTS:
        return check_roots(result, err);
    case ASK_ELICIT_FORM:
    case ASK_ELICIT_URL:
    case ASK_KINDS:
        break;
    }
    return check_elicited(result, err);
}
