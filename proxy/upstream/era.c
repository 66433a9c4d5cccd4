#include "proxy/upstream/era.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"

#define NAME_MAX_BYTES         1024
#define INSTRUCTIONS_MAX_BYTES 1048576

void server_info_done(struct server_info *info)
{
    free(info->protocol);
    free(info->title);
    free(info->version);
    free(info->instructions);
    free(info->capabilities);
    *info = (struct server_info){ 0 };
}

static char *text_member(struct span object, const char *name, size_t max_bytes)
{
    struct span value;

    return json_get(object, name, &value) ? json_dup_string(value, max_bytes) : NULL;
}

static struct server_list read_list(struct span capabilities, const char *name)
{
    struct server_list list = { 0 };
    struct span value, change;

    if (!json_get(capabilities, name, &value) || json_kind(value) == JSON_KIND_NULL)
        return list;
    list.offered = true;
    if (json_get(value, "listChanged", &change))
        json_bool(change, &list.tells_changes);
    return list;
}

static void read_flags(struct server_info *info, struct span capabilities)
{
    struct span value;

    if (json_get_path(capabilities, (const char *[]){ "resources", "subscribe", NULL }, &value))
        json_bool(value, &info->tells_resource_changes);
    info->logs = json_get(capabilities, "logging", &value) && json_kind(value) == JSON_KIND_OBJECT;
}

void server_info_read(struct server_info *info, struct span result, struct span implementation)
{
    struct span capabilities = SPAN_NONE, call;

    info->title = text_member(implementation, "title", NAME_MAX_BYTES);
    if (!info->title)
        info->title = text_member(implementation, "name", NAME_MAX_BYTES);
    info->version = text_member(implementation, "version", NAME_MAX_BYTES);
    info->instructions = text_member(result, "instructions", INSTRUCTIONS_MAX_BYTES);
    if (json_get(result, "capabilities", &capabilities) &&
        capabilities.len <= LIMIT_CAPABILITIES_BYTES)
        info->capabilities = span_dup(capabilities);
    read_flags(info, capabilities);
    info->tools = read_list(capabilities, "tools");
    info->resources = read_list(capabilities, "resources");
    info->prompts = read_list(capabilities, "prompts");
    info->runs_tasks = json_get_path(
        capabilities, (const char *[]){ "tasks", "requests", "tools", "call", NULL }, &call);
    /* A server that declares nothing may have tools all the same: asking costs one request. */
    if (!info->tools.offered && !info->resources.offered && !info->prompts.offered)
        info->tools.offered = true;
}

void era_write_members(struct buf *out, struct span object)
{
    struct json_iter it = json_iter(object);

    while (json_next(&it))
        json_write_member_at(out, &it);
}

int era_write_params(struct buf *out, struct span params, struct span meta)
{
    struct json_iter it = json_iter(params);

    buf_add_char(out, '{');
    while (json_next(&it)) {
        if (!json_key_is(it.key, "_meta"))
            json_write_member_at(out, &it);
    }
    if (meta.len)
        json_write_member_raw(out, "_meta", meta);
    return buf_add_char(out, '}') < 0 || buf_failed(out) ? -1 : 0;
}
