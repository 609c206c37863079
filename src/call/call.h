/* One API call as a state machine, the only place that knows attempts, pauses
 * and hooks:
 *
 *     build → send → (wait → send)* → result or error
 *
 * A driver asks for the next step and carries it out; it decides nothing. */
#ifndef VAULT_CALL_CALL_H
#define VAULT_CALL_CALL_H

#include "call/call_buffers.h"
#include "api/operation.h"

enum call_step {
    CALL_SEND, /* make the exchange: fill buffers->response */
    CALL_WAIT, /* let wait_ms pass */
    CALL_DONE  /* call_push_result */
};

enum call_state { CALL_READY, CALL_SENT, CALL_PAUSED, CALL_FINISHED };

struct call {
    struct client *client; /* the userdata at client_index, or in the uservalue */
    const struct operation *operation;
    struct call_buffers *buffers; /* owned; by the engine from submitting it to collecting it */
    struct transfer *transfer; /* of the client, while a plain call uses it */
    enum call_state state;
    bool asynchronous; /* started by client.async */
    int attempts;      /* the one under way */
    int sent;          /* how many of them were */
    double started;    /* clock_monotonic_ms */
    double attempt_started;
    double wait_ms;
    double retry_after;    /* of the last response; negative for none */
    bool maybe_processed; /* an earlier attempt may have been acted on */
    bool resent;     /* at once, since the server had not looked at it; by no rule of pauses */
    bool local_only; /* the attempt carries a key in clear: it must stay on this machine */
};

/* Where a call's Lua values stand while it is stepped. */
struct call_context {
    struct call *call;
    int client; /* absolute stack index of the client userdata */
};

void call_open(lua_State *L);

/* Pushes a new call, with memory for the buffers; nothing is checked yet. */
struct call *call_new(lua_State *L, struct client *client, const struct operation *operation);
/* The same in memory that is a userdata already, with a finalizer that frees
 * call->buffers. */
void call_init(lua_State *L, struct call *call, struct client *client,
               const struct operation *operation);
/* Checks the request and options at these indexes and builds the first request.
 * Raises InvalidRequestError. */
void call_build(lua_State *L, const struct call_context *context, int request, int options);
/* Raises where the client is closed. */
void call_check_open(lua_State *L, const struct call *call);
/* What is to be done next. Runs hooks; may raise. */
enum call_step call_next(lua_State *L, const struct call_context *context);
/* After CALL_SEND: what is to be sent, as pointers into the call's exchange. */
void call_fill_request(const struct call *call, struct transfer_request *request);
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
double call_elapsed_ms(const struct call *call);

#endif
