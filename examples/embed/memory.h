/* An allocator for lua_newstate that counts, and enforces a limit. */
#ifndef EMBED_MEMORY_H
#define EMBED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct memory {
    size_t limit;    /* bytes that may be in use */
    size_t used;     /* bytes in use */
    size_t peak;     /* the most that were, since memory_start_measuring */
    size_t requests; /* for more memory, since then */
    size_t refused;  /* of these */
    size_t fail_at;  /* refuse from this request on (0: none), as if the limit were just there */
};

void memory_start_measuring(struct memory *memory);

/* A lua_Alloc; `context` is a struct memory. */
void *memory_allocate(void *context, void *block, size_t old_size, size_t new_size);

#endif
