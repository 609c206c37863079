#include "lua/plain_call.h"

#include "call/blocking.h"
#include "call/call.h"
#include "call/error.h"
#include "lua/operations.h"

/* Stack indexes in `run`. */
enum { ARGUMENT_CLIENT = 1, ARGUMENT_REQUEST, ARGUMENT_OPTIONS, ARGUMENT_CALL };

/* Returns the result and the response. */
static int run(lua_State *L)
{
    struct call_context context = {lua_touserdata(L, ARGUMENT_CALL), ARGUMENT_CLIENT};
    operations_build_call(L, &context, ARGUMENT_REQUEST, ARGUMENT_OPTIONS);
    blocking_drive(L, &context);
    return call_push_result(L, &context);
}

int plain_call(lua_State *L)
{
    lua_settop(L, 2); /* request, options */
    struct client *client = operations_push_client(L);
    lua_insert(L, ARGUMENT_CLIENT);
    struct call_context context = {call_new(L, client, operations_row(L)), ARGUMENT_CLIENT};
    /* Protected, so that however the call ends its buffers return to the client at once, and
     * call_fail can add to the error. */
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
