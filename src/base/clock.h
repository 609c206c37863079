/* Clocks: a monotonic one for durations, the wall clock for dates. */
#ifndef VAULT_BASE_CLOCK_H
#define VAULT_BASE_CLOCK_H

/* Milliseconds since an unspecified time (CLOCK_MONOTONIC). */
double clock_monotonic_ms(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
double clock_unix_ms(void);
/* Sleeps for that long, even if signals arrive. */
void clock_sleep_ms(double milliseconds);

#endif
