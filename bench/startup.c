/* How long, and how much memory, it takes to load the module and make a client, in a process that
 * has done nothing else (and, unlike compare, does not link libcurl itself). Prints milliseconds
 * and kilobytes. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

struct memory {
    long resident, own; /* kilobytes */
};

/* From proc(5): the second and third number of statm are the resident pages, and those of files
 * among them. */
static struct memory measure_memory(void)
{
    long size = 0, resident = 0, shared = 0;
    long page = sysconf(_SC_PAGESIZE) / 1024;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld %ld", &size, &resident, &shared) != 3)
        fprintf(stderr, "/proc/self/statm cannot be read: no memory figures\n");
    if (file != NULL)
        fclose(file);
    return (struct memory){.resident = resident * page, .own = (resident - shared) * page};
}

int main(void)
{
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return EXIT_FAILURE;
    luaL_openlibs(L);
    struct memory before = measure_memory();
    double began = now_ms();
    if (luaL_dostring(L, "client = require('vault').new { api_key = 'key', app_id = 'app',"
                         " consumer_id = 'consumer' }")) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return EXIT_FAILURE;
    }
    double took = now_ms() - began;
    struct memory after = measure_memory();
    printf("%.2f %ld %ld\n", took, after.resident - before.resident, after.own - before.own);
    lua_close(L);
    return EXIT_SUCCESS;
}
