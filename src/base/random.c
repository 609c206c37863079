#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* getentropy */
#endif
#include "base/random.h"

#ifdef _WIN32

/* RtlGenRandom of ntsecapi.h, under its name in advapi32.dll. */
unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

bool random_bytes(void *bytes, size_t length)
{
    return SystemFunction036(bytes, (unsigned long)length) != 0;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

/* For hosts whose seccomp filter forbids the system call. */
static bool read_device(unsigned char *bytes, size_t length)
{
    int device = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (device < 0)
        return false;
    size_t total = 0;
    while (total < length) {
        ssize_t count = read(device, bytes + total, length - total);
        if (count == 0 || (count < 0 && errno != EINTR))
            break;
        total += count > 0 ? (size_t)count : 0;
    }
    close(device);
    return total == length;
}

bool random_bytes(void *bytes, size_t length)
{
    return getentropy(bytes, length) == 0 || read_device(bytes, length);
}

#endif
