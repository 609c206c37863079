/* One API call as a state machine, the only place that knows attempts, pauses
 * and hooks:
 *
 *     build → send → (wait → send)* → result or error
 *
 * A driver asks for the next step and carries it out; it decides nothing. */
#ifndef VAULT_CALL_CALL_H
#define VAULT_CALL_CALL_H

#include "call/call_state.h"

enum call_step {
    CALL_SEND, /* make the exchange: fill buffers->response */
    CALL_WAIT, /* let wait_ms pass */
    CALL_DONE  /* call_push_result */
};

void call_open(lua_State *L);

/* Pushes a new call, with memory for the buffers; nothing is checked yet. */
struct call *call_new(lua_State *L, struct client *client, const struct operation *operation);
/* The same in memory that is a userdata already, with a finalizer that frees
 * call->buffers. */
void call_init(lua_State *L, struct call *call, struct client *client,
               const struct operation *operation);
/* Raises where the client is closed. */
void call_check_open(lua_State *L, const struct call *call);
/* What is to be done next. Runs hooks; may raise. */
enum call_step call_next(lua_State *L, const struct call_context *context);
/* After CALL_SEND: fills buffers->request, with pointers into the buffers. */
void call_fill_request(const struct call *call);
/* After CALL_DONE: pushes the result and the response, or raises the error. */
int call_push_result(lua_State *L, const struct call_context *context);
/* Adds what is known of the call (operation, url, attempts...) to the error
 * object on the stack's top, runs on_error and the logger. The error on top
 * afterwards is the one to report: a hook that raised replaces it. */
void call_fail(lua_State *L, const struct call_context *context);
/* An error object for a call that the program ended, on the stack's top. */
void call_push_aborted(lua_State *L, const char *message);
/* Gives exchange and transfer back to the client, in any state: what is under way is stopped. */
void call_release(struct call *call);
/* The same in a finalizer, where the client may be gone already: frees them. */
void call_discard(struct call *call);

#endif
