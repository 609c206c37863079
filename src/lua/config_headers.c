#include "lua/config_headers.h"

#include "call/error.h"

#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* libcurl frames the message; two opinions on its length would be request
 * smuggling (RFC 9112 11.2). */
static bool is_framing(const char *name)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "connection", "te",
                                        "trailer",        "upgrade",           "expect"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Pushes the name in lower case. */
static const char *push_lower(lua_State *L, const char *name)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (; *name != '\0'; name++)
        luaL_addchar(&buffer, *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name);
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

/* Whom the request acts for: an empty value of these is a mistake. */
static bool is_identity(const char *name)
{
    return strcmp(name, "authorization") == 0 || strcmp(name, "x-apideck-consumer-id") == 0 ||
           strcmp(name, "x-apideck-app-id") == 0;
}

/* Pushes the value of a header, "" where it is to be left out: false says so, and
 * so does an empty text. */
static void push_header_value(lua_State *L, const char *path, const char *name, bool strict)
{
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        lua_pushliteral(L, "");
        return;
    }
    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
        error_invalid(L, "%s: expected a string, or false for no such header, got %s", path,
                      error_type_name(L, -1));
    lua_pushvalue(L, -1);
    lua_tostring(L, -1); /* a number in its place */
    if (strict && is_identity(name))
        option_push_identity(L, path, "; false leaves the header out");
    else
        option_push_header_value(L, path);
    lua_remove(L, -2);
}

void config_add_header(lua_State *L, struct header_list *headers, const char *path, bool overriding)
{
    if (lua_type(L, -2) != LUA_TSTRING)
        error_invalid(L, "%s: expected header names as keys, such as [\"x-trace-id\"] = \"...\"",
                      path);
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    if (!header_name_is_valid(name, length))
        error_invalid(L, "%s: a header name has only letters, digits and !#$%%&'*+-.^_`|~", path);
    const char *lower = push_lower(L, name);
    if (is_framing(lower))
        error_invalid(L, "%s.%s: is set by the transfer itself; leave it out", path, lower);
    const char *value_path = lua_pushfstring(L, "%s.%s", path, lower);
    lua_pushvalue(L, -3);
    push_header_value(L, value_path, lower, overriding);
    const char *value = lua_tolstring(L, -1, &length);
    bool kept = header_list_set(headers, lower, value, length);
    if (kept && overriding && length == 0)
        kept = header_list_add(headers, lower, strlen(lower), "", 0);
    if (!kept)
        error_no_memory(L);
    lua_pop(L, 4);
}

void config_read_headers(lua_State *L, const struct option_target *target, const char *path)
{
    option_table(L, path);
    int index = lua_gettop(L);
    luaL_checkstack(L, 10, path);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        config_add_header(L, &target->settings->headers, path, true);
        lua_pop(L, 1);
    }
}
