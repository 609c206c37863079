#include "lua/option_reader.h"

#include "call/error.h"
#include "call/field_names.h"
#include "call/user_field.h"

#include <string.h>

struct option_rows {
    const struct option *rows;
    size_t count;
};

static const char *option_name_at(const void *set, size_t index)
{
    const struct option_rows *options = set;
    return index < options->count ? options->rows[index].name : NULL;
}

/* Only of the table's own fields: a table that it inherits from may serve other purposes, too. */
static void check_names(lua_State *L, int index, const struct option *rows, size_t count,
                        const char *prefix)
{
    const struct option_rows options = {rows, count};
    const struct field_names names = {option_name_at, &options};
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "'%s' has %s as a key; names of fields must be strings",
                          prefix[0] != '\0' ? prefix : "options", error_type_name(L, -2));
        const char *name = lua_tostring(L, -2);
        if (!field_names_have(&names, name))
            field_names_raise_unknown(L, &names, prefix, name, "known are");
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
        error_invalid(L, "%s: must not contain a NUL character", path);
    return text;
}

void option_table(lua_State *L, const char *path)
{
    if (!lua_istable(L, -1))
        error_invalid(L, "%s: expected a table, got %s", path, error_type_name(L, -1));
}

void options_read_nested(lua_State *L, const struct option *rows, size_t count, const char *path,
                         const struct option_target *target)
{
    option_table(L, path);
    const char *prefix = lua_pushfstring(L, "%s.", path);
    options_read(L, -2, rows, count, prefix, target);
    lua_pop(L, 1);
}
