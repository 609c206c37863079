#include "base/constant_time.h"

bool constant_time_equal(const void *a, const void *b, size_t length)
{
    const unsigned char *left = a, *right = b;
    /* Volatile, so that the compiler cannot end the loop at the first difference. */
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < length; i++)
        difference = (unsigned char)(difference | (left[i] ^ right[i]));
    return difference == 0;
}
