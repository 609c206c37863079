#include "call/header_table.h"

#include "base/ascii.h"
#include "base/count.h"
#include "call/error.h"
#include "call/header_value.h"

#include <string.h>

static void push_joined(lua_State *L, const struct header *header)
{
    lua_pushlstring(L, header->line, header->name_length);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, header->value, header->value_length);
        return;
    }
    lua_pushliteral(L, ", ");
    lua_pushlstring(L, header->value, header->value_length);
    lua_concat(L, 3);
}

void header_table_push(lua_State *L, const struct header_list *headers)
{
    luaL_checkstack(L, 6, "headers");
    lua_createtable(L, 0, (int)headers->count);
    struct header header;
    for (size_t position = 0; header_list_next(headers, &position, &header);) {
        push_joined(L, &header);
        lua_rawset(L, -3);
    }
}

/* --- from Lua --- */

/* libcurl sets these. A second, different length of the body would allow request smuggling (RFC
 * 9112 11.2). */
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
        luaL_addchar(&buffer, ascii_lower(*name));
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

/* Headers that say who calls: a blank value is a mistake. */
static bool must_not_be_blank(const char *name)
{
    return strcmp(name, "authorization") == 0 || strcmp(name, "x-apideck-consumer-id") == 0 ||
           strcmp(name, "x-apideck-app-id") == 0;
}

/* Pushes the value of a header; "" for false, which leaves the header out. */
static void push_field_value(lua_State *L, const char *path, const char *name, bool strict)
{
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        lua_pushliteral(L, "");
        return;
    }
    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
        error_invalid(L, "%s: expected a string, or false to leave the header out, got %s", path,
                      error_type_name(L, -1));
    lua_pushvalue(L, -1);
    lua_tostring(L, -1); /* converts a number in place */
    if (strict && must_not_be_blank(name))
        header_value_push_nonblank(L, path, "; false leaves the header out");
    else
        header_value_push(L, path);
    lua_remove(L, -2);
}

void header_table_set_field(lua_State *L, struct header_list *headers, const char *path,
                            bool overriding)
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
        error_invalid(L, "%s.%s: is set by libcurl; leave it out", path, lower);
    const char *value_path = lua_pushfstring(L, "%s.%s", path, lower);
    lua_pushvalue(L, -3);
    push_field_value(L, value_path, lower, overriding);
    const char *value = lua_tolstring(L, -1, &length);
    bool kept = header_list_set(headers, lower, value, length);
    if (kept && overriding && length == 0)
        kept = header_list_add(headers, lower, strlen(lower), "", 0);
    if (!kept)
        error_no_memory(L);
    lua_pop(L, 4);
}

static bool is_lower(lua_State *L, int index)
{
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    while (*name != '\0' && !ascii_is_upper(*name))
        name++;
    return *name == '\0';
}

static void set_fields_spelled(lua_State *L, int index, struct header_list *headers,
                               const char *path, bool lower)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (is_lower(L, -2) == lower)
            header_table_set_field(L, headers, path, false);
        lua_pop(L, 1);
    }
}

void header_table_read(lua_State *L, int index, struct header_list *headers, const char *path)
{
    luaL_checkstack(L, 10, path);
    header_list_clear(headers);
    /* The table that hooks get has lower-case names. If a program adds the same name with capitals,
     * that is the new value, so set it last. */
    set_fields_spelled(L, index, headers, path, true);
    set_fields_spelled(L, index, headers, path, false);
}
