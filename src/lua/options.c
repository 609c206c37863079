#include "lua/options.h"

#include "base/did_you_mean.h"
#include "call/error.h"
#include "call/user_field.h"

#include <string.h>

static _Noreturn void raise_unknown(lua_State *L, const struct option *rows, size_t count,
                                    const char *prefix, const char *name)
{
    struct suggestion suggestion = {.given = name};
    for (size_t i = 0; i < count; i++)
        did_you_mean_consider(&suggestion, rows[i].name);
    if (did_you_mean_is_near(&suggestion))
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

static bool is_known(const struct option *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

/* Only of the table's own fields: a table that it inherits from may serve other purposes, too. */
static void check_names(lua_State *L, int index, const struct option *rows, size_t count,
                        const char *prefix)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "'%s' has %s as a key; its fields are named by strings",
                          prefix[0] != '\0' ? prefix : "options", error_type_name(L, -2));
        const char *name = lua_tostring(L, -2);
        if (!is_known(rows, count, name))
            raise_unknown(L, rows, count, prefix, name);
        lua_pop(L, 1);
    }
}

void options_read(lua_State *L, int index, const struct option *rows, size_t count,
                  const char *prefix, const struct option_target *target)
{
    luaL_checkstack(L, 10, "options");
    index = lua_absindex(L, index);
    check_names(L, index, rows, count, prefix);
    for (size_t i = 0; i < count; i++) {
        const char *path = lua_pushfstring(L, "%s%s", prefix, rows[i].name);
        user_field_push(L, NULL, index, rows[i].name,
                        target->client != NULL ? "reading the configuration"
                                               : "reading the options");
        if (!lua_isnil(L, -1))
            rows[i].read(L, target, path);
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
