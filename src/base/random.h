/* Random bytes from the system, for nonces. */
#ifndef VAULT_BASE_RANDOM_H
#define VAULT_BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills at most 256 bytes (getentropy(3)). False: the system cannot provide them; there is no
 * fallback. */
bool random_bytes(void *bytes, size_t length);

#endif
