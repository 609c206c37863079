/* Runs driver.lua of the directory, in a Lua state of its own whose memory never fails, with a
 * table of functions that create states with the module, call functions in them, and let their
 * allocations fail.
 *
 * Usage: allocations DIRECTORY [arguments of driver.lua] */
#include "allocator.h"
#include "server.h"
#include "vault.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define METATABLE "allocations.state"
#define INTERFACE "allocations.interface" /* what scenarios.lua returned */

/* Far more than a run takes, also under sanitizers on a busy machine: after this it hangs. */
enum { LONGEST_RUN_SECONDS = 300 };

struct state {
    lua_State *L;
    size_t bytes;
};

static const char *directory;
static char label[256] = "nothing yet";

static void report_hang(int signal_number)
{
    (void)signal_number;
    static const char text[] = "\nhangs: ";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0 ||
        write(STDERR_FILENO, label, strlen(label)) < 0)
        _exit(EXIT_FAILURE);
    abort();
}

static int report_panic(lua_State *L)
{
    fprintf(stderr, "\nan error that nothing protects from, in %s: %s\n", label,
            lua_tostring(L, -1));
    return 0;
}

/* --- in the states that are tested --- */

/* connect(path): does for a path of client:_listen what an event loop's socket does. */
static int connect_to(lua_State *L)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", luaL_checkstring(L, 1));
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, descriptor);
    return 1;
}

static int disconnect(lua_State *L)
{
    close((int)luaL_checkinteger(L, 1));
    return 0;
}

/* Runs protected: ports of the server. Loads the scenarios; leaves nothing. */
static int prepare(lua_State *L)
{
    int server = (int)lua_tointeger(L, 1), closed = (int)lua_tointeger(L, 2);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_vault);
    lua_setfield(L, -2, "vault");
    lua_pushcfunction(L, luaopen_vault_safe);
    lua_setfield(L, -2, "vault.safe");
    lua_pushcfunction(L, luaopen_vault_schema);
    lua_setfield(L, -2, "vault.schema");
    lua_pushfstring(L, "%s/scenarios.lua", directory);
    if (luaL_loadfile(L, lua_tostring(L, -1)) != 0)
        lua_error(L);
    lua_newtable(L);
    lua_pushinteger(L, server);
    lua_setfield(L, -2, "server_port");
    lua_pushinteger(L, closed);
    lua_setfield(L, -2, "closed_port");
    lua_pushstring(L, directory);
    lua_setfield(L, -2, "directory");
    lua_pushcfunction(L, connect_to);
    lua_setfield(L, -2, "connect");
    lua_pushcfunction(L, disconnect);
    lua_setfield(L, -2, "disconnect");
    lua_call(L, 1, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, INTERFACE);
    return 0;
}

/* --- for the driver --- */

static struct state *check_state(lua_State *L)
{
    struct state *state = luaL_checkudata(L, 1, METATABLE);
    luaL_argcheck(L, state->L != NULL, 1, "it is closed");
    return state;
}

/* Copies the string on the top of the stack of `from`, or what kind of error it is. */
static void move_outcome(lua_State *from, lua_State *L)
{
    size_t length;
    if (lua_istable(from, -1)) {
        lua_pushliteral(from, "name");
        lua_rawget(from, -2);
    }
    const char *text = lua_tolstring(from, -1, &length);
    lua_pushlstring(L, text != NULL ? text : "?", text != NULL ? length : 1);
    lua_settop(from, 0);
}

