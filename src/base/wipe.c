#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

#if !defined(__GNUC__)
/* The compiler cannot know that a volatile pointer points to memset, so it cannot drop the call as
 * a dead store. */
static void *(*const volatile unknown_memset)(void *, int, size_t) = memset;
#endif

void wipe_memory(void *memory, size_t length)
{
    if (length == 0)
        return;
#if defined(__GNUC__)
    memset(memory, 0, length);
    __asm__ volatile("" : : "r"(memory) : "memory"); /* declares a read of the memory */
#else
    unknown_memset(memory, 0, length);
#endif
}

void wipe_and_free_string(char *string)
{
    if (string != NULL)
        wipe_memory(string, strlen(string));
    free(string);
}
