#include "base/fork_generation.h"

#ifdef _WIN32
unsigned long fork_generation(void)
{
    return 0; /* there is no fork */
}

bool process_can_open_descriptor(void)
{
    return true; /* there is no such limit */
}
#else
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Not getpid(2): since glibc 2.25 it is a system call each time, which took a tenth of an
 * asynchronous call. */
static atomic_ulong generation;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int unnoticed; /* there was no memory for the fork handler */

static void after_fork_in_child(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void watch_forks(void)
{
    unnoticed = pthread_atfork(NULL, NULL, after_fork_in_child);
}

unsigned long fork_generation(void)
{
    pthread_once(&once, watch_forks);
    if (unnoticed != 0)
        return (unsigned long)getpid();
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

bool process_can_open_descriptor(void)
{
    int descriptor = open("/", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return errno != EMFILE && errno != ENFILE;
    close(descriptor);
    return true;
}
#endif
