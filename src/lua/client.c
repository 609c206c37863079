#include "lua/client.h"

#include "base/clock.h"
#include "base/did_you_mean.h"
#include "call/call_buffers.h"
#include "call/error.h"
#include "call/request.h"
#include "lua/config.h"
#include "lua/each.h"
#include "lua/job_collect.h"
#include "lua/job_start.h"
#include "lua/object.h"
#include "lua/operations.h"
#include "lua/plain_call.h"
#include "lua_api/global.h"
#include "lua_api/metatable.h"

#include <string.h>

#define METATABLE "vault.client"

struct client *client_check(lua_State *L, int index)
{
    return object_check(L, index, METATABLE, "client");
}

/* --- creation --- */

static void set_user_agent(lua_State *L, int values)
{
    lua_rawgeti(L, values, CLIENT_USER_AGENT);
    if (lua_isnil(L, -1)) {
        global_push(L, "jit");
        if (lua_istable(L, -1))
            lua_getfield(L, -1, "version");
        const char *lua = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : LUA_VERSION;
        lua_pushfstring(L, "apideck-vault-lua/" VAULT_VERSION " (%s; libcurl/%s)", lua,
                        transfer_libcurl_version());
        lua_rawseti(L, values, CLIENT_USER_AGENT);
    }
}

