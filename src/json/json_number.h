/* Reads and writes JSON numbers (RFC 8259 section 6) independent of the locale: after a host calls
 * setlocale, strtod and printf may use another decimal point. */
#ifndef VAULT_JSON_JSON_NUMBER_H
#define VAULT_JSON_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_number {
    bool is_integer; /* the value is integral and fits 64 bits */
    int64_t integer; /* exact, if is_integer */
    double real;     /* always set: the nearest double, or an infinity */
};

/* Reads the number at `text`, which must be followed by a byte that is not part of a number (at the
 * end, the NUL). Returns its end, or NULL if there is no number. */
const char *json_number_read(const char *text, struct json_number *number);

/* Enough for any number below and a NUL. */
enum { JSON_NUMBER_SIZE = 32 };

/* Both write the number without a NUL and return its length. */
size_t json_integer_write(int64_t integer, char bytes[JSON_NUMBER_SIZE]);
/* An integral value below 2^53 is written as an integer, any other value in the shortest form that
 * reads back the same. `real` must be finite. */
size_t json_real_write(double real, char bytes[JSON_NUMBER_SIZE]);

#endif
