/* Numbers as JSON writes them (RFC 8259 section 6), read and written without
 * regard to the locale: hosts call setlocale, and then strtod and printf use
 * the decimal point of a country. */
#ifndef VAULT_JSON_JSON_NUMBER_H
#define VAULT_JSON_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_number {
    bool is_integer; /* the value is integral and fits 64 bits */
    int64_t integer; /* when is_integer: exact */
    double real;     /* always: the nearest double, or an infinity beyond them */
};

/* Reads the number that starts at `text`, which must end in a byte that is no
 * part of one (the NUL after the document at the latest). Returns its end, or
 * NULL where no number starts. */
const char *json_number_read(const char *text, struct json_number *number);

/* Room for any number below, with a NUL. */
enum { JSON_NUMBER_SIZE = 32 };

/* Both write the number, without a NUL, and return its length. */
size_t json_integer_write(int64_t integer, char bytes[JSON_NUMBER_SIZE]);
/* An integral value below 2^53 as integer digits, any other in the shortest form
 * that reads back the same. `real` must be finite. */
size_t json_real_write(double real, char bytes[JSON_NUMBER_SIZE]);

#endif
