#include "blocking.h"

#include "clock.h"
#include "transport.h"

static void perform(lua_State *L, const struct call_frame *frame)
{
    struct transfer_request request;
    call_fill_request(frame->call, &request);
    transfer_perform(client_transfer(L, frame->call->client), &request,
                     &frame->call->exchange->response);
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

void blocking_drive(lua_State *L, const struct call_frame *frame)
{
    for (;;) {
        switch (call_next(L, frame)) {
        case CALL_SEND:
            send_request(L, frame);
            break;
        case CALL_WAIT:
            clock_sleep_ms(frame->call->wait_ms);
            break;
        case CALL_DONE:
            return;
        }
    }
}
