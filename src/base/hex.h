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

/* The value of four digits, or -1; reads nothing after a character that is not one. */
static inline int hex_unit(const char *digits)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(digits[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Writes two lower-case digits a byte, without a NUL. */
void hex_write(const unsigned char *bytes, size_t count, char *digits);
/* Reads `count` bytes of two digits each; false: one is not a digit. */
bool hex_read(const char *digits, unsigned char *bytes, size_t count);

#endif
