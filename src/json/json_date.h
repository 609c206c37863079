/* Moments in time as RFC 3339 writes them, without the process's time zone,
 * locale or static buffers. */
#ifndef VAULT_JSON_JSON_DATE_H
#define VAULT_JSON_JSON_DATE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for 2020-01-01T00:00:00.123Z and a NUL. */
enum { JSON_DATE_SIZE = 28 };

/* Writes the moment, given in seconds since the epoch and kept to the millisecond, in UTC; without
 * a NUL. */
struct status json_date_write(double seconds, char bytes[JSON_DATE_SIZE], size_t *length);
/* Whether the text is a number, of milliseconds rather than seconds. */
bool json_date_is_milliseconds(const char *text, size_t length);

#endif
