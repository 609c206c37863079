/* cjson through the Lua API. */
#include "competitor.h"

#include <lauxlib.h>
#include <lualib.h>

static void call(lua_State *L, int results)
{
    if (lua_pcall(L, 1, results, 0) != 0)
        fail("cjson", lua_tostring(L, -1));
}

void json_open(struct json *json)
{
    lua_State *L = json->L = luaL_newstate();
    if (L == NULL)
        fail("Lua", "no memory");
    luaL_openlibs(L);
    if (luaL_dostring(L, "local cjson = require 'cjson'; return cjson.decode, cjson.encode"))
        fail("cjson", lua_tostring(L, -1));
    json->encode = luaL_ref(L, LUA_REGISTRYINDEX);
    json->decode = luaL_ref(L, LUA_REGISTRYINDEX);
    json->request = LUA_NOREF;
}

void json_load_request(struct json *json, const char *text, size_t length)
{
    lua_State *L = json->L;
    luaL_unref(L, LUA_REGISTRYINDEX, json->request);
    lua_rawgeti(L, LUA_REGISTRYINDEX, json->decode);
    lua_pushlstring(L, text, length);
    call(L, 1);
    json->request = luaL_ref(L, LUA_REGISTRYINDEX);
}

void json_encode_request(struct json *json, struct bytes *into)
{
    lua_State *L = json->L;
    size_t length;
    lua_rawgeti(L, LUA_REGISTRYINDEX, json->encode);
    lua_rawgeti(L, LUA_REGISTRYINDEX, json->request);
    call(L, 1);
    const char *text = lua_tolstring(L, -1, &length);
    into->length = 0;
    bytes_append(into, text, length);
    lua_pop(L, 1);
}

void json_decode(struct json *json, const struct bytes *response)
{
    lua_State *L = json->L;
    lua_rawgeti(L, LUA_REGISTRYINDEX, json->decode);
    lua_pushlstring(L, response->data, response->length);
    call(L, 1);
    lua_pop(L, 1);
}
