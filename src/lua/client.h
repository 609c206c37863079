/* A client: its settings, its connection to the network, its Lua values. */
#ifndef VAULT_LUA_CLIENT_H
#define VAULT_LUA_CLIENT_H

#include "lua_api/compat.h"
#include "http/engine.h"
#include "http/retry.h"
#include "http/transfer.h"
#include "http/url.h"

#include <stdbool.h>
#include <stdint.h>

/* What a client decides for its calls, and a call's options may decide anew. */
struct call_settings {
    struct base_url base; /* empty in a call that leaves it to its client */
    long timeout_ms;
    struct retry_policy retries;
    struct header_list headers; /* extra or overriding ones */
};

struct call_buffers;

struct client {
    struct call_settings settings;
    /* What its requests have in common, without and with a body; of the settings and the Lua
     * values. */
    struct header_list request_headers[2];
    struct transfer_options transfer_options; /* strings: anchored in the uservalue */
    struct transfer *transfer;                /* of plain calls; NULL while one uses it */
    struct transfer_queue *transfers;           /* made at the first asynchronous call */
    struct call_buffers *spares;                  /* buffers of ended calls, for the next ones */
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
    CLIENT_PROXY,        /* from here on: strings that transfer_options points to */
    CLIENT_CA_FILE,
    CLIENT_CA_PATH,
    CLIENT_CA_PEM,
    CLIENT_CERT_FILE,
    CLIENT_KEY_FILE,
    CLIENT_KEY_PASSWORD
};

void client_open(lua_State *L);
/* Pushes a new client made of the configuration at `index` (0 or nil: only what
 * the environment says); raises InvalidRequestError. */
void client_new(lua_State *L, int index, bool safe);
/* Has the operations of the module at `module` wait as its default client's do,
 * where that client has a loop. */
void client_bind_module(lua_State *L, int module);
/* The client at `index`; raises InvalidRequestError when it is something else. */
struct client *client_check(lua_State *L, int index);
/* Pushes one of its Lua values, nil when unset. */
void client_push_value(lua_State *L, int client_index, enum client_value value);
/* Takes the client's transfer out of it, made where there is none: while a call uses it, a debug
 * hook may close the client or make another call. Raises when it cannot be made. */
struct transfer *client_take_transfer(lua_State *L, struct client *client);
/* Gives it back: it is kept for the next call, or freed. NULL is fine. */
void client_return_transfer(struct client *client, struct transfer *transfer);
/* In [0, 1): jitter for pauses, nothing that must not be guessed. */
double client_random(struct client *client);
#endif
