/* Time: durations from a clock that is never set back, dates from the wall. */
#ifndef VAULT_BASE_CLOCK_H
#define VAULT_BASE_CLOCK_H

/* Milliseconds since some fixed moment (CLOCK_MONOTONIC). */
double clock_monotonic_ms(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
double clock_unix_ms(void);
/* Sleeps that long, whatever signals arrive meanwhile. */
void clock_sleep_ms(double milliseconds);

#endif
