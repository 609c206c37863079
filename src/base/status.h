/* How the functions of src/ report failure:
 *
 * - struct status, by value, where there is more than one way to fail;
 * - bool where the only failure is memory (false: no memory), and for predicates;
 * - a pointer from functions that make or find something (NULL: no memory, or none).
 *
 * Wrappers of system calls (notifier, random, wakeup_socket) return false or -1, and errno has the
 * reason. */
#ifndef VAULT_BASE_STATUS_H
#define VAULT_BASE_STATUS_H

#include <stddef.h>

/* Not STATUS_...: Windows has macros of such names. */
enum status_code {
    STATUS_CODE_OK,
    STATUS_CODE_NO_MEMORY,
    STATUS_CODE_NO_STACK,   /* a value nests too deep, for a limit or for Lua's stack */
    STATUS_CODE_INVALID,    /* the input is wrong */
    STATUS_CODE_UNAVAILABLE /* this process or its libraries cannot do it */
};

struct status {
    enum status_code code;
    /* A static string that quotes nothing of the input; NULL after STATUS_CODE_OK and
     * STATUS_CODE_NO_MEMORY, and where the function writes its message to a buffer. */
    const char *message;
};

static inline struct status status_ok(void)
{
    return (struct status){STATUS_CODE_OK, NULL};
}

static inline struct status status_no_memory(void)
{
    return (struct status){STATUS_CODE_NO_MEMORY, NULL};
}

static inline struct status status_invalid(const char *message)
{
    return (struct status){STATUS_CODE_INVALID, message};
}

static inline struct status status_unavailable(const char *message)
{
    return (struct status){STATUS_CODE_UNAVAILABLE, message};
}

#endif
