#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* F_DUPFD_CLOEXEC */
#endif
#include "base/descriptor.h"

#ifdef _WIN32 /* sockets there have no descriptors */

bool descriptor_standard_error_is_open(void)
{
    return true;
}

int descriptor_above_standard(int descriptor)
{
    return descriptor;
}

void descriptor_reserve_standard(struct standard_descriptors *standard)
{
    standard->count = 0;
}

void descriptor_release_standard(const struct standard_descriptors *standard)
{
    (void)standard;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool descriptor_standard_error_is_open(void)
{
    return fcntl(STDERR_FILENO, F_GETFD) >= 0;
}

int descriptor_above_standard(int descriptor)
{
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return moved;
}

/* A new descriptor gets the lowest free number (POSIX.1-2017 section 2.14). */
void descriptor_reserve_standard(struct standard_descriptors *standard)
{
    standard->count = 0;
    for (;;) {
        int descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (descriptor >= 0 && descriptor <= STDERR_FILENO) {
            standard->taken[standard->count++] = descriptor;
            continue;
        }
        if (descriptor >= 0)
            close(descriptor);
        return;
    }
}

void descriptor_release_standard(const struct standard_descriptors *standard)
{
    for (int i = 0; i < standard->count; i++)
        close(standard->taken[i]);
}

#endif
