/* File descriptors of the library's own. */
#ifndef VAULT_BASE_DESCRIPTOR_H
#define VAULT_BASE_DESCRIPTOR_H

#include <stdbool.h>

/* Whether the process's standard error is open. */
bool descriptor_standard_error_is_open(void);
/* Moves a new descriptor out of the way where it has got the number of standard input, output or
 * error, because the program has closed that: what is written there must not go out on a
 * connection. Returns its number, close-on-exec; negative, with errno: it is closed. A negative one
 * is returned as it is. */
int descriptor_above_standard(int descriptor);

/* The same for descriptors that libcurl makes by itself: has those three numbers taken, for as long
 * as it makes them. */
struct standard_descriptors {
    int taken[3];
    int count;
};
void descriptor_reserve_standard(struct standard_descriptors *standard);
void descriptor_release_standard(const struct standard_descriptors *standard);

#endif
