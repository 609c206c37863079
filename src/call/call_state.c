#include "call/call_state.h"

#include "base/clock.h"

#include <math.h>

double call_elapsed_ms(const struct call *call)
{
    return clock_monotonic_ms() - call->started;
}

void call_push_elapsed_ms(lua_State *L, const struct call *call)
{
    lua_pushnumber(L, floor(call_elapsed_ms(call) * 1e3 + 0.5) / 1e3);
}
