/* luaopen functions of the modules vault, vault.safe and vault.schema. */
#include "vault.h"

#include "call/call.h"
#include "call/error.h"
#include "call/interrupt.h"
#include "call/log.h"
#include "call/user_function.h"
#include "lua/array.h"
#include "lua/client.h"
#include "lua/job.h"
#include "lua/job_methods.h"
#include "lua/job_queue.h"
#include "lua/job_step.h"
#include "lua/links.h"
#include "lua/nginx.h"
#include "lua/operations.h"
#include "lua/plain_call.h"
#include "lua/poll.h"
#include "lua/schema_table.h"
#include "lua/wait_all.h"
#include "lua/wakeup_timer.h"
#include "lua/webhook.h"
#include "json/json_array.h"

#include <string.h>

#define NAME "vault"

/* Whether the argument is the module itself, as after vault:new { ... }. */
static bool is_module(lua_State *L, int index)
{
    if (!lua_istable(L, index))
        return false;
    lua_pushliteral(L, "_NAME");
    lua_rawget(L, index);
    bool is = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), NAME) == 0;
    lua_pop(L, 1);
    return is;
}

/* vault.new(config); upvalue 1: whether the client's operations return nil, err. */
static int module_new(lua_State *L)
{
    lua_settop(L, 1);
    if (is_module(L, 1))
        error_invalid(L, "call vault.new with a dot: vault.new { ... }");
    client_new(L, 1, lua_toboolean(L, lua_upvalueindex(1)) != 0);
    return 1;
}

static void open_types(lua_State *L)
{
    error_open(L);
    json_array_open(L);
    static const luaL_Reg *const client_methods[] = {poll_methods, wakeup_timer_methods,
                                                     nginx_methods, NULL};
    static const struct job_queue_callbacks callbacks = {job_step_function, job_detach};
    client_open(L, client_methods);
    call_open(L);
    job_methods_open(L);
    wakeup_timer_open_type(L);
    webhook_open_type(L);
    job_queue_open(L, &callbacks);
    user_function_open(L);
    interrupt_open(L);
    log_open(L);
}

static void push_module(lua_State *L, bool safe)
{
    open_types(L);
    lua_newtable(L);
    int module = lua_gettop(L);
    lua_pushboolean(L, safe);
    lua_pushcclosure(L, module_new, 1);
    if (safe)
        operations_make_safe(L);
    lua_setfield(L, module, "new");
    lua_pushcfunction(L, error_is_error);
    lua_setfield(L, module, "is_error");
    lua_pushcfunction(L, array_mark);
    lua_setfield(L, module, "array");
    wait_all_push(L);
    lua_setfield(L, module, "wait_all");
    webhook_push(L, safe);
    lua_setfield(L, module, "webhook");
    links_register(L, safe);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, module, "null");
    lua_pushliteral(L, NAME);
    lua_setfield(L, module, "_NAME");
    lua_pushliteral(L, VAULT_VERSION);
    lua_setfield(L, module, "_VERSION");
    lua_pushboolean(L, safe);
    lua_pushcclosure(L, module_new, 1);
    operations_push_default_client(L);
    operations_register(L, module, safe, plain_call);
    client_bind_module(L, module);
}

int luaopen_vault(lua_State *L)
{
    push_module(L, false);
    return 1;
}

int luaopen_vault_safe(lua_State *L)
{
    push_module(L, true);
    return 1;
}

int luaopen_vault_schema(lua_State *L)
{
    schema_table_push(L);
    return 1;
}
