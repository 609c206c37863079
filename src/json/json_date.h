/* Writes times as in RFC 3339, independent of the process's time zone, locale and static
 * buffers. */
#ifndef VAULT_JSON_JSON_DATE_H
#define VAULT_JSON_JSON_DATE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Enough for 2020-01-01T00:00:00.123Z and a NUL. */
enum { JSON_DATE_SIZE = 28 };

/* Writes the time, in seconds since the epoch, in UTC with milliseconds, without a NUL. */
struct status json_date_write(double seconds, char bytes[JSON_DATE_SIZE], size_t *length);
/* Whether the text is a number that must be milliseconds, not seconds. */
bool json_date_is_milliseconds(const char *text, size_t length);

#endif
