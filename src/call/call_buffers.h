/* The memory of one API call outside Lua: the request and the response.
 *
 * A client keeps the buffers of ended calls as spares, so that calls one after another allocate
 * nothing. Buffers are owned by one call (its finalizer frees them), by its engine task while that
 * is submitted, or by the client as a spare. */
#ifndef VAULT_CALL_CALL_BUFFERS_H
#define VAULT_CALL_CALL_BUFFERS_H

#include "call/client_state.h"
#include "call/redaction.h"
#include "http/engine.h"

struct call_buffers {
    struct call_settings settings;
    struct buffer target; /* path and query, built before server_url is known */
    size_t query_offset;  /* of the query in `target` */
    struct buffer url;
    struct buffer body;
    bool has_body;
    struct header_list call_headers; /* the headers of every attempt, without authorization */
    /* Of the current attempt, with changes by hooks: */
    struct header_list headers;
    struct buffer changed_url;
    struct buffer changed_body;
    bool url_changed, body_changed, body_removed;
    struct transfer_request request; /* points into this memory */
    struct transfer_response response;
    struct buffer scratch; /* for building messages and header values */
    struct redaction redaction;
    struct engine_task task; /* of an asynchronous call */
    struct call_buffers *next_spare;
};

struct call_buffers *call_buffers_take(struct client *client);
/* Wipes the buffers and keeps them as a spare of the client, or frees them. */
void call_buffers_return(struct client *client, struct call_buffers *buffers);
void call_buffers_free_spares(struct client *client);
void call_buffers_free(struct call_buffers *buffers);

const char *call_buffers_url(const struct call_buffers *buffers);
/* The body to send; NULL: none. */
const struct buffer *call_buffers_body(const struct call_buffers *buffers);

#endif
