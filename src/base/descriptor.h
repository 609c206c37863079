/* File descriptors of the library, kept off the standard ones. */
#ifndef VAULT_BASE_DESCRIPTOR_H
#define VAULT_BASE_DESCRIPTOR_H

#include <stdbool.h>

/* Whether the process's standard error is open. */
bool descriptor_standard_error_is_open(void);
/* If a new descriptor has the number of standard input, output or error, because the program has
 * closed that, moves it to another number: otherwise output of the program would be sent on a
 * connection. Returns the new number, close-on-exec; or closes the descriptor, sets errno and
 * returns a negative number. A negative descriptor is returned unchanged. */
int descriptor_above_standard(int descriptor);

/* The same for descriptors that libcurl opens: occupies those three numbers while it does so. */
struct standard_descriptors {
    int taken[3];
    int count;
};
void descriptor_reserve_standard(struct standard_descriptors *standard);
void descriptor_release_standard(const struct standard_descriptors *standard);

#endif
