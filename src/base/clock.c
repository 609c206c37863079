#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "base/clock.h"

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
    /* In parts that time_t can hold, as the duration may be longer, or infinite. */
    const double longest = 86400e3;
    double end = clock_monotonic_ms() + milliseconds;
    double left = milliseconds;
    while (left > 0) {
        double part = left < longest ? left : longest;
        struct timespec rest = {.tv_sec = (time_t)(part / 1e3)};
        rest.tv_nsec = (long)((part - (double)rest.tv_sec * 1e3) * 1e6);
        nanosleep(&rest, NULL);
        left = end - clock_monotonic_ms();
    }
}
