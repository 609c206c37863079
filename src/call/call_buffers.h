/* The memory of one API call outside Lua: what is sent and what comes back.
 *
 * A client keeps those of ended calls for its next ones, so that calls in a row
 * allocate nothing. Owned by exactly one call (which frees it in its __gc) or
 * by its client as a spare. */
#ifndef VAULT_CALL_CALL_BUFFERS_H
#define VAULT_CALL_CALL_BUFFERS_H

#include "lua/client.h"
#include "http/engine.h"
#include "call/redaction.h"

struct exchange {
    struct call_settings settings;
    struct buffer url;
    struct buffer body;
    bool has_body;
    struct header_list call_headers; /* of every attempt: all but authorization */
    /* Of the attempt under way, as hooks may have changed them: */
    struct header_list headers;
    struct buffer changed_url;
    struct buffer changed_body;
    bool url_changed, body_changed, body_removed;
    struct transfer_response response;
    struct buffer scratch; /* messages and log lines while they are built */
    struct redaction redaction;
    struct engine_task task; /* of an asynchronous call */
    struct exchange *next_spare;
};

struct exchange *exchange_take(struct client *client);
/* Wipes it and keeps it as a spare of the client's, or frees it. */
void exchange_give_back(struct client *client, struct exchange *exchange);
void exchange_free_spares(struct client *client);
void exchange_free(struct exchange *exchange);

const char *exchange_url(const struct exchange *exchange);
/* The body to be sent; NULL for none. */
const struct buffer *exchange_body(const struct exchange *exchange);

#endif
