/* The group of vault_internal about secrets in texts, names, URLs and bodies. */
#include "internal_redaction.h"

#include "lua_api/compat.h"
#include "redact/secret_body.h"
#include "redact/secret_collect.h"
#include "redact/secret_name.h"
#include "redact/secret_set.h"
#include "redact/secret_url.h"

#include <string.h>

#define METATABLE "vault_internal.redaction"

struct parts {
    struct secret_set set;
    struct buffer out, scratch;
};

static int parts_gc(lua_State *L)
{
    struct parts *parts = luaL_checkudata(L, 1, METATABLE);
    secret_set_free(&parts->set);
    buffer_free(&parts->out);
    buffer_free(&parts->scratch);
    return 0;
}

/* Pushes the parts, with the set of the strings in the array at `secrets`. */
static struct parts *push_parts(lua_State *L, int secrets)
{
    struct parts *parts = lua_newuserdata(L, sizeof *parts);
    memset(parts, 0, sizeof *parts);
    if (luaL_newmetatable(L, METATABLE)) {
        lua_pushcfunction(L, parts_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    bool added = true;
    for (int i = 1; secrets > 0 && i <= (int)lua_rawlen(L, secrets); i++) {
        size_t length;
        lua_rawgeti(L, secrets, i);
        const char *text = luaL_checklstring(L, -1, &length);
        added = added && secret_set_add_spellings(&parts->set, text, length, &parts->scratch);
        lua_pop(L, 1);
    }
    if (!added || !secret_set_prepare(&parts->set))
        luaL_error(L, "not enough memory");
    return parts;
}

static int push_out(lua_State *L, struct parts *parts)
{
    lua_pushlstring(L, buffer_string(&parts->out), parts->out.length);
    lua_pushnumber(L, (lua_Number)parts->set.steps);
    return 2;
}

/* replace(text, secrets [, host]) -> text, steps */
static int replace(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct secret_exemption exemption = {NULL, 0};
    exemption.host = luaL_optlstring(L, 3, NULL, &exemption.host_length);
    struct parts *parts = push_parts(L, 2);
    if (!secret_set_replace(&parts->set, text, length, &exemption, &parts->out))
        return luaL_error(L, "not enough memory");
    return push_out(L, parts);
}

/* url(url, secrets [, link]) -> url, steps */
static int url(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct parts *parts = push_parts(L, 2);
    if (!secret_url_append(&parts->out, text, length,
                           lua_toboolean(L, 3) ? SECRET_URL_LINK : SECRET_URL_REQUEST, &parts->set,
                           &parts->scratch))
        return luaL_error(L, "not enough memory");
    return push_out(L, parts);
}

/* body(text, secrets [, limit]) -> text, steps; or nil if it is not JSON */
static int body(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t limit = (size_t)luaL_optnumber(L, 3, 4096);
    struct secret_exemption exemption = {NULL, 0};
    struct parts *parts = push_parts(L, 2);
    struct status status =
        secret_body_append(&parts->out, text, length, limit, &parts->set, &exemption);
    if (status.code == STATUS_CODE_OK)
        return push_out(L, parts);
    if (status.code == STATUS_CODE_NO_MEMORY)
        return luaL_error(L, "not enough memory");
    lua_pushnil(L);
    return 1;
}

static bool no_numbers(struct secret_set *set, const char *text, size_t length)
{
    (void)set, (void)text, (void)length;
    return true;
}

/* collect(text) -> { secret, ... }, sorted */
static int collect(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct parts *parts = push_parts(L, 0);
    if (!secret_collect_json(&parts->set, text, length, no_numbers, &parts->scratch) ||
        !secret_set_prepare(&parts->set))
        return luaL_error(L, "not enough memory");
    lua_createtable(L, (int)parts->set.count, 0);
    for (size_t i = 0; i < parts->set.count; i++) {
        lua_pushlstring(L, parts->set.secrets[i].text, parts->set.secrets[i].length);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int is_secret_name(lua_State *L)
{
    size_t length;
    const char *name = luaL_checklstring(L, 1, &length);
    lua_pushboolean(L, secret_name_is_secret(name, length));
    return 1;
}

void internal_redaction_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"replace", replace},
        {"url", url},
        {"body", body},
        {"collect", collect},
        {"is_secret_name", is_secret_name},
        {NULL, NULL},
    };
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_setfield(L, -2, "redaction");
}
