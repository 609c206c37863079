#include "lua/timeout.h"

#include "call/error.h"

double timeout_check(lua_State *L, int index, double none)
{
    if (lua_isnoneornil(L, index))
        return none;
    if (!lua_isnumber(L, index))
        error_invalid(L, "timeout_ms: expected a number of milliseconds, got %s",
                      error_type_name(L, index));
    double timeout = lua_tonumber(L, index);
    if (!(timeout >= 0)) /* also false for NaN */
        error_invalid(L, "timeout_ms: expected a number of milliseconds, at least 0");
    return timeout;
}
