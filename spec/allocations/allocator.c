#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* accept4 */
#endif
#include "allocator.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* The linker's --wrap redirects the module's calls to these: CMake names each of them. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
int __real_eventfd(unsigned value, int flags);
int __real_epoll_create1(int flags);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);
int __real_socket(int family, int type, int protocol);
int __real_bind(int descriptor, const struct sockaddr *address, socklen_t length);
int __real_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
char *__real_mkdtemp(char *path);
CURLcode __real_curl_global_init(long flags);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
int __wrap_eventfd(unsigned value, int flags);
int __wrap_epoll_create1(int flags);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);
int __wrap_socket(int family, int type, int protocol);
int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t length);
int __wrap_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
char *__wrap_mkdtemp(char *path);
CURLcode __wrap_curl_global_init(long flags);

/* The engine's thread allocates beside the one that arms. */
static atomic_int armed = RESOURCE_COUNT;
static atomic_long requests, refused, fail_at;
static atomic_bool lasts;
static atomic_long live[RESOURCE_COUNT];

void allocator_arm(enum resource resource, long n, bool lasting)
{
    atomic_store(&requests, 0);
    atomic_store(&refused, 0);
    atomic_store(&fail_at, n);
    atomic_store(&lasts, lasting);
    atomic_store(&armed, (int)resource);
}

long allocator_disarm(void)
{
    atomic_store(&armed, RESOURCE_COUNT);
    return atomic_exchange(&refused, 0);
}

long allocator_live(enum resource resource)
{
    return atomic_load(&live[resource]);
}

static bool refuses(enum resource resource)
{
    if (atomic_load(&armed) != (int)resource)
        return false;
    long number = atomic_fetch_add(&requests, 1) + 1, first = atomic_load(&fail_at);
    if (atomic_load(&lasts) ? number < first : number != first)
        return false;
    atomic_fetch_add(&refused, 1);
    return true;
}

static void *count(enum resource resource, void *block)
{
    if (block != NULL)
        atomic_fetch_add(&live[resource], 1);
    return block;
}

static void *allocate(enum resource resource, size_t size)
{
    return refuses(resource) ? NULL : count(resource, __real_malloc(size));
}

static void *allocate_zeroed(enum resource resource, size_t number, size_t size)
{
    return refuses(resource) ? NULL : count(resource, __real_calloc(number, size));
}

static void release(enum resource resource, void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&live[resource], 1);
    __real_free(block);
}

static void *resize(enum resource resource, void *block, size_t size)
{
    if (refuses(resource))
        return NULL;
    void *moved = __real_realloc(block, size);
    return block == NULL ? count(resource, moved) : moved;
}

/* --- Lua's --- */

/* Manual, lua_Alloc: where block is NULL, old_size is a kind of object; and Lua relies on a block
 * never failing to shrink. */
void *allocator_lua(void *bytes, void *block, size_t old_size, size_t new_size)
{
    size_t *used = bytes;
    if (block == NULL)
        old_size = 0;
    if (new_size == 0) {
        release(RESOURCE_LUA, block);
        *used -= old_size;
        return NULL;
    }
    void *moved = new_size > old_size ? resize(RESOURCE_LUA, block, new_size)
                                      : __real_realloc(block, new_size);
    if (moved != NULL)
        *used += new_size - old_size; /* modulo SIZE_MAX + 1, where it shrinks */
    return moved;
}

/* --- libcurl's --- */

static void *curl_malloc(size_t size)
{
    return allocate(RESOURCE_CURL, size);
}

static void *curl_calloc(size_t number, size_t size)
{
    return allocate_zeroed(RESOURCE_CURL, number, size);
}

static void *curl_realloc(void *block, size_t size)
{
    return resize(RESOURCE_CURL, block, size);
}

static void curl_release(void *block)
{
    release(RESOURCE_CURL, block);
}

static char *curl_duplicate(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = allocate(RESOURCE_CURL, size);
    return copy != NULL ? memcpy(copy, string, size) : NULL;
}

bool allocator_install_in_curl(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc, curl_release, curl_realloc,
                                curl_duplicate, curl_calloc) == CURLE_OK;
}

/* --- the module's --- */

void *__wrap_malloc(size_t size)
{
    return allocate(RESOURCE_CORE, size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return allocate_zeroed(RESOURCE_CORE, number, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return resize(RESOURCE_CORE, block, size);
}

void __wrap_free(void *block)
{
    release(RESOURCE_CORE, block);
}

/* --- the system's --- */

static bool system_refuses(int reason)
{
    if (!refuses(RESOURCE_SYSTEM))
        return false;
    errno = reason;
    return true;
}

int __wrap_eventfd(unsigned value, int flags)
{
    return system_refuses(EMFILE) ? -1 : __real_eventfd(value, flags);
}

int __wrap_epoll_create1(int flags)
{
    return system_refuses(EMFILE) ? -1 : __real_epoll_create1(flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context)
{
    return refuses(RESOURCE_SYSTEM) ? EAGAIN
                                    : __real_pthread_create(thread, attributes, run, context);
}

int __wrap_socket(int family, int type, int protocol)
{
    return system_refuses(EMFILE) ? -1 : __real_socket(family, type, protocol);
}

int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t length)
{
    return system_refuses(EACCES) ? -1 : __real_bind(descriptor, address, length);
}

int __wrap_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags)
{
    return system_refuses(EMFILE) ? -1 : __real_accept4(descriptor, address, length, flags);
}

char *__wrap_mkdtemp(char *path)
{
    return system_refuses(EACCES) ? NULL : __real_mkdtemp(path);
}

CURLcode __wrap_curl_global_init(long flags)
{
    return refuses(RESOURCE_SYSTEM) ? CURLE_OUT_OF_MEMORY : __real_curl_global_init(flags);
}
