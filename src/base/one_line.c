#include "base/one_line.h"

/* The length of the control character at `p`, or 0. */
static size_t control_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x20 || p[0] == 0x7F)
        return 1;
    if (left >= 2 && p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F)
        return 2;
    if (left >= 3 && p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9))
        return 3;
    return 0;
}

size_t one_line(char *text, size_t length)
{
    size_t to = 0;
    for (size_t from = 0; from < length;) {
        size_t control = control_length((const unsigned char *)text + from, length - from);
        text[to++] = control > 0 ? ' ' : text[from];
        from += control > 0 ? control : 1;
    }
    return to;
}
