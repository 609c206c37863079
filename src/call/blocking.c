#include "call/blocking.h"

#include "base/clock.h"
#include "call/interrupt.h"
#include "call/transport.h"

/* A hook may have closed the client. */
static void let_hooks_run(lua_State *L, const struct call_frame *frame,
                          const struct interrupt *interrupt)
{
    if (!interrupt_pass(L, interrupt))
        lua_error(L);
    call_check_open(L, frame->call);
}

static void perform(lua_State *L, const struct call_frame *frame)
{
    struct call *call = frame->call;
    struct transfer_request *request = &call->exchange->task.request;
    struct interrupt interrupt;
    interrupt_begin(L, &interrupt);
    call_fill_request(call, request);
    call->transfer = client_take_transfer(L, call->client);
    transfer_start(call->transfer, request, &call->exchange->response);
    while (!transfer_step(call->transfer, INTERRUPT_SLICE_MS))
        let_hooks_run(L, frame, &interrupt);
    client_return_transfer(call->client, call->transfer);
    call->transfer = NULL;
}

static void send_request(lua_State *L, const struct call_frame *frame)
{
    client_push_value(L, frame->client, CLIENT_TRANSPORT);
    bool replaced = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (replaced)
        transport_perform(L, frame);
    else
        perform(L, frame);
}

static void keep_pause(lua_State *L, const struct call_frame *frame)
{
    double end = clock_monotonic_ms() + frame->call->wait_ms;
    struct interrupt interrupt;
    interrupt_begin(L, &interrupt);
    for (double left = frame->call->wait_ms; left > 0; left = end - clock_monotonic_ms()) {
        clock_sleep_ms(left < INTERRUPT_SLICE_MS ? left : INTERRUPT_SLICE_MS);
        let_hooks_run(L, frame, &interrupt);
    }
}

void blocking_drive(lua_State *L, const struct call_frame *frame)
{
    for (;;) {
        switch (call_next(L, frame)) {
        case CALL_SEND:
            send_request(L, frame);
            break;
        case CALL_WAIT:
            keep_pause(L, frame);
            break;
        case CALL_DONE:
            return;
        }
    }
}
