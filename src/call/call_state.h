/* Where a call stands, for everything that takes part in it. */
#ifndef VAULT_CALL_CALL_STATE_H
#define VAULT_CALL_CALL_STATE_H

#include "api/operation.h"
#include "call/call_buffers.h"

enum call_state { CALL_READY, CALL_SENT, CALL_PAUSED, CALL_FINISHED };

struct call {
    struct client *client; /* the userdata at client_index, or in the uservalue */
    const struct operation *operation;
    struct call_buffers *buffers; /* owned; by the engine from submitting it to collecting it */
    struct transfer *transfer;    /* of the client, while a plain call uses it */
    enum call_state state;
    bool asynchronous; /* started by client.async */
    int attempts;      /* the one under way */
    int sent;          /* how many of them were */
    double started;    /* clock_monotonic_ms */
    double attempt_started;
    double wait_ms;
    double retry_after;   /* of the last response; negative for none */
    bool maybe_processed; /* an earlier attempt may have been acted on */
    bool resent;          /* at once, since the server had not looked at it; by no rule of pauses */
    bool local_only;      /* the attempt carries a key in clear: it must stay on this machine */
};

/* Where a call's Lua values stand while it is stepped. */
struct call_context {
    struct call *call;
    int client; /* absolute stack index of the client userdata */
};

/* Since the call began. */
double call_elapsed_ms(const struct call *call);

#endif
