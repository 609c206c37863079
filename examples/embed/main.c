/* A program that links Lua and this module, and gives scripts no files and a limited number of
 * bytes: preloading, a counting allocator, running out of memory, a loop of frames. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#endif
#include "memory.h"
#include "script.h"
#include "service.h"

#include <lauxlib.h>
#include <lualib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vault.h>

enum {
    LIMIT_BYTES = 4 * 1024 * 1024,
    FRAMES = 120,
    FRAMES_PER_SECOND = 60,
    CALLS_AT_ONCE = 16,
    BUSY_MS = 150,
    LONGEST_WAIT_MS = 10000
};

struct host {
    struct memory memory;
    struct service service;
    const char *server_url; /* NULL: the service in this program responds */
    int script;             /* stack index of the table that the script returned */
};

/* --- what a script can reach --- */

static void preload(lua_State *L, const char *name, lua_CFunction open)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

static void forbid_files(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
}

static void load_script(lua_State *L, struct host *host)
{
    if (luaL_loadbuffer(L, (const char *)script_bytes, sizeof script_bytes, "=script") != 0)
        lua_error(L);
    lua_newtable(L);
    if (host->server_url != NULL) {
        lua_pushstring(L, host->server_url);
        lua_setfield(L, -2, "server_url");
    } else {
        service_push_transport(L, &host->service);
        lua_setfield(L, -2, "transport");
    }
    lua_call(L, 1, 1);
    host->script = lua_gettop(L);
}

/* --- memory of each step --- */

static void print_head(void)
{
    printf("\n%-30s %10s %10s %10s\n", "bytes of the state's memory", "kept", "at most",
           "requests");
}

static void sweep(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0); /* values released by finalizers */
}

static size_t begin_step(lua_State *L, struct host *host)
{
    sweep(L);
    memory_start_measuring(&host->memory);
    return host->memory.used;
}

static void end_step(lua_State *L, struct host *host, const char *name, size_t before,
                     const char *remark)
{
    size_t peak = host->memory.peak, requests = host->memory.requests;
    sweep(L);
    printf("%-30s %10ld %10zu %10zu   %s\n", name, (long)host->memory.used - (long)before,
           peak - before, requests, remark);
}

static void open_everything(lua_State *L, struct host *host)
{
    size_t before = begin_step(L, host);
    luaL_openlibs(L);
    end_step(L, host, "Lua's libraries", before, "");
    preload(L, "vault", luaopen_vault);
    preload(L, "vault.safe", luaopen_vault_safe);
    preload(L, "vault.schema", luaopen_vault_schema);
    forbid_files(L);
    before = begin_step(L, host);
    load_script(L, host);
    end_step(L, host, "the script, with both modules", before, "");
}

static void run_steps(lua_State *L, struct host *host)
{
    lua_getfield(L, host->script, "steps");
    int steps = lua_gettop(L);
    for (int i = 1;; i++) {
        lua_rawgeti(L, steps, i);
        if (lua_isnil(L, -1))
            break;
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        size_t before = begin_step(L, host);
        lua_call(L, 0, 1);
        end_step(L, host, lua_tostring(L, -2), before, lua_tostring(L, -1));
        lua_settop(L, steps);
    }
    lua_settop(L, host->script);
}

/* --- running out of memory --- */

static void push_function(lua_State *L, const struct host *host, const char *name)
{
    lua_getfield(L, host->script, name);
}

static void fill_memory(lua_State *L, struct host *host)
{
    size_t before = begin_step(L, host);
    push_function(L, host, "hoard");
    lua_call(L, 0, 2);
    int responses = (int)lua_tointeger(L, -2);
    printf("\nA script that keeps every response had %d lists, and with %zu of %zu bytes in use:\n"
           "  %s\n",
           responses, host->memory.peak, host->memory.limit, lua_tostring(L, -1));
    if (host->memory.refused == 0 || strstr(lua_tostring(L, -1), "not enough memory") == NULL)
        luaL_error(L, "the script did not end for lack of memory");
    lua_settop(L, host->script);
    sweep(L); /* Lua 5.1 and LuaJIT do not do this when memory runs out */
    push_function(L, host, "call");
    lua_call(L, 0, 0);
    sweep(L);
    printf("The same client then works as before, with %zu bytes in use (before: %zu).\n",
           host->memory.used, before);
}

/* Calls a function of the script, in which every allocation from the nth on fails. Returns the
 * number of failures. */
static size_t call_with_failure(lua_State *L, struct host *host, const char *name, size_t nth)
{
    push_function(L, host, name);
    memory_start_measuring(&host->memory);
    host->memory.fail_at = nth;
    int status = lua_pcall(L, 0, 0, 0);
    host->memory.fail_at = 0;
    size_t refused = host->memory.refused;
    if (status != 0 && refused == 0)
        lua_error(L); /* of another cause */
    lua_settop(L, host->script);
    return refused;
}

static void fail_plain_calls(lua_State *L, struct host *host)
{
    size_t nth = 1;
    while (call_with_failure(L, host, "call", nth) > 0)
        nth++;
    printf("\nA plain call that is refused memory at its 1st, 2nd ... %zuth request: caught every\n"
           "time, and the next one is served.\n",
           nth - 1);
}

