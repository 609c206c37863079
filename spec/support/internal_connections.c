/* The groups of vault_internal about the engine: timers, multi. */
#include "internal_connections.h"

#include "http/timer_queue.h"
#include "http/transfer_private.h"
#include "lua_api/compat.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- timers --- */

/* timers.order(dues, removed, now): sets one timer for each of `dues`, removes those whose numbers
 * are in `removed`, and takes the due ones -> their numbers, in order */
static int order(lua_State *L)
{
    int count = (int)lua_rawlen(L, 1), removed = (int)lua_rawlen(L, 2);
    double now = luaL_checknumber(L, 3);
    struct timer_queue queue = {NULL};
    struct timer *timers = lua_newuserdata(L, (size_t)(count + 1) * sizeof *timers);
    for (int i = 0; i <= count; i++)
        timers[i] = (struct timer){0};
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        timer_queue_set(&queue, &timers[i], -lua_tonumber(L, -1));
        timer_queue_set(&queue, &timers[i], lua_tonumber(L, -1)); /* moved */
        lua_pop(L, 1);
    }
    for (int i = 1; i <= removed; i++) {
        lua_rawgeti(L, 2, i);
        timer_queue_remove(&queue, &timers[(int)lua_tonumber(L, -1)]);
        lua_pop(L, 1);
    }
    lua_newtable(L);
    struct timer *timer;
    for (int i = 1; (timer = timer_queue_take_due(&queue, now)) != NULL; i++) {
        lua_pushinteger(L, timer - timers);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* --- multi --- */

static bool is_inheritable(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

enum { HIGHEST = 1024 };

/* multi.inheritable() -> how many descriptors of a multi handle a started program would inherit */
static int inheritable(lua_State *L)
{
    bool before[HIGHEST];
    int count = 0;
    for (int i = 0; i < HIGHEST; i++)
        before[i] = is_inheritable(i);
    CURLM *multi = transfer_open_multi();
    for (int i = 0; i < HIGHEST; i++)
        count += is_inheritable(i) && !before[i];
    curl_multi_cleanup(multi);
    lua_pushinteger(L, count);
    return 1;
}

enum { PAIRS = 4 };

struct other_thread {
    atomic_bool stop;
    int opened, marked;
};

/* A thread of the host. */
static void *open_pairs(void *context)
{
    struct other_thread *thread = context;
    while (!atomic_load(&thread->stop)) {
        int ends[PAIRS][2];
        for (int i = 0; i < PAIRS; i++)
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]) != 0)
                return NULL;
        sched_yield();
        for (int i = 0; i < PAIRS; i++)
            for (int end = 0; end < 2; end++) {
                thread->opened++;
                thread->marked += !is_inheritable(ends[i][end]);
                close(ends[i][end]);
            }
    }
    return NULL;
}

/* multi.marks_others(rounds): opens multi handles while another thread opens socket pairs
 * -> how many of that thread's sockets have become close-on-exec, how many there were */
static int marks_others(lua_State *L)
{
    struct other_thread other = {.opened = 0};
    pthread_t thread;
    int rounds = (int)luaL_checkinteger(L, 1);
    if (pthread_create(&thread, NULL, open_pairs, &other) != 0)
        return luaL_error(L, "no thread");
    for (int i = 0; i < rounds; i++)
        curl_multi_cleanup(transfer_open_multi());
    atomic_store(&other.stop, true);
    pthread_join(thread, NULL);
    lua_pushinteger(L, other.marked);
    lua_pushinteger(L, other.opened);
    return 2;
}

static void set_group(lua_State *L, const char *name, const luaL_Reg *functions)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_setfield(L, -2, name);
}

void internal_connections_open(lua_State *L)
{
    static const luaL_Reg timer_functions[] = {{"order", order}, {NULL, NULL}};
    static const luaL_Reg multi_functions[] = {
        {"inheritable", inheritable}, {"marks_others", marks_others}, {NULL, NULL}};
    set_group(L, "timers", timer_functions);
    set_group(L, "multi", multi_functions);
}
