/* Many Lua states on many threads, each with a client, as in a server that gives every request a
 * state of its own. Usage: many_states URL STATES THREADS, where URL is the sandbox or a server
 * that responds like it. Ends with 0 if every state has succeeded. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault.h"

enum { MOST_THREADS = 64 };

/* Every third state waits for its job, every third closes its client under it, and every third is
 * closed itself. */
static const char script[] =
    "local vault, url, number = ...\n"
    "local client = vault.new {\n"
    "  server_url = url, api_key = 'sandbox-key', app_id = 'sandbox-app',\n"
    "  consumer_id = 'sandbox-consumer',\n"
    "}\n"
    "local request = { unified_api = 'crm', service_id = 'pipedrive' }\n"
    "assert(client.connections.get(request).status_code == 200)\n"
    "local job = client.async.connections.get(request)\n"
    "if number % 3 == 0 then\n"
    "  assert(job:wait().status_code == 200)\n"
    "elseif number % 3 == 1 then\n"
    "  client:poll()\n"
    "  client:close()\n"
    "  assert(job:done())\n"
    "end\n";

static const char *url;
static int states;
static atomic_int next_state, failures;

static void run_state(int number)
{
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        atomic_fetch_add(&failures, 1);
        return;
    }
    luaL_openlibs(L);
    lua_pushcfunction(L, luaopen_vault);
    int status = lua_pcall(L, 0, 1, 0);
    if (status == 0)
        status = luaL_loadbuffer(L, script, sizeof script - 1, "=script");
    if (status == 0) {
        lua_insert(L, -2);
        lua_pushstring(L, url);
        lua_pushinteger(L, number);
        status = lua_pcall(L, 3, 0, 0);
    }
    if (status != 0) {
        /* Errors of the module are tables with __tostring; Lua 5.1 has no luaL_tolstring. */
        lua_getglobal(L, "tostring");
        lua_insert(L, -2);
        const char *message = lua_pcall(L, 1, 1, 0) == 0 ? lua_tostring(L, -1) : NULL;
        fprintf(stderr, "state %d: %s\n", number, message != NULL ? message : "?");
        atomic_fetch_add(&failures, 1);
    }
    lua_close(L);
}

static void *run_states(void *unused)
{
    for (int number; (number = atomic_fetch_add(&next_state, 1)) < states;)
        run_state(number);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[MOST_THREADS];
    if (argc != 4) {
        fprintf(stderr, "usage: %s URL STATES THREADS\n", argv[0]);
        return 2;
    }
    url = argv[1];
    states = atoi(argv[2]);
    int count = atoi(argv[3]);
    if (count < 1 || count > MOST_THREADS)
        return 2;
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run_states, NULL) != 0)
            return 2;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%d states, %d failed\n", states, atomic_load(&failures));
    return atomic_load(&failures) == 0 ? 0 : 1;
}
