/* Overwrites memory that has held a key, a token or a setting. */
#ifndef VAULT_BASE_WIPE_H
#define VAULT_BASE_WIPE_H

#include <stddef.h>

/* As memset to zero, but kept by the compiler although nothing reads the memory
 * any more. NULL is fine where the length is 0. */
void wipe_memory(void *memory, size_t length);
/* Wipes a string and frees it; NULL is fine. */
void wipe_and_free_string(char *string);

#endif
