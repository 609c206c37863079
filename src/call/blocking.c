#include "call/blocking.h"

#include "base/clock.h"
#include "call/interrupt.h"
#include "call/transport.h"

/* Runs debug hooks during a wait. One of them may close the client. */
static void run_debug_hooks(lua_State *L, const struct call_context *context,
                            const struct interrupt *interrupt)
{
    if (!interrupt_run_hooks(L, interrupt))
        lua_error(L);
    call_check_open(L, context->call);
}

static void perform_transfer(lua_State *L, const struct call_context *context)
{
    struct call *call = context->call;
    struct interrupt interrupt;
    interrupt_begin(L, &interrupt);
    call_fill_request(call);
    call->transfer = client_take_transfer(L, call->client);
    transfer_start(call->transfer, &call->buffers->request, &call->buffers->response);
    while (!transfer_step(call->transfer, INTERRUPT_SLICE_MS))
        run_debug_hooks(L, context, &interrupt);
    client_return_transfer(call->client, call->transfer);
    call->transfer = NULL;
}

static void send_request(lua_State *L, const struct call_context *context)
{
    client_push_value(L, context->client, CLIENT_TRANSPORT);
    bool replaced = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (replaced)
        transport_perform(L, context);
    else
        perform_transfer(L, context);
}

static void pause_between_attempts(lua_State *L, const struct call_context *context)
{
    double end = clock_monotonic_ms() + context->call->wait_ms;
    struct interrupt interrupt;
    interrupt_begin(L, &interrupt);
    double left = context->call->wait_ms;
    while (left > 0) {
        clock_sleep_ms(left < INTERRUPT_SLICE_MS ? left : INTERRUPT_SLICE_MS);
        run_debug_hooks(L, context, &interrupt);
        left = end - clock_monotonic_ms();
    }
}

void blocking_drive(lua_State *L, const struct call_context *context)
{
    for (;;) {
        switch (call_next(L, context)) {
        case CALL_SEND:
            send_request(L, context);
            break;
        case CALL_WAIT:
            pause_between_attempts(L, context);
            break;
        case CALL_DONE:
            return;
        }
    }
}
