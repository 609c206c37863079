#include "memory.h"

#include <stdlib.h>

void memory_start_measuring(struct memory *memory)
{
    memory->peak = memory->used;
    memory->requests = 0;
    memory->refused = 0;
}

static bool may_grow(struct memory *memory, size_t growth)
{
    memory->requests++;
    bool told_to_fail = memory->fail_at > 0 && memory->requests >= memory->fail_at;
    if (!told_to_fail && growth <= memory->limit - memory->used)
        return true;
    memory->refused++;
    return false;
}

/* Lua manual, lua_Alloc: where block is NULL, old_size is a kind of object and not a size; and
 * Lua relies on a block never failing to shrink. */
void *memory_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
    struct memory *memory = context;
    if (block == NULL)
        old_size = 0;
    if (new_size == 0) {
        free(block);
        memory->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && !may_grow(memory, new_size - old_size))
        return NULL;
    void *moved = realloc(block, new_size);
    if (moved == NULL)
        return new_size <= old_size ? block : NULL;
    memory->used += new_size - old_size; /* modulo SIZE_MAX + 1, where it shrinks */
    if (memory->used > memory->peak)
        memory->peak = memory->used;
    return moved;
}
