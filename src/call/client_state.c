#include "call/client_state.h"

#include "base/clock.h"
#include "call/error.h"

#include <string.h>

void client_push_value(lua_State *L, int client_index, enum client_value value)
{
    lua_getuservalue(L, client_index);
    lua_rawgeti(L, -1, (int)value);
    lua_remove(L, -2);
}

/* --- random numbers: splitmix64, by Sebastiano Vigna, in the public domain --- */

static uint64_t next_random(struct client *client)
{
    uint64_t z = client->random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

double client_random(struct client *client)
{
    return (double)(next_random(client) >> 11) / 9007199254740992.0; /* 2^53 */
}

void client_seed_random(struct client *client)
{
    double now = clock_unix_ms(), uptime = clock_monotonic_ms();
    uint64_t bits;
    memcpy(&bits, &now, sizeof bits);
    client->random_state = bits ^ (uint64_t)(uptime * 1e6) ^ (uint64_t)(uintptr_t)client;
}

/* --- the network --- */

struct transfer *client_take_transfer(lua_State *L, struct client *client)
{
    struct transfer *transfer = client->transfer;
    client->transfer = NULL;
    if (transfer != NULL && !transfer_belongs_to_parent(transfer))
        return transfer;
    transfer_free(transfer);
    struct status status = transfer_new(&client->transfer_options, &transfer);
    error_check_status(L, status, "cannot use libcurl with these options");
    return transfer;
}

void client_return_transfer(struct client *client, struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    transfer_stop(transfer);
    if (client->transfer != NULL || client->closed)
        transfer_free(transfer);
    else
        client->transfer = transfer;
}

struct transfer_queue *client_transfer_queue(lua_State *L, struct client *client)
{
    if (client->closed) /* the finalizer may have run, so the queue would never be closed */
        error_invalid(L, "the client is closed; make a new one with vault.new");
    if (client->transfers != NULL && transfer_queue_belongs_to_parent(client->transfers)) {
        transfer_queue_close(client->transfers);
        client->transfers = NULL;
    }
    if (client->transfers == NULL)
        client->transfers = transfer_queue_open(&client->transfer_options);
    if (client->transfers == NULL)
        error_no_memory(L);
    return client->transfers;
}
