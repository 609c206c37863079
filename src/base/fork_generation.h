/* Detects forks without a system call. */
#ifndef VAULT_BASE_FORK_GENERATION_H
#define VAULT_BASE_FORK_GENERATION_H

#include <stdbool.h>

/* A number that changes in a forked child. Forks are detected by pthread_atfork(3), so not a child
 * made directly with clone(2) or vfork(2), which must not do more than exec anyway. May be called
 * from any thread. */
unsigned long fork_generation(void);

/* False if the process or the system has no descriptor left. */
bool process_can_open_descriptor(void);

#endif
