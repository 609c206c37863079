/* Hexadecimal digits. */
#ifndef VAULT_BASE_HEX_H
#define VAULT_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a digit in either case, or -1. */
static inline int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Writes two lower-case digits a byte, without a NUL. */
void hex_write(const unsigned char *bytes, size_t count, char *digits);
/* Reads `count` bytes of two digits each; false: one is not a digit. */
bool hex_read(const char *digits, unsigned char *bytes, size_t count);

#endif
