/* The state of a client: its settings, transfers and Lua values. */
#ifndef VAULT_CALL_CLIENT_STATE_H
#define VAULT_CALL_CLIENT_STATE_H

#include "call/settings.h"
#include "http/engine.h"
#include "http/transfer.h"
#include "lua_api/compat.h"

#include <stdbool.h>
#include <stdint.h>

struct call_buffers;

struct client {
    struct call_settings settings;
    /* The headers of all requests without [0] and with [1] a body, from the settings and the Lua
     * values. */
    struct header_list request_headers[2];
    struct transfer_options
        transfer_options;             /* its strings are kept alive by the uservalue table */
    struct transfer *transfer;        /* of plain calls; NULL while a call uses it */
    struct transfer_queue *transfers; /* created by the first asynchronous call */
    struct call_buffers *spares;      /* buffers of ended calls, for later ones */
    int spare_count;
    uint64_t random_state;
    bool keep_nulls;
    bool allow_insecure;
    bool debug_secrets;
    bool has_hooks;
    bool has_logger;
    bool safe; /* operations return nil, err instead of raising */
    bool closed;
};

/* The Lua values of a client: integer keys of its uservalue table. */
enum client_value {
    CLIENT_API_KEY = 1, /* string or function; false: none, not even from the environment */
    CLIENT_CONSUMER_ID,
    CLIENT_APP_ID,
    CLIENT_USER_AGENT,
    CLIENT_LOGGER, /* function, or object with a method debug */
    CLIENT_TRANSPORT,
    CLIENT_BEFORE_REQUEST,
    CLIENT_AFTER_RESPONSE,
    CLIENT_ON_ERROR,
    CLIENT_ON_RETRY,
    CLIENT_JOBS,         /* the running jobs by id; keeps them alive */
    CLIENT_LOOP,         /* name of the loop */
    CLIENT_LOOP_WAIT,    /* job:wait of the loop */
    CLIENT_LOOP_SUSPEND, /* job:_suspend of the loop */
    CLIENT_LOOP_GROUP,   /* makes a group of plain operations of the loop */
    CLIENT_PROXY,        /* from here on: strings that transfer_options points to */
    CLIENT_CA_FILE,
    CLIENT_CA_PATH,
    CLIENT_CA_PEM,
    CLIENT_CERT_FILE,
    CLIENT_KEY_FILE,
    CLIENT_KEY_PASSWORD
};

/* Pushes the value, or nil if it is unset. */
void client_push_value(lua_State *L, int client_index, enum client_value value);
/* Takes the transfer from the client, or creates one. It is taken because a debug hook may close
 * the client, or make another call, while a call uses it. Raises if it cannot be created. */
struct transfer *client_take_transfer(lua_State *L, struct client *client);
/* Returns the transfer to the client, which keeps it for the next call or frees it. NULL is
 * allowed. */
void client_return_transfer(struct client *client, struct transfer *transfer);
/* The client's queue of asynchronous transfers, created if there is none. Raises if the client is
 * closed. */
struct transfer_queue *client_transfer_queue(lua_State *L, struct client *client);
/* Called before client_random. */
void client_seed_random(struct client *client);
/* A number in [0, 1), for the jitter of pauses. Not for secrets: it can be predicted. */
double client_random(struct client *client);

#endif
