/* The state of a call, for the files that take part in it. */
#ifndef VAULT_CALL_CALL_STATE_H
#define VAULT_CALL_CALL_STATE_H

#include "api/operation.h"
#include "call/call_buffers.h"

enum call_state { CALL_READY, CALL_SENT, CALL_PAUSED, CALL_FINISHED };

struct call {
    struct client *client; /* the userdata at context->client; a job keeps it alive */
    const struct operation *operation;
    struct call_buffers *buffers; /* owned; by the engine while its task is submitted */
    struct transfer *transfer;    /* taken from the client while a plain call uses it */
    enum call_state state;
    bool asynchronous; /* started by client.async */
    int attempts;      /* number of the current attempt, from 1 */
    int sent;          /* number of attempts that were sent */
    double started;    /* clock_monotonic_ms */
    double attempt_started;
    double wait_ms;
    double retry_after;   /* delay requested by the last response; negative: none */
    bool maybe_processed; /* the server may have processed an earlier attempt */
    bool resent;          /* sent again without a pause, since the server had not processed it */
    bool local_only;      /* the attempt has an unencrypted key: it must not leave this machine */
};

/* A call, and where its client is on the stack. */
struct call_context {
    struct call *call;
    int client; /* absolute stack index of the client userdata */
};

/* Milliseconds since the call began. */
double call_elapsed_ms(const struct call *call);
/* The same on the stack, rounded to microseconds for readability. */
void call_push_elapsed_ms(lua_State *L, const struct call *call);

#endif
