#include "call/user_function.h"

#include "call/error.h"
#include "call/redact.h"

#include <string.h>

/* Registry key of the flag that a user's function tried to yield: a userdata, so that setting it
 * does not allocate. */
#define YIELD_REFUSED "vault.user_function.yield_refused"

void user_function_open(lua_State *L)
{
    bool *refused = lua_newuserdata(L, sizeof *refused);
    *refused = false;
    lua_setfield(L, LUA_REGISTRYINDEX, YIELD_REFUSED);
}

static bool *push_flag(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, YIELD_REFUSED);
    return lua_touserdata(L, -1);
}

bool user_function_take_refused_yield(lua_State *L)
{
    bool *flag = push_flag(L), refused = *flag;
    *flag = false;
    lua_pop(L, 1);
    return refused;
}

/* The messages of Lua and LuaJIT for a yield across a C function do not explain what to do. */
static const char *advice_for(lua_State *L, const char *message)
{
    if (strstr(message, "yield across") == NULL)
        return "";
    *push_flag(L) = true;
    lua_pop(L, 1);
    return " (functions that a client calls cannot wait for an event loop: get what they need "
           "before the call, or start it with client.async)";
}

/* Replaces the error on top of the stack by an error object with it as the cause. */
static void wrap_error(lua_State *L, const struct call_context *context, const char *what)
{
    int cause = lua_gettop(L);
    if (lua_type(L, cause) == LUA_TSTRING) {
        if (context != NULL)
            redact_text(L, context);
        lua_pushfstring(L, "%s raised: %s%s", what, lua_tostring(L, cause),
                        advice_for(L, lua_tostring(L, cause)));
    } else if (error_is(L, cause)) {
        lua_getfield(L, cause, "message");
        if (context != NULL && lua_type(L, -1) == LUA_TSTRING)
            redact_text(L, context);
        lua_pushfstring(L, "%s raised: %s", what, lua_tostring(L, -1));
        lua_remove(L, -2);
    } else {
        lua_pushfstring(L, "%s raised %s", what, error_type_name(L, cause));
    }
    error_new(L, ERROR_UNEXPECTED);
    lua_pushvalue(L, cause);
    lua_setfield(L, -2, "cause");
    lua_replace(L, cause);
    lua_settop(L, cause);
}

void user_function_call(lua_State *L, const struct call_context *context, const char *what,
                        int arguments, int results)
{
    luaL_checkstack(L, 10, what);
    int status = lua_pcall(L, arguments, results, 0);
    if (status == 0)
        return;
    if (status != LUA_ERRMEM) /* there is no memory for an error object */
        wrap_error(L, context, what);
    error_raise(L);
}