/* Collects until the job has ended; whether it succeeded. */
static int finish_job(lua_State *L, struct host *host)
{
    double deadline = clock_ms() + LONGEST_WAIT_MS;
    for (;;) {
        push_function(L, host, "collect");
        lua_call(L, 0, 2);
        int done = lua_toboolean(L, -2), succeeded = lua_toboolean(L, -1);
        lua_settop(L, host->script);
        if (done)
            return succeeded;
        if (clock_ms() > deadline)
            luaL_error(L, "a job never ended");
        struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
}

/* When an allocation fails in the start of a job, the start raises. */
static void fail_starts(lua_State *L, struct host *host)
{
    size_t nth = 1;
    while (call_with_failure(L, host, "start", nth) > 0)
        nth++;
    printf(
        "The start of a job that is refused memory at its 1st, 2nd ... %zuth request: the same.\n",
        nth - 1);
    finish_job(L, host);
}

/* Waits until the job has something to collect; the host may wait like this for anything else
 * too. */
static void wait_for_response(lua_State *L, struct host *host)
{
    push_function(L, host, "descriptor");
    lua_call(L, 0, 1);
    struct pollfd descriptor = {.fd = (int)lua_tointeger(L, -1), .events = POLLIN};
    lua_settop(L, host->script);
    if (poll(&descriptor, 1, LONGEST_WAIT_MS) != 1)
        luaL_error(L, "no response came");
}

/* When an allocation fails in the collection of a job, it ends then or at the next client:poll().
 */
static void fail_collections(lua_State *L, struct host *host)
{
    int succeeded = 0;
    size_t nth = 0, refused;
    do {
        push_function(L, host, "start");
        lua_call(L, 0, 0);
        wait_for_response(L, host);
        refused = call_with_failure(L, host, "collect", ++nth);
        succeeded += finish_job(L, host);
    } while (refused > 0);
    printf("The end of a job that is refused memory at its 1st, 2nd ... %zuth request: every job\n"
           "ended, %d of them well.\n",
           nth - 1, succeeded - 1);
    if (succeeded == 0)
        luaL_error(L, "the job that was refused nothing failed");
}

/* --- frames --- */

static void sleep_until(double moment_ms)
{
    double left = moment_ms - clock_ms();
    if (left <= 0)
        return;
    struct timespec pause = {(time_t)(left / 1e3), (long)(left * 1e6) % 1000000000L};
    nanosleep(&pause, NULL);
}

struct frame_times {
    double longest_ms;
    int late, busy; /* frames that took longer than a frame, frames with calls in flight */
};

/* The frame's number of calls still in flight. */
static int run_frame(lua_State *L, struct host *host, int number, struct frame_times *times)
{
    int calls = number % FRAMES_PER_SECOND == 10 ? CALLS_AT_ONCE : 0;
    if (calls > 0)
        host->service.busy_until_ms = clock_ms() + BUSY_MS;
    double began = clock_ms();
    push_function(L, host, "frame");
    lua_pushinteger(L, calls);
    lua_call(L, 1, 1);
    double spent = clock_ms() - began;
    int in_flight = (int)lua_tointeger(L, -1);
    lua_settop(L, host->script);
    if (spent > times->longest_ms)
        times->longest_ms = spent;
    times->late += spent > 1e3 / FRAMES_PER_SECOND;
    times->busy += in_flight > 0;
    return in_flight;
}

static void run_frames(lua_State *L, struct host *host)
{
    struct frame_times times = {0, 0, 0};
    double began = clock_ms();
    int number = 0, in_flight = 0;
    while (number < FRAMES || (in_flight > 0 && clock_ms() < began + LONGEST_WAIT_MS)) {
        in_flight = run_frame(L, host, number, &times);
        number++;
        sleep_until(began + number * 1e3 / FRAMES_PER_SECOND);
    }
    push_function(L, host, "report");
    lua_call(L, 0, 3);
    int finished = (int)lua_tointeger(L, -3), failed = (int)lua_tointeger(L, -2);
    printf("\n%d frames at %d a second, %d calls started in each of two of them: %d finished, %d "
           "failed,\n  after %d attempts; calls were in flight in %d frames.\n",
           number, FRAMES_PER_SECOND, CALLS_AT_ONCE, finished, failed, (int)lua_tointeger(L, -1),
           times.busy);
    printf("Longest time that the script took of a frame: %.2f ms; %d frames were lost to it.\n",
           times.longest_ms, times.late);
    if (in_flight > 0 || failed > 0 || finished != 2 * CALLS_AT_ONCE)
        luaL_error(L, "not all calls of the frames succeeded");
    lua_settop(L, host->script);
}

/* --- the program --- */

static int run(lua_State *L)
{
    struct host *host = lua_touserdata(L, 1);
    print_head();
    open_everything(L, host);
    run_steps(L, host);
    fill_memory(L, host);
    fail_plain_calls(L, host);
    fail_starts(L, host);
    fail_collections(L, host);
    run_frames(L, host);
    push_function(L, host, "close");
    lua_call(L, 0, 0);
    return 0;
}

/* Errors of the module are tables with __tostring; even making the text may lack memory. */
static int push_text(lua_State *L)
{
    lua_getglobal(L, "tostring");
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static void report(lua_State *L)
{
    lua_pushcfunction(L, push_text);
    lua_insert(L, -2);
    lua_pcall(L, 1, 1, 0);
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "embed: %s\n", text != NULL ? text : "an error that has no text");
}

int main(int argc, char **argv)
{
    struct host host = {.memory = {.limit = LIMIT_BYTES}};
    if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
        fprintf(stderr, "usage: embed [server URL]   (without one, responses come from inside)\n");
        return 2;
    }
    host.server_url = argv[1];
    printf("Limit: %d bytes. No file can be loaded. Responses come from %s.\n", LIMIT_BYTES,
           host.server_url != NULL ? host.server_url : "this program itself");
    lua_State *L = lua_newstate(memory_allocate, &host.memory);
    if (L == NULL) {
        fprintf(stderr, "embed: this Lua takes no allocator of the host's, or had no memory\n");
        return EXIT_FAILURE;
    }
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &host);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != 0)
        report(L);
    lua_close(L);
    printf("\nClosed: %zu bytes in use.\n", host.memory.used);
    return status == 0 && host.memory.used == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
