#include "lua/operations.h"

#include "call/blocking.h"
#include "call/error.h"
#include "lua/job.h"

/* The upvalues of an operation's function. */
enum {
    UPVALUE_CLIENT = lua_upvalueindex(1), /* or the holder of the default client */
    UPVALUE_ROW = lua_upvalueindex(2),    /* index in operations[]: a pointer does
                                             not fit every LuaJIT's light userdata */
    UPVALUE_SAFE = lua_upvalueindex(3)
};

/* Stack positions of the function that runs protected. */
enum { ARGUMENT_CLIENT = 1, ARGUMENT_REQUEST, ARGUMENT_OPTIONS, ARGUMENT_CALL };

/* call, request and options are on the stack; leaves result and response. */
static int run(lua_State *L)
{
    struct call_context context = {lua_touserdata(L, ARGUMENT_CALL), ARGUMENT_CLIENT};
    call_build(L, &context, ARGUMENT_REQUEST, ARGUMENT_OPTIONS);
    blocking_drive(L, &context);
    return call_push_result(L, &context);
}

/* Pushes the client of this function: its own, or the default one, which the
 * first call makes from the environment. */
struct client *operations_push_client(lua_State *L)
{
    if (lua_type(L, UPVALUE_CLIENT) == LUA_TUSERDATA) {
        lua_pushvalue(L, UPVALUE_CLIENT);
        return lua_touserdata(L, -1);
    }
    lua_rawgeti(L, UPVALUE_CLIENT, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        client_new(L, 0, lua_toboolean(L, UPVALUE_SAFE) != 0);
        lua_pushvalue(L, -1);
        lua_rawseti(L, UPVALUE_CLIENT, 1);
    }
    return lua_touserdata(L, -1);
}

const struct operation *operations_row(lua_State *L)
{
    return &operations[lua_tointeger(L, UPVALUE_ROW)];
}

static int call_operation(lua_State *L)
{
    lua_settop(L, 2); /* request, options */
    struct client *client = operations_push_client(L);
    lua_insert(L, ARGUMENT_CLIENT);
    struct call_context context = {call_new(L, client, operations_row(L)), ARGUMENT_CLIENT};
    /* Protected, so that the exchange goes back to the client at once, and the
     * error learns what was being done, however the call ends. */
    lua_pushcfunction(L, run);
    for (int i = ARGUMENT_CLIENT; i <= ARGUMENT_CALL; i++)
        lua_pushvalue(L, i);
    if (lua_pcall(L, ARGUMENT_CALL, 2, 0) == 0) {
        call_release(context.call);
        return 2;
    }
    call_fail(L, &context);
    call_release(context.call);
    return error_raise(L);
}

/* Upvalue 1: the function. */
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

/* Pushes the field `group` of the table, made when it is not there yet. */
static void push_group(lua_State *L, int table, const char *group)
{
    lua_getfield(L, table, group);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, table, group);
}

static void register_all(lua_State *L, int table, bool safe, lua_CFunction function)
{
    int bound = lua_gettop(L);
    table = lua_absindex(L, table);
    luaL_checkstack(L, 10, "operations");
    for (size_t i = 0; i < operation_count; i++) {
        push_group(L, table, operations[i].group);
        lua_pushvalue(L, bound);
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushboolean(L, safe);
        lua_pushcclosure(L, function, 3);
        if (safe)
            operations_make_safe(L);
        lua_setfield(L, -2, operations[i].name);
        lua_pop(L, 1);
    }
    lua_settop(L, bound - 1);
}

void operations_register(lua_State *L, int table, bool safe)
{
    register_all(L, table, safe, call_operation);
}

void operations_register_async(lua_State *L, int table, bool safe)
{
    register_all(L, table, safe, job_start);
}
