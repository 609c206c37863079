#include "lua/client.h"

#include "base/clock.h"
#include "call/call_buffers.h"
#include "call/error.h"
#include "call/request.h"
#include "lua/config.h"
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

/* --- making one --- */

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

/* Whether this runs inside nginx's Lua, where nothing may block. */
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

/* As lua_call; what is raised (a module that is not there) is a wrong option. */
static void call_loop(lua_State *L, int arguments, int results)
{
    if (lua_pcall(L, arguments, results, 0) == 0)
        return;
    if (lua_type(L, -1) != LUA_TSTRING)
        error_raise(L);
    const char *reason = lua_tostring(L, -1);
    lua_pushlstring(L, reason, strcspn(reason, "\n"));
    error_invalid(L, "loop: its adapter cannot be loaded; is the loop's own library there? %s",
                  lua_tostring(L, -1));
}

/* Leaves what vault.loop calls `name`. */
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
    lua_call(L, 1, 0);
}

/* Replaces the plain operations by ones that suspend the running coroutine of a
 * loop: Lua functions, since only those can yield on 5.1 and LuaJIT. */
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
    call_loop(L, 2, 3); /* wait, suspend, groups of operations */
    int groups = lua_gettop(L);
    lua_pushvalue(L, groups - 2);
    lua_rawseti(L, values, CLIENT_LOOP_WAIT);
    lua_pushvalue(L, groups - 1);
    lua_rawseti(L, values, CLIENT_LOOP_SUSPEND);
    lua_pushnil(L);
    while (lua_next(L, groups)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, values);
    }
}

static void register_operations(lua_State *L, int userdata, int values, bool safe)
{
    lua_newtable(L);
    lua_rawseti(L, values, CLIENT_JOBS);
    lua_pushvalue(L, userdata);
    operations_register(L, values, safe, plain_call);
    lua_newtable(L);
    int async = lua_gettop(L);
    lua_pushvalue(L, userdata);
    operations_register(L, async, safe, job_start);
    lua_setfield(L, values, "async");
    bind_loop(L, userdata, values);
}

void client_new(lua_State *L, int index, bool safe)
{
    luaL_checkstack(L, 20, "client");
    /* The userdata with its finalizer first, what it owns second. */
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
    register_operations(L, userdata, values, safe);
    /* Takes most of a millisecond: now, while a program loads, rather than in the context that
     * makes the first call. Where memory is short that call tries again. */
    lua_rawgeti(L, values, CLIENT_TRANSPORT);
    if (lua_isnil(L, -1) && transfer_global_init()) {
        const char *problem = transfer_check_options(&client->transfer_options);
        if (problem != NULL)
            error_invalid(L, "%s", problem);
    }
    lua_settop(L, userdata);
}

/* --- its methods --- */

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
    collect_aborted(L, 1); /* also when closed before: memory may have run out then */
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

/* client.connections and other groups from the uservalue, methods from upvalue
 * 1. Integer keys of the uservalue are the client's own: the key is one. */
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
    return 1;
}

static const luaL_Reg metamethods[] = {
    {"__gc", m__gc}, {"__close", m_close}, {"__tostring", m__tostring}, {NULL, NULL}};

void client_open(lua_State *L, const luaL_Reg *const *methods)
{
    static const luaL_Reg own[] = {{"close", m_close}, {NULL, NULL}};
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
