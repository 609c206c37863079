#include "options.h"

#include "error.h"
#include "suggest.h"

#include <string.h>

static _Noreturn void raise_unknown(lua_State *L, const struct option *rows, size_t count,
                                    const char *prefix, const char *name)
{
    struct suggestion suggestion = {.given = name};
    for (size_t i = 0; i < count; i++)
        suggest_consider(&suggestion, rows[i].name);
    if (suggest_is_near(&suggestion))
        error_invalid(L, "unknown field '%s%s'; did you mean '%s%s'?", prefix, name, prefix,
                      suggestion.best);
    luaL_Buffer known;
    luaL_buffinit(L, &known);
    for (size_t i = 0; i < count; i++) {
        luaL_addstring(&known, i == 0 ? "" : ", ");
        luaL_addstring(&known, rows[i].name);
    }
    luaL_pushresult(&known);
    error_invalid(L, "unknown field '%s%s'; known are %s", prefix, name, lua_tostring(L, -1));
}

static const struct option *find(lua_State *L, const struct option *rows, size_t count,
                                 const char *prefix, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    raise_unknown(L, rows, count, prefix, name);
}

void options_read(lua_State *L, int index, const struct option *rows, size_t count,
                  const char *prefix, const struct option_target *target)
{
    luaL_checkstack(L, 10, "options");
    index = lua_absindex(L, index);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "'%s' has %s as a key; its fields are named by strings",
                          prefix[0] != '\0' ? prefix : "options", error_type_name(L, -2));
        const char *name = lua_tostring(L, -2);
        const struct option *row = find(L, rows, count, prefix, name);
        lua_pushfstring(L, "%s%s", prefix, name);
        lua_insert(L, -2);
        row->read(L, target, lua_tostring(L, -2));
        lua_pop(L, 2);
    }
}

double option_number(lua_State *L, const char *path, double minimum, const char *unit)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        error_invalid(L, "%s: expected a number%s, got %s", path, unit, error_type_name(L, -1));
    double number = lua_tonumber(L, -1);
    if (!(number >= minimum)) /* also when it is NaN */
        error_invalid(L, "%s: expected a number%s, at least %d", path, unit, (int)minimum);
    return number;
}

bool option_boolean(lua_State *L, const char *path)
{
    if (!lua_isboolean(L, -1))
        error_invalid(L, "%s: expected a boolean, got %s", path, error_type_name(L, -1));
    return lua_toboolean(L, -1) != 0;
}

const char *option_string(lua_State *L, const char *path)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "%s: expected a string, got %s", path, error_type_name(L, -1));
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (strlen(text) != length)
        error_invalid(L, "%s: must not hold a NUL character", path);
    return text;
}

void option_table(lua_State *L, const char *path)
{
    if (!lua_istable(L, -1))
        error_invalid(L, "%s: expected a table, got %s", path, error_type_name(L, -1));
}

void option_push_header_value(lua_State *L, const char *path)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "%s: expected a string, got %s", path, error_type_name(L, -1));
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (!header_value_is_valid(text, length))
        error_invalid(L,
                      "%s: goes into a header, so it must be UTF-8 without control "
                      "characters",
                      path);
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length > 0)
        lua_pushlstring(L, text, length);
    else
        lua_pushnil(L);
}
