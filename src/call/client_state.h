/* A client as its calls see it: its settings, its connection to the network, its
 * Lua values. */
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
    /* What its requests have in common, without and with a body; of the settings and the Lua
     * values. */
    struct header_list request_headers[2];
    struct transfer_options transfer_options; /* strings: anchored in the uservalue */
    struct transfer *transfer;                /* of plain calls; NULL while one uses it */
    struct transfer_queue *transfers;         /* made at the first asynchronous call */
    struct call_buffers *spares;              /* buffers of ended calls, for the next ones */
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

/* Lua values of a client, as integer keys of its uservalue table. */
enum client_value {
    CLIENT_API_KEY = 1, /* string or function; false: none, whatever the environment says */
    CLIENT_CONSUMER_ID,
    CLIENT_APP_ID,
    CLIENT_USER_AGENT,
    CLIENT_LOGGER, /* function or object with a method debug */
    CLIENT_TRANSPORT,
    CLIENT_BEFORE_REQUEST,
    CLIENT_AFTER_RESPONSE,
    CLIENT_ON_ERROR,
    CLIENT_ON_RETRY,
    CLIENT_JOBS,         /* the jobs in flight, by id: what keeps them alive */
    CLIENT_LOOP,         /* its name */
    CLIENT_LOOP_WAIT,    /* job:wait that suspends the running coroutine only */
    CLIENT_LOOP_SUSPEND, /* the same without looking at the outcome */
    CLIENT_LOOP_GROUP,   /* makes a group's operations that suspend the running coroutine */
    CLIENT_PROXY,        /* from here on: strings that transfer_options points to */
    CLIENT_CA_FILE,
    CLIENT_CA_PATH,
    CLIENT_CA_PEM,
    CLIENT_CERT_FILE,
    CLIENT_KEY_FILE,
    CLIENT_KEY_PASSWORD
};

/* Pushes one of its Lua values, nil when unset. */
void client_push_value(lua_State *L, int client_index, enum client_value value);
/* Takes the client's transfer out of it, made where there is none: while a call uses it, a debug
 * hook may close the client or make another call. Raises when it cannot be made. */
struct transfer *client_take_transfer(lua_State *L, struct client *client);
/* Gives it back: it is kept for the next call, or freed. NULL is fine. */
void client_return_transfer(struct client *client, struct transfer *transfer);
/* The queue of the client's asynchronous transfers, made at the first. Raises where the client is
 * closed. */
struct transfer_queue *client_transfer_queue(lua_State *L, struct client *client);
/* Before the first of the random numbers. */
void client_seed_random(struct client *client);
/* In [0, 1): jitter for pauses, nothing that must not be guessed. */
double client_random(struct client *client);

#endif
