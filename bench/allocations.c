/* Preloaded into a competitor: counts the allocations of each library. At exit it writes lines
 * "library count" to the file named by BENCH_ALLOCATIONS. An allocation by strdup counts for its
 * caller. Memory that LuaJIT gets from the kernel itself is not counted. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own names of the functions that are replaced here. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

enum { PLACES = 1 << 14 };

/* By the address that an allocation returns to: looking up its library each time would be slow. */
static struct {
    _Atomic(void *) address;
    atomic_long count;
} places[PLACES];

static void count(void *address)
{
    size_t at = ((uintptr_t)address * 2654435761u >> 8) % PLACES;
    for (size_t tried = 0; tried < PLACES; tried++, at = (at + 1) % PLACES) {
        void *known = atomic_load(&places[at].address);
        if (known == NULL && atomic_compare_exchange_strong(&places[at].address, &known, address))
            known = address;
        if (known == address) {
            atomic_fetch_add(&places[at].count, 1);
            return;
        }
    }
}

void *malloc(size_t size)
{
    count(__builtin_return_address(0));
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count(__builtin_return_address(0));
    return __libc_calloc(number, size);
}

/* Shrinking counts too, as it may move; freeing, which Lua's allocator also does by realloc, not.
 */
void *realloc(void *memory, size_t size)
{
    if (size > 0)
        count(__builtin_return_address(0));
    return __libc_realloc(memory, size);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __libc_malloc(size);
    count(__builtin_return_address(0));
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("BENCH_ALLOCATIONS");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++) {
        Dl_info library;
        void *address = atomic_load(&places[i].address);
        if (address == NULL)
            continue;
        const char *name = dladdr(address, &library) != 0 ? library.dli_fname : "elsewhere";
        const char *slash = strrchr(name, '/');
        fprintf(file, "%s %ld\n", slash != NULL ? slash + 1 : name, atomic_load(&places[i].count));
    }
    fclose(file);
}
