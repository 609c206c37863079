/* Random bytes from the system, for nonces. */
#ifndef VAULT_BASE_RANDOM_H
#define VAULT_BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* At most 256 bytes (getentropy(3)). False: the system has none to give, and
 * nothing else may stand in for them. */
bool random_bytes(void *bytes, size_t length);

#endif
