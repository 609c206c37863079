/* Whether this is still the process that made an object, without a system call. */
#ifndef VAULT_BASE_FORK_GENERATION_H
#define VAULT_BASE_FORK_GENERATION_H

#include <stdbool.h>

/* A number that a forked child has another of. Fork is noticed by
 * pthread_atfork(3): a child made by clone(2) or vfork(2) by hand, which may
 * call next to nothing anyway, has its parent's. Any thread may call it. */
unsigned long fork_generation(void);

/* False where the process, or the system, has no descriptor left. */
bool process_can_open_descriptor(void);

#endif
