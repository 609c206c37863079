/* Overwrites memory that has had a key, a token or a setting. */
#ifndef VAULT_BASE_WIPE_H
#define VAULT_BASE_WIPE_H

#include <stddef.h>

/* As memset to zero, but not optimized away although the memory is not read again. NULL is allowed
 * if the length is 0. */
void wipe_memory(void *memory, size_t length);
/* Wipes and frees a string; NULL is allowed. */
void wipe_and_free_string(char *string);

#endif
