/* Allocators, and calls of the system, of which the n-th can be made to fail. */
#ifndef VAULT_SPEC_ALLOCATOR_H
#define VAULT_SPEC_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

/* Who asks for memory: a Lua state, libcurl, the module itself. The last is no memory: descriptors,
 * threads and files that the module asks the system for. */
enum resource { RESOURCE_LUA, RESOURCE_CURL, RESOURCE_CORE, RESOURCE_SYSTEM, RESOURCE_COUNT };

/* From now on the n-th request is refused (counted from 1): once, or that one and all after it. */
void allocator_arm(enum resource resource, long n, bool lasting);
/* Nothing is refused any more; how many were. */
long allocator_disarm(void);
/* Blocks that were allocated and not freed. */
long allocator_live(enum resource resource);

/* A lua_Alloc. The context is a size_t, the bytes in use. */
void *allocator_lua(void *bytes, void *block, size_t old_size, size_t new_size);
/* Gives libcurl its allocator: before anything else uses libcurl. */
bool allocator_install_in_curl(void);

#endif
