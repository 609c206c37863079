#include "lua/operations.h"

#include "call/any_request.h"
#include "call/call.h"
#include "call/error.h"
#include "call/request.h"
#include "lua/config.h"
#include "lua/each.h"

#include <string.h>

/* The upvalues of an operation's function. */
enum {
    UPVALUE_CLIENT = lua_upvalueindex(1), /* or the holder of the default client */
    UPVALUE_ROW = lua_upvalueindex(2),    /* index in operations[]: LuaJIT's light userdata
                                             cannot hold every pointer */
    UPVALUE_SAFE = lua_upvalueindex(3)
};

enum { ANY_ROW = -1 }; /* the row of client.request */

/* Integer keys of the holder of a default client. */
enum { HOLDER_CLIENT = 1, HOLDER_NEW };

/* The default client is created from the environment at the first call. */
struct client *operations_push_client(lua_State *L)
{
    if (lua_type(L, UPVALUE_CLIENT) == LUA_TUSERDATA) {
        lua_pushvalue(L, UPVALUE_CLIENT);
        return lua_touserdata(L, -1);
    }
    lua_rawgeti(L, UPVALUE_CLIENT, HOLDER_CLIENT);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_rawgeti(L, UPVALUE_CLIENT, HOLDER_NEW);
        lua_call(L, 0, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, UPVALUE_CLIENT, HOLDER_CLIENT);
    }
    return lua_touserdata(L, -1);
}

void operations_push_default_client(lua_State *L)
{
    lua_createtable(L, HOLDER_NEW, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, HOLDER_NEW);
}

void operations_build_call(lua_State *L, const struct call_context *context, int request,
                           int options)
{
    struct call *call = context->call;
    call_check_open(L, call);
    /* The request first: after client.connections:get { } the request is at the index of the
     * options, and an error about these would not help. */
    (call->operation == &any_request ? any_request_read : request_read)(L, context, request);
    config_read_call(L, options, &call->buffers->settings, call->asynchronous);
    request_complete(L, context);
}

const struct operation *operations_row(lua_State *L)
{
    lua_Integer row = lua_tointeger(L, UPVALUE_ROW);
    return row == ANY_ROW ? &any_request : &operations[row];
}

/* Upvalue 1: the function to call. */
static int call_safely(lua_State *L)
{
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    if (lua_pcall(L, arguments, LUA_MULTRET, 0) == 0)
        return lua_gettop(L);
    if (!error_is(L, -1))
        return error_raise(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

void operations_make_safe(lua_State *L)
{
    lua_pushcclosure(L, call_safely, 1);
}

/* The bound value is at `bound`, an absolute index. */
static void push_function(lua_State *L, int bound, lua_Integer row, bool safe,
                          lua_CFunction function)
{
    lua_pushvalue(L, bound);
    lua_pushinteger(L, row);
    lua_pushboolean(L, safe);
    lua_pushcclosure(L, function, 3);
    if (safe)
        operations_make_safe(L);
}

void operations_push_any(lua_State *L, int bound, bool safe, lua_CFunction function)
{
    push_function(L, bound, ANY_ROW, safe, function);
}

bool operations_has_group(const char *group)
{
    for (size_t i = 0; i < operation_count; i++)
        if (strcmp(operations[i].group, group) == 0)
            return true;
    return false;
}

void operations_push_group(lua_State *L, const char *group, int bound, bool safe,
                           lua_CFunction function)
{
    bound = lua_absindex(L, bound);
    luaL_checkstack(L, 10, "operations");
    lua_newtable(L);
    for (size_t i = 0; i < operation_count; i++) {
        if (strcmp(operations[i].group, group) != 0)
            continue;
        push_function(L, bound, (lua_Integer)i, safe, function);
        lua_setfield(L, -2, operations[i].name);
    }
}

static int get_default_client(lua_State *L)
{
    operations_push_client(L);
    return 1;
}

/* Pushes a function that returns the default client. */
static void push_default_getter(lua_State *L, int holder, bool safe)
{
    lua_pushvalue(L, holder);
    lua_pushinteger(L, ANY_ROW);
    lua_pushboolean(L, safe);
    lua_pushcclosure(L, get_default_client, 3);
}

void operations_register(lua_State *L, int table, bool safe, lua_CFunction function)
{
    int holder = lua_gettop(L);
    table = lua_absindex(L, table);
    luaL_checkstack(L, 10, "operations");
    for (size_t i = 0; i < operation_count; i++) {
        lua_getfield(L, table, operations[i].group);
        if (lua_isnil(L, -1)) {
            operations_push_group(L, operations[i].group, holder, safe, function);
            push_default_getter(L, holder, safe);
            each_register(L, lua_gettop(L) - 1, operations[i].group);
            lua_setfield(L, table, operations[i].group);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, holder - 1);
}
