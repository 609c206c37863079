/* Allocators and system calls of which the n-th can be made to fail. */
#ifndef VAULT_SPEC_ALLOCATOR_H
#define VAULT_SPEC_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

/* Who allocates: a Lua state, libcurl, the module itself. The last is not memory: descriptors,
 * threads and files that the module requests from the system. */
enum resource { RESOURCE_LUA, RESOURCE_CURL, RESOURCE_CORE, RESOURCE_SYSTEM, RESOURCE_COUNT };

/* From now on the n-th request fails (counted from 1): once, or that one and all after it. */
void allocator_arm(enum resource resource, long n, bool lasting);
/* Ends that; returns the number of failures. */
long allocator_disarm(void);
/* Blocks that were allocated and not freed. */
long allocator_live(enum resource resource);

/* A lua_Alloc. The context is a size_t, the bytes in use. */
void *allocator_lua(void *bytes, void *block, size_t old_size, size_t new_size);
/* Gives libcurl its allocator: before anything else uses libcurl. */
bool allocator_install_in_curl(void);

#endif
