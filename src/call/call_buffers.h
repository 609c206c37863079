/* The memory of one API call outside Lua: what is sent and what comes back.
 *
 * A client keeps those of ended calls for its next ones, so that calls in a row
 * allocate nothing. Owned by exactly one call (which frees it in its __gc) or
 * by its client as a spare. */
#ifndef VAULT_CALL_CALL_BUFFERS_H
#define VAULT_CALL_CALL_BUFFERS_H

#include "call/client_state.h"
#include "call/redaction.h"
#include "http/engine.h"

struct call_buffers {
    struct call_settings settings;
    struct buffer target; /* path and query, before server_url is known */
    size_t query_offset;  /* where the query starts in it */
    struct buffer url;
    struct buffer body;
    bool has_body;
    struct header_list call_headers; /* of every attempt: all but authorization */
    /* Of the attempt under way, as hooks may have changed them: */
    struct header_list headers;
    struct buffer changed_url;
    struct buffer changed_body;
    bool url_changed, body_changed, body_removed;
    struct transfer_request request; /* points into this memory */
    struct transfer_response response;
    struct buffer scratch; /* messages and log lines while they are built */
    struct redaction redaction;
    struct engine_task task; /* of an asynchronous call */
    struct call_buffers *next_spare;
};

struct call_buffers *call_buffers_take(struct client *client);
/* Wipes it and keeps it as a spare of the client's, or frees it. */
void call_buffers_return(struct client *client, struct call_buffers *buffers);
void call_buffers_free_spares(struct client *client);
void call_buffers_free(struct call_buffers *buffers);

const char *call_buffers_url(const struct call_buffers *buffers);
/* The body to be sent; NULL for none. */
const struct buffer *call_buffers_body(const struct call_buffers *buffers);

#endif
