/* Comparing secrets. */
#ifndef VAULT_BASE_CONSTANT_TIME_H
#define VAULT_BASE_CONSTANT_TIME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are the same, in a time that depends on the length only:
 * how far a guess was right must not be measurable. */
bool constant_time_equal(const void *a, const void *b, size_t length);

#endif
