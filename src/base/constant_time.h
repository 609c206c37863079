/* Compares secrets. */
#ifndef VAULT_BASE_CONSTANT_TIME_H
#define VAULT_BASE_CONSTANT_TIME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are equal, in a time that only depends on the length, so that it does not
 * reveal how many bytes of a guess are right. */
bool constant_time_equal(const void *a, const void *b, size_t length);

#endif
