#include "call/any_request.h"

#include "base/ascii.h"
#include "base/count.h"
#include "base/hex.h"
#include "call/error.h"
#include "call/field_names.h"
#include "call/query.h"
#include "call/request.h"
#include "call/user_field.h"
#include "json/json_write.h"

#include <string.h>

#define ROW(verb, repeatable)                                                                \
    {                                                                                        \
        .id = "request", .group = "client", .name = "request", .method = (verb), .path = "", \
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION, .idempotent = (repeatable),       \
        .no_content_ok = true                                                                \
    }

const struct operation any_request = ROW(NULL, false);

/* The two rows of a method: not idempotent and idempotent. */
static const struct method {
    const char *name;
    bool idempotent; /* RFC 9110 9.2.2 */
    bool has_body;
    struct operation rows[2];
} methods[] = {
    {"GET", true, false, {ROW("GET", false), ROW("GET", true)}},
    {"POST", false, true, {ROW("POST", false), ROW("POST", true)}},
    {"PUT", true, true, {ROW("PUT", false), ROW("PUT", true)}},
    {"PATCH", false, true, {ROW("PATCH", false), ROW("PATCH", true)}},
    {"DELETE", true, true, {ROW("DELETE", false), ROW("DELETE", true)}},
};
enum { METHOD_COUNT = COUNT(methods) };

static const char *const fields[] = {
    "method", "path", "query", "body", "idempotent", "consumer_id", "app_id", NULL,
};
enum { FIELD_COUNT = COUNT(fields) - 1 };

/* --- the table --- */

static void check_name(lua_State *L)
{
    const struct field_names names = {field_names_of_list, fields};
    if (lua_type(L, -2) != LUA_TSTRING)
        error_invalid(L, "the request has %s as a key; names of fields must be strings",
                      error_type_name(L, -2));
    const char *name = lua_tostring(L, -2);
    if (!field_names_have(&names, name))
        field_names_raise_unknown(L, &names, "", name, "request takes");
}

/* Replaces the request by a table of its fields, without a metatable. */
static void read_fields(lua_State *L, const struct call_context *context, int request)
{
    if (lua_isuserdata(L, request))
        error_invalid(L,
                      "request: expected a table, got %s; it is called with a dot: "
                      "client.request { ... }",
                      error_type_name(L, request));
    if (!lua_istable(L, request))
        error_invalid(L, "request: expected a table, got %s", error_type_name(L, request));
    for (lua_pushnil(L); lua_next(L, request) != 0; lua_pop(L, 1))
        check_name(L);
    lua_createtable(L, 0, FIELD_COUNT);
    for (int i = 0; i < FIELD_COUNT; i++) {
        user_field_push(L, context, request, fields[i], "reading the request");
        lua_setfield(L, -2, fields[i]);
    }
    lua_replace(L, request);
}

/* Pushes a field; checks that it has this type, or is nil if it is not required. */
static void push_typed_field(lua_State *L, int request, const char *name, int type, bool required)
{
    lua_getfield(L, request, name);
    if (lua_isnil(L, -1) && required)
        error_invalid(L, "%s: required field is missing", name);
    if (!lua_isnil(L, -1) && lua_type(L, -1) != type)
        error_invalid(L, "%s: expected a %s, got %s", name, lua_typename(L, type),
                      error_type_name(L, -1));
}

/* --- method --- */

static const struct method *read_method(lua_State *L, int request)
{
    push_typed_field(L, request, "method", LUA_TSTRING, true);
    const char *name = lua_tostring(L, -1);
    for (int i = 0; i < METHOD_COUNT; i++)
        if (strcmp(methods[i].name, name) == 0) {
            lua_pop(L, 1);
            return &methods[i];
        }
    error_invalid(L, "method: expected GET, POST, PUT, PATCH or DELETE");
}

static const struct operation *read_row(lua_State *L, int request, const struct method *method)
{
    push_typed_field(L, request, "idempotent", LUA_TBOOLEAN, false);
    bool idempotent = lua_isnil(L, -1) ? method->idempotent : lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return &method->rows[idempotent];
}

/* --- path --- */

/* Whether the character may be in a path (RFC 3986 section 3.3) or starts an escape. */
static bool is_allowed(const char *at)
{
    char c = *at;
    if (c == '%')
        return hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0;
    return ascii_is_alphanumeric(c) || strchr("-._~!$&'()*+,;=:@/", c) != NULL;
}

/* The length of a dot at `at`, "." or "%2e"; 0: there is none. */
static size_t dot_length(const char *at)
{
    if (*at == '.')
        return 1;
    return at[0] == '%' && at[1] == '2' && (at[2] == 'e' || at[2] == 'E') ? 3 : 0;
}

/* Whether the segment at `at` is "." or "..": with these the path names another resource (RFC 3986
 * section 5.2.4). */
static bool is_dot_segment(const char *at)
{
    int dots = 0;
    for (size_t length; (length = dot_length(at)) > 0; at += length)
        dots++;
    return (*at == '/' || *at == '\0') && (dots == 1 || dots == 2);
}

static void read_path(lua_State *L, int request, struct buffer *target)
{
    size_t length;
    push_typed_field(L, request, "path", LUA_TSTRING, true);
    const char *path = lua_tolstring(L, -1, &length);
    if (path[0] != '/')
        error_invalid(L, "path: must begin with '/'");
    if (memchr(path, '?', length) != NULL || memchr(path, '#', length) != NULL)
        error_invalid(L, "path: must have no query or fragment; the query is a field of its own");
    for (const char *at = path; at < path + length; at++) {
        if (!is_allowed(at) || *at == '\0')
            error_invalid(L, "path: has a character that must be percent-encoded, at byte %d",
                          (int)(at - path) + 1);
        if (*at == '/' && is_dot_segment(at + 1))
            error_invalid(L, "path: must have no segment '.' or '..'");
    }
    error_require_memory(L, buffer_append(target, path, length));
    lua_pop(L, 1);
}

/* --- body --- */

static void read_body(lua_State *L, const struct call *call, int request,
                      const struct method *method)
{
    push_typed_field(L, request, "body", LUA_TTABLE, false);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!method->has_body)
        error_invalid(L, "body: a %s has none", method->name);
    request_write_body(L, call, NULL, "body", JSON_WRITE_EXACT);
    lua_pop(L, 1);
}

void any_request_read(lua_State *L, const struct call_context *context, int request)
{
    struct call *call = context->call;
    struct call_buffers *buffers = call->buffers;
    luaL_checkstack(L, 20, "request");
    read_fields(L, context, request);
    const struct method *method = read_method(L, request);
    call->operation = read_row(L, request, method);
    read_path(L, request, &buffers->target);
    buffers->query_offset = buffers->target.length;
    push_typed_field(L, request, "query", LUA_TTABLE, false);
    if (!lua_isnil(L, -1))
        query_append_table(L, lua_gettop(L), &buffers->target);
    lua_pop(L, 1);
    read_body(L, call, request, method);
    request_build_headers(L, context, request);
}
