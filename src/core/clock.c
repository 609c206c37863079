#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "clock.h"

#include <errno.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double clock_monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double clock_unix_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_sleep_ms(double milliseconds)
{
    if (milliseconds <= 0)
        return;
    struct timespec rest = {.tv_sec = (time_t)(milliseconds / 1e3)};
    rest.tv_nsec = (long)((milliseconds - (double)rest.tv_sec * 1e3) * 1e6);
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
        continue;
}
