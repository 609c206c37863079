#include "base/utf8.h"

#include <string.h>

/* The bytes that may follow a lead byte, by the ABNF of UTF8-octets in RFC 3629 section 4. Only the
 * range of the second byte varies. */
struct lead {
    size_t length; /* 0: no character starts with this byte */
    unsigned char second_low, second_high;
};

static struct lead lead_of(unsigned char byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){2, 0x80, 0xBF};
    if (byte == 0xE0)
        return (struct lead){3, 0xA0, 0xBF};
    if (byte == 0xED)
        return (struct lead){3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF)
        return (struct lead){3, 0x80, 0xBF};
    if (byte == 0xF0)
        return (struct lead){4, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3)
        return (struct lead){4, 0x80, 0xBF};
    if (byte == 0xF4)
        return (struct lead){4, 0x80, 0x8F};
    return (struct lead){0, 0, 0};
}

size_t utf8_character_length(const char *text, size_t length, bool *valid)
{
    const unsigned char *bytes = (const unsigned char *)text;
    *valid = true;
    if (bytes[0] < 0x80)
        return 1;
    struct lead lead = lead_of(bytes[0]);
    *valid = false;
    if (lead.length == 0 || length < 2 || bytes[1] < lead.second_low || bytes[1] > lead.second_high)
        return 1;
    for (size_t i = 2; i < lead.length; i++) {
        if (i == length || (bytes[i] & 0xC0) != 0x80)
            return i;
    }
    *valid = true;
    return lead.length;
}

static size_t ascii_length(const char *text, size_t length)
{
    size_t i = 0;
    for (; length - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < length && (unsigned char)text[i] < 0x80)
        i++;
    return i;
}

size_t utf8_valid_length(const char *text, size_t length)
{
    size_t i = 0;
    for (;;) {
        i += ascii_length(text + i, length - i);
        if (i == length)
            return length;
        bool valid;
        size_t character = utf8_character_length(text + i, length - i, &valid);
        if (!valid)
            return i;
        i += character;
    }
}

size_t utf8_encode(uint32_t code_point, char bytes[4])
{
    unsigned char lead;
    size_t length;
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        lead = 0xC0;
        length = 2;
    } else if (code_point < 0x10000) {
        lead = 0xE0;
        length = 3;
    } else {
        lead = 0xF0;
        length = 4;
    }
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    bytes[0] = (char)(lead | code_point);
    return length;
}
