#include "json/json_quote.h"

#include "json/json_string.h"

#include <string.h>

/* Appends the escape for a byte that must not be plain in a string: RFC 8259 section 7. */
static bool append_escape(struct buffer *out, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: a byte, then its letter */
    for (const char *byte = letters; *byte != '\0'; byte += 2) {
        if (*byte == c)
            return buffer_append_char(out, '\\') && buffer_append_char(out, byte[1]);
    }
    const char escape[] = {'\\', 'u', '0', '0', hex[(unsigned char)c >> 4], hex[c & 0xF]};
    return buffer_append(out, escape, sizeof escape);
}

/* Appends the text in quotes without escapes. */
static bool append_plain(struct buffer *out, const char *text, size_t length)
{
    if (!buffer_reserve(out, length + 2))
        return false;
    char *to = out->data + out->length;
    to[0] = '"';
    memcpy(to + 1, text, length);
    to[length + 1] = '"';
    to[length + 2] = '\0';
    out->length += length + 2;
    return true;
}

bool json_quote(struct buffer *out, const char *text, size_t length, bool *valid)
{
    const char *end = text + length;
    const char *stop = json_string_scan(text, end);
    *valid = true;
    if (stop == end)
        return append_plain(out, text, length);
    if (!buffer_append_char(out, '"'))
        return false;
    for (; stop < end; stop = json_string_scan(text, end)) {
        *valid = (unsigned char)*stop < 0x80;
        if (!*valid || !buffer_append(out, text, (size_t)(stop - text)) ||
            !append_escape(out, *stop))
            return false;
        text = stop + 1;
    }
    return buffer_append(out, text, (size_t)(end - text)) && buffer_append_char(out, '"');
}
