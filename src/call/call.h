/* One API call as a state machine. Attempts, pauses and hooks are handled only here:
 *
 *     build → send → (wait → send)* → result or error
 *
 * A driver (blocking.c, the jobs of src/lua) asks for the next step and executes it; it makes no
 * decisions. */
#ifndef VAULT_CALL_CALL_H
#define VAULT_CALL_CALL_H

#include "call/call_state.h"

enum call_step {
    CALL_SEND, /* send the request; fill buffers->response */
    CALL_WAIT, /* wait for wait_ms */
    CALL_DONE  /* call call_push_result */
};

void call_open(lua_State *L);

/* Pushes a new call with buffers. The arguments of the call are not checked yet. */
struct call *call_new(lua_State *L, struct client *client, const struct operation *operation);
/* The same for the memory of an existing userdata, whose finalizer calls call_discard. */
void call_init(lua_State *L, struct call *call, struct client *client,
               const struct operation *operation);
/* Raises if the client is closed. */
void call_check_open(lua_State *L, const struct call *call);
/* Evaluates the last step and returns the next one. Runs hooks; may raise. */
enum call_step call_next(lua_State *L, const struct call_context *context);
/* After CALL_SEND: fills buffers->request, with pointers into the buffers. */
void call_fill_request(const struct call *call);
/* After CALL_DONE: pushes the result and the response, or raises the error. */
int call_push_result(lua_State *L, const struct call_context *context);
/* Adds fields about the call (operation, url, attempts...) to the error object on top of the stack,
 * then calls on_error and the logger. If one of these raises, its error replaces the one on top of
 * the stack. Other values on top are left alone. */
void call_fail(lua_State *L, const struct call_context *context);
/* Pushes the error object of a call that the program has cancelled. */
void call_push_aborted(lua_State *L, const char *message);
/* Returns buffers and transfer to the client, in any state; stops what is under way. */
void call_release(struct call *call);
/* The same for a finalizer, where the client may have been finalized: frees buffers and
 * transfer. */
void call_discard(struct call *call);

#endif
