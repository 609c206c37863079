/* Searches the memory of the process for a text, for the spec of wiping. On Linux only, and not
 * under AddressSanitizer, whose maps take minutes to search; elsewhere the functions do not exist.
 */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* pread */
#endif
#include "internal_memory.h"

#include "base/wipe.h"

#include <lauxlib.h>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <curl/curl.h>
#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, LARGEST_REGION = 512 << 20, MAXIMUM_TEXT = 256 };

/* --- memory that is wiped when it is freed --- */

/* In front of each block, so that free knows how much to wipe. */
union block {
    size_t size;
    max_align_t alignment;
};

static void *wiping_malloc(size_t size)
{
    union block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    return block + 1;
}

static void wiping_free(void *memory)
{
    if (memory == NULL)
        return;
    union block *block = (union block *)memory - 1;
    wipe_memory(memory, block->size);
    free(block);
}

static void *wiping_calloc(size_t count, size_t size)
{
    void *memory = wiping_malloc(count * size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

static void *wiping_realloc(void *memory, size_t size)
{
    void *larger = wiping_malloc(size);
    if (memory == NULL || larger == NULL)
        return larger;
    size_t old = ((union block *)memory - 1)->size;
    memcpy(larger, memory, old < size ? old : size);
    wiping_free(memory);
    return larger;
}

static char *wiping_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = wiping_malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static void *wiping_lua(void *data, void *block, size_t old_size, size_t new_size)
{
    (void)data;
    void *fresh = NULL;
    if (new_size > 0) {
        fresh = malloc(new_size);
        if (fresh == NULL)
            return NULL;
        if (block != NULL)
            memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    }
    if (block != NULL)
        wipe_memory(block, old_size);
    free(block);
    return fresh;
}

/* wipe_others(): from now on Lua and libcurl, which must not be in use yet, wipe what they free.
 * Remaining copies are the module's. */
static int wipe_others(lua_State *L)
{
    lua_setallocf(L, wiping_lua, NULL);
    CURLcode code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free,
                                         wiping_realloc, wiping_strdup, wiping_calloc);
    lua_pushboolean(L, code == CURLE_OK);
    return 1;
}

/* --- the search --- */

struct search {
    char text[MAXIMUM_TEXT];
    size_t length;
    char *chunk;
    long long found;
};

/* The text is kept backwards, so that the search does not find itself. */
static int is_text(const struct search *search, const char *at)
{
    for (size_t i = 0; i < search->length; i++)
        if (at[i] != search->text[search->length - 1 - i])
            return 0;
    return 1;
}

static void search_region(struct search *search, int memory, unsigned long long start,
                          unsigned long long end)
{
    unsigned long long own = (unsigned long long)(size_t)search->chunk;
    for (unsigned long long at = start; at < end; at += CHUNK - MAXIMUM_TEXT) {
        if (at < own + CHUNK && at + CHUNK > own)
            continue;
        ssize_t got = pread(memory, search->chunk, CHUNK, (off_t)at);
        if (got > (ssize_t)(end - at))
            got = (ssize_t)(end - at);
        for (ssize_t i = 0; i < CHUNK - MAXIMUM_TEXT && i + (ssize_t)search->length <= got; i++)
            if (is_text(search, search->chunk + i))
                search->found++;
        wipe_memory(search->chunk, CHUNK);
    }
}

static void search_memory(struct search *search, FILE *maps, int memory)
{
    char line[512], access[5];
    unsigned long long start, end;
    while (fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%llx-%llx %4s", &start, &end, access) == 3 &&
            strncmp(access, "rw", 2) == 0 && end - start <= LARGEST_REGION)
            search_region(search, memory, start, end);
}

/* copies_of(backwards): how often the text, given backwards, is in the process's writable memory.
 */
static int copies_of(lua_State *L)
{
    struct search search = {0};
    const char *backwards = luaL_checklstring(L, 1, &search.length);
    luaL_argcheck(L, search.length > 0 && search.length < MAXIMUM_TEXT, 1,
                  "the text is empty or too long");
    memcpy(search.text, backwards, search.length);
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    search.chunk = malloc(CHUNK);
    if (maps != NULL && memory >= 0 && search.chunk != NULL)
        search_memory(&search, maps, memory);
    else
        search.found = -1;
    free(search.chunk);
    if (memory >= 0)
        close(memory);
    if (maps != NULL)
        fclose(maps);
    lua_pushnumber(L, (lua_Number)search.found);
    return 1;
}

/* in_use(): the bytes that are allocated, while RSS counts whole pages; nil
 * without glibc. */
static int in_use(lua_State *L)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 info = mallinfo2();
    lua_pushnumber(L, (lua_Number)info.uordblks + (lua_Number)info.hblkhd);
#else
    lua_pushnil(L);
#endif
    return 1;
}

void internal_memory_open(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, in_use);
    lua_setfield(L, -2, "in_use");
    lua_pushcfunction(L, wipe_others);
    lua_setfield(L, -2, "wipe_others");
    lua_pushcfunction(L, copies_of);
    lua_setfield(L, -2, "copies_of");
    lua_setfield(L, -2, "memory");
}
#else
void internal_memory_open(lua_State *L)
{
    (void)L;
}
#endif