/* new(server port, closed port) -> state | nil: this Lua takes no allocator */
static int new_state(lua_State *L)
{
    int server = (int)luaL_checkinteger(L, 1), closed = (int)luaL_checkinteger(L, 2);
    struct state *state = lua_newuserdata(L, sizeof *state);
    *state = (struct state){NULL, 0};
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    state->L = lua_newstate(allocator_lua, &state->bytes);
    if (state->L == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_atpanic(state->L, report_panic);
    lua_pushcfunction(state->L, prepare);
    lua_pushinteger(state->L, server);
    lua_pushinteger(state->L, closed);
    if (lua_pcall(state->L, 2, 0, 0) != 0) {
        move_outcome(state->L, L);
        return lua_error(L);
    }
    return 1;
}

/* Arms the failure in the arguments from `first` on: resource, n, lasting; nil: none. */
static void arm(lua_State *L, int first)
{
    static const char *const names[] = {"lua", "curl", "core", "system", NULL};
    if (lua_isnoneornil(L, first))
        return;
    int resource = luaL_checkoption(L, first, NULL, names);
    long n = (long)luaL_checkinteger(L, first + 1);
    allocator_arm((enum resource)resource, n, lua_toboolean(L, first + 2) != 0);
}

/* state:call(function, argument, label [, resource, n, lasting]) -> number of failures,
 * whether it returned, the string returned or the kind of error */
static int m_call(lua_State *L)
{
    struct state *state = check_state(L);
    const char *function = luaL_checkstring(L, 2), *argument = luaL_checkstring(L, 3);
    snprintf(label, sizeof label, "%s", luaL_checkstring(L, 4));
    lua_getfield(state->L, LUA_REGISTRYINDEX, INTERFACE);
    lua_getfield(state->L, -1, function);
    lua_pushstring(state->L, argument);
    alarm(LONGEST_RUN_SECONDS);
    arm(L, 5);
    int status = lua_pcall(state->L, 1, 1, 0);
    lua_pushinteger(L, allocator_disarm());
    alarm(0);
    lua_pushboolean(L, status == 0);
    move_outcome(state->L, L);
    return 3;
}

/* state:close(label [, resource, n, lasting]) -> number of failures */
static int m_close(lua_State *L)
{
    struct state *state = check_state(L);
    snprintf(label, sizeof label, "%s", luaL_checkstring(L, 2));
    alarm(LONGEST_RUN_SECONDS);
    arm(L, 3);
    lua_close(state->L);
    state->L = NULL;
    lua_pushinteger(L, allocator_disarm());
    alarm(0);
    return 1;
}

/* state:bytes() -> the memory that it uses after a collection */
static int m_bytes(lua_State *L)
{
    struct state *state = check_state(L);
    for (int i = 0; i < 2; i++) /* the first one runs the finalizers */
        lua_gc(state->L, LUA_GCCOLLECT, 0);
    lua_pushinteger(L, (lua_Integer)state->bytes);
    return 1;
}

/* pause(): a millisecond */
static int pause_briefly(lua_State *L)
{
    (void)L;
    const struct timespec millisecond = {.tv_nsec = 1000000};
    nanosleep(&millisecond, NULL);
    return 0;
}

/* live() -> blocks of Lua's, of libcurl's, of the module's */
static int live(lua_State *L)
{
    lua_pushinteger(L, allocator_live(RESOURCE_LUA));
    lua_pushinteger(L, allocator_live(RESOURCE_CURL));
    lua_pushinteger(L, allocator_live(RESOURCE_CORE));
    return 3;
}

/* seconds() -> by a monotonic clock */
static int seconds(lua_State *L)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

static int m__gc(lua_State *L)
{
    struct state *state = luaL_checkudata(L, 1, METATABLE);
    if (state->L != NULL)
        lua_close(state->L);
    state->L = NULL;
    return 0;
}

static void set_functions(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name != NULL; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

/* The configuration of the module's default client. */
static void set_environment(int port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", port);
    setenv("APIDECK_SERVER_URL", url, 1);
    setenv("APIDECK_API_KEY", "sk_environment", 1);
    setenv("APIDECK_CONSUMER_ID", "consumer", 1);
    setenv("APIDECK_APP_ID", "app", 1);
}

static int run(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"call", m_call}, {"close", m_close}, {"bytes", m_bytes}, {"__gc", m__gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"new", new_state},
                                         {"live", live},
                                         {"pause", pause_briefly},
                                         {"seconds", seconds},
                                         {NULL, NULL}};
    char **arguments = lua_touserdata(L, 1);
    luaL_openlibs(L);
    luaL_newmetatable(L, METATABLE);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    set_functions(L, methods);
    lua_newtable(L);
    set_functions(L, functions);
    int port = server_start();
    set_environment(port);
    lua_pushinteger(L, port);
    lua_setfield(L, -2, "server_port");
    lua_pushinteger(L, server_closed_port());
    lua_setfield(L, -2, "closed_port");
    lua_pushstring(L, directory);
    lua_setfield(L, -2, "directory");
    lua_pushfstring(L, "%s/driver.lua", directory);
    if (luaL_loadfile(L, lua_tostring(L, -1)) != 0)
        return lua_error(L);
    lua_pushvalue(L, -3);
    int count = 0;
    for (; arguments[count] != NULL; count++)
        lua_pushstring(L, arguments[count]);
    lua_call(L, count + 1, 0);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || !allocator_install_in_curl())
        return EXIT_FAILURE;
    directory = argv[1];
    signal(SIGALRM, report_hang);
    lua_State *L = luaL_newstate();
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, argv + 2);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != 0)
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_close(L);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