/* Whether this is nginx's Lua, where no call may block. */
static bool is_in_nginx(lua_State *L)
{
    global_push(L, "ngx");
    bool in_nginx = lua_istable(L, -1);
    if (in_nginx) {
        lua_getfield(L, -1, "get_phase");
        in_nginx = lua_isfunction(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return in_nginx;
}

/* As lua_call, but an error, such as a missing module, is raised as one of the option `loop`. */
static void call_loop(lua_State *L, int arguments, int results)
{
    if (lua_pcall(L, arguments, results, 0) == 0)
        return;
    if (lua_type(L, -1) != LUA_TSTRING)
        error_raise(L);
    const char *reason = lua_tostring(L, -1);
    lua_pushlstring(L, reason, strcspn(reason, "\n"));
    error_invalid(L, "loop: cannot load its adapter; is the loop's library installed? %s",
                  lua_tostring(L, -1));
}

/* Pushes the function `name` of vault.loop. */
static void push_loop_function(lua_State *L, const char *name)
{
    global_push(L, "require");
    lua_pushliteral(L, "vault.loop");
    call_loop(L, 1, 1);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

void client_bind_module(lua_State *L, int module)
{
    if (!is_in_nginx(L))
        return;
    push_loop_function(L, "bind_module");
    lua_pushvalue(L, module);
    lua_newtable(L); /* the names of the groups: the module has other tables, too */
    for (size_t i = 0; i < operation_count; i++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, operations[i].group);
    }
    lua_call(L, 2, 0);
}

/* Makes the plain operations suspend the running coroutine. They are Lua functions, since C
 * functions cannot yield on Lua 5.1 and LuaJIT. */
static void bind_loop(lua_State *L, int userdata, int values)
{
    lua_rawgeti(L, values, CLIENT_LOOP);
    if (lua_isnil(L, -1))
        lua_pushstring(L, is_in_nginx(L) ? "nginx" : "none");
    const char *name = lua_tostring(L, -1);
    if (strcmp(name, "none") == 0)
        return;
    push_loop_function(L, "bind");
    lua_pushvalue(L, userdata);
    lua_pushstring(L, name);
    call_loop(L, 2, 3); /* wait, suspend, plain_group */
    lua_rawseti(L, values, CLIENT_LOOP_GROUP);
    lua_rawseti(L, values, CLIENT_LOOP_SUSPEND);
    lua_rawseti(L, values, CLIENT_LOOP_WAIT);
}

/* each's function that returns the client; upvalue 1. */
static int get_client(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

/* Adds each to the group's table at `table`. */
static void add_each(lua_State *L, int userdata, int table, const char *group)
{
    lua_pushvalue(L, userdata);
    lua_pushcclosure(L, get_client, 1);
    each_register(L, table, group);
}

/* --- groups of operations: created at the first access, since a program uses few of them --- */

/* client.async.request, for index_async: stores it there and, with a loop, client.request in the
 * client. Both are members of a group without a name meanwhile. */
static int push_async_request(lua_State *L, int client, bool safe)
{
    lua_createtable(L, 0, 1);
    operations_push_any(L, client, safe, job_start);
    lua_setfield(L, 3, "request");
    lua_getuservalue(L, client);
    lua_rawgeti(L, 4, CLIENT_LOOP_GROUP);
    if (lua_isfunction(L, -1)) {
        lua_pushnil(L);
        lua_pushvalue(L, 3);
        lua_call(L, 2, 1);
        lua_getfield(L, -1, "request");
        lua_setfield(L, 4, "request");
    }
    lua_getfield(L, 3, "request");
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

/* __index of client.async; upvalue 1: the client. Stores the group in client.async and, with a
 * loop, the plain group in the client. */
static int index_async(lua_State *L)
{
    int client = lua_upvalueindex(1);
    lua_settop(L, 2);
    const struct client *owner = lua_touserdata(L, client);
    if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "request") == 0)
        return push_async_request(L, client, owner->safe);
    if (lua_type(L, 2) != LUA_TSTRING || !operations_has_group(lua_tostring(L, 2)))
        return 0;
    operations_push_group(L, lua_tostring(L, 2), client, owner->safe, job_start);
    lua_getuservalue(L, client);
    lua_pushvalue(L, 2);
    lua_rawgeti(L, -2, CLIENT_LOOP_GROUP);
    if (lua_isfunction(L, -1)) {
        lua_pushvalue(L, 2);
        lua_pushvalue(L, 3);
        lua_call(L, 2, 1);
        add_each(L, client, lua_gettop(L), lua_tostring(L, 2));
        lua_rawset(L, 4);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    lua_settop(L, 3);
    return 1;
}

/* Pushes client.<group> and stores it in the uservalue table at `values`. */
static void push_group(lua_State *L, int userdata, int values, const char *group)
{
    const struct client *client = lua_touserdata(L, userdata);
    lua_rawgeti(L, values, CLIENT_LOOP_GROUP);
    if (lua_isnil(L, -1)) {
        operations_push_group(L, group, userdata, client->safe, plain_call);
        add_each(L, userdata, lua_gettop(L), group);
        lua_pushvalue(L, -1);
        lua_setfield(L, values, group);
        return;
    }
    lua_getfield(L, values, "async");
    lua_getfield(L, -1, group); /* index_async creates both */
    lua_getfield(L, values, group);
}

/* Pushes client.request, and keeps it. */
static void push_request_function(lua_State *L, int userdata, int values)
{
    const struct client *client = lua_touserdata(L, userdata);
    lua_rawgeti(L, values, CLIENT_LOOP_GROUP);
    if (lua_isnil(L, -1)) {
        operations_push_any(L, userdata, client->safe, plain_call);
        lua_pushvalue(L, -1);
        lua_setfield(L, values, "request");
        return;
    }
    lua_getfield(L, values, "async");
    lua_getfield(L, -1, "request"); /* push_async_request makes both */
    lua_getfield(L, values, "request");
}

static void push_async(lua_State *L, int userdata)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, userdata);
    lua_pushcclosure(L, index_async, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

static void prepare_operations(lua_State *L, int userdata, int values)
{
    lua_newtable(L);
    lua_rawseti(L, values, CLIENT_JOBS);
    push_async(L, userdata);
    lua_setfield(L, values, "async");
    bind_loop(L, userdata, values);
}

void client_new(lua_State *L, int index, bool safe)
{
    luaL_checkstack(L, 20, "client");
    /* The userdata with its finalizer first, then what it owns: nothing leaks if one of these
     * raises. */
    struct client *client = vault_newuserdata(L, sizeof *client);
    memset(client, 0, sizeof *client);
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    int userdata = lua_gettop(L);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setuservalue(L, userdata);
    int values = lua_gettop(L);
    client->safe = safe;
    client_seed_random(client);
    config_read_client(L, index, client, values);
    set_user_agent(L, values);
    request_prepare_client(L, userdata);
    prepare_operations(L, userdata, values);
    /* Takes most of a millisecond, so do it now, when a program loads, and not at the first call.
     * If memory is short, that call tries again. */
    lua_rawgeti(L, values, CLIENT_TRANSPORT);
    if (lua_isnil(L, -1) && transfer_global_init()) {
        struct status status = transfer_check_options(&client->transfer_options);
        if (status.code == STATUS_CODE_UNAVAILABLE)
            error_invalid(L, "%s", status.message);
    }
    lua_settop(L, userdata);
}

/* --- methods --- */

static void close_client(struct client *client)
{
    client->closed = true;
    transfer_queue_close(client->transfers);
    client->transfers = NULL;
    transfer_free(client->transfer);
    client->transfer = NULL;
    call_buffers_free_spares(client);
}

static int m_close(lua_State *L)
{
    close_client(client_check(L, 1));
    job_collect_aborted(L, 1); /* also if it was closed before: close may have run out of memory */
    return 0;
}

static int m__gc(lua_State *L)
{
    struct client *client = client_check(L, 1);
    close_client(client);
    base_url_free(&client->settings.base);
    header_list_free(&client->settings.headers);
    header_list_free(&client->request_headers[0]);
    header_list_free(&client->request_headers[1]);
    return 0;
}

static int m__tostring(lua_State *L)
{
    const struct client *client = client_check(L, 1);
    lua_pushfstring(L, "vault.client (%s%s)", buffer_string(&client->settings.base.prefix),
                    client->closed ? ", closed" : "");
    return 1;
}

/* Groups such as client.connections are in the uservalue table, methods in upvalue 1. Integer keys
 * of the uservalue table are internal: the API key is one. */
static int m__index(lua_State *L)
{
    client_check(L, 1);
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_getuservalue(L, 1);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    if (!lua_isnil(L, -1))
        return 1;
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    if (!lua_isnil(L, -1))
        return 1;
    if (strcmp(lua_tostring(L, 2), "request") == 0)
        push_request_function(L, 1, 3);
    else if (operations_has_group(lua_tostring(L, 2)))
        push_group(L, 1, 3, lua_tostring(L, 2));
    return 1;
}

/* client:_identity(): the server_url that calls use, and the app_id or nil; for vault.guard, whose
 * keys contain both. */
static int m_identity(lua_State *L)
{
    const struct client *client = client_check(L, 1);
    lua_pushstring(L, buffer_string(&client->settings.base.prefix));
    lua_pushliteral(L, "?");
    lua_pushstring(L, buffer_string(&client->settings.base.query));
    lua_concat(L, 3);
    client_push_value(L, 1, CLIENT_APP_ID);
    return 2;
}

/* client._nearest(given, names): the name of the list that was probably meant, or nil. */
static int m_nearest(lua_State *L)
{
    struct suggestion suggestion = {.given = luaL_checkstring(L, 1)};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    int count = (int)lua_rawlen(L, 2);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        did_you_mean_consider(&suggestion, luaL_checkstring(L, -1)); /* the list keeps it alive */
        lua_pop(L, 1);
    }
    lua_pushstring(L, did_you_mean_is_near(&suggestion) ? suggestion.best : NULL);
    return 1;
}

static const luaL_Reg metamethods[] = {
    {"__gc", m__gc}, {"__close", m_close}, {"__tostring", m__tostring}, {NULL, NULL}};

void client_open(lua_State *L, const luaL_Reg *const *methods)
{
    static const luaL_Reg own[] = {
        {"close", m_close}, {"_identity", m_identity}, {"_nearest", m_nearest}, {NULL, NULL}};
    const luaL_Reg *all[METATABLE_METHODS] = {own};
    for (int i = 0; methods[i] != NULL; i++)
        all[i + 1] = methods[i];
    const struct metatable_description description = {.name = METATABLE,
                                                      .metamethods = metamethods,
                                                      .methods = all,
                                                      .index = m__index,
                                                      .hidden = true};
    metatable_register(L, &description);
}
