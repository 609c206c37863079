/* Other spellings of a secret: a server may repeat a value in a JSON string, a URL or an HTML
 * page. */
#include "redact/secret_set.h"

#include "base/ascii.h"
#include "base/count.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static bool append_unit(struct buffer *out, unsigned unit)
{
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", unit & 0xFFFFU);
    return buffer_append_string(out, escape);
}

/* The code point of a valid character of `length` bytes. */
static unsigned code_point(const char *text, size_t length)
{
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned code = (unsigned char)text[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3FU);
    return code;
}

static bool append_escaped_character(struct buffer *out, unsigned code)
{
    if (code < 0x10000)
        return append_unit(out, code);
    code -= 0x10000;
    return append_unit(out, 0xD800 + (code >> 10)) && append_unit(out, 0xDC00 + (code & 0x3FF));
}

struct json_style {
    bool slashes;   /* \/ as PHP's json_encode writes */
    bool non_ascii; /* \u00e9 as Python's json.dumps writes */
};

static bool append_json_byte(struct buffer *out, char c, const struct json_style *style)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: a byte, then its letter */
    if (c == '/' && style->slashes)
        return buffer_append_string(out, "\\/");
    for (const char *byte = letters; *byte != '\0'; byte += 2)
        if (*byte == c)
            return buffer_append_char(out, '\\') && buffer_append_char(out, byte[1]);
    if ((unsigned char)c < 0x20)
        return append_unit(out, (unsigned char)c);
    return buffer_append_char(out, c);
}

static bool append_json(struct buffer *out, const char *text, size_t length,
                        const struct json_style *style)
{
    for (size_t i = 0; i < length;) {
        bool valid;
        size_t size = utf8_character_length(text + i, length - i, &valid);
        bool appended = size > 1 && valid && style->non_ascii
                            ? append_escaped_character(out, code_point(text + i, size))
                        : size > 1 || !valid ? buffer_append(out, text + i, size)
                                             : append_json_byte(out, text[i], style);
        if (!appended)
            return false;
        i += size;
    }
    return true;
}

static bool is_unreserved(char c)
{
    return ascii_is_alphanumeric(c) || (c != '\0' && strchr("-_.!~*'()", c) != NULL);
}

static bool append_percent(struct buffer *out, const char *text, size_t length, const char *digits,
                           bool plus)
{
    for (size_t i = 0; i < length; i++) {
        unsigned byte = (unsigned char)text[i];
        char encoded[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        bool appended = plus && text[i] == ' '   ? buffer_append_char(out, '+')
                        : is_unreserved(text[i]) ? buffer_append_char(out, text[i])
                                                 : buffer_append(out, encoded, sizeof encoded);
        if (!appended)
            return false;
    }
    return true;
}

static bool append_html(struct buffer *out, const char *text, size_t length)
{
    static const char *const entities[] = {"&&amp;", "<&lt;", ">&gt;", "\"&quot;", "'&#39;"};
    for (size_t i = 0; i < length; i++) {
        const char *entity = NULL;
        for (size_t j = 0; j < COUNT(entities); j++)
            if (entities[j][0] == text[i])
                entity = entities[j] + 1;
        if (!(entity != NULL ? buffer_append_string(out, entity)
                             : buffer_append_char(out, text[i])))
            return false;
    }
    return true;
}

enum spelling {
    JSON_PLAIN,
    JSON_SLASHES,
    JSON_ASCII,
    PERCENT_UPPER,
    PERCENT_LOWER,
    PERCENT_PLUS,
    HTML,
    SPELLINGS
};

static bool append_spelling(struct buffer *out, enum spelling spelling, const char *text,
                            size_t length)
{
    switch (spelling) {
    case JSON_PLAIN:
        return append_json(out, text, length, &(struct json_style){false, false});
    case JSON_SLASHES:
        return append_json(out, text, length, &(struct json_style){true, false});
    case JSON_ASCII:
        return append_json(out, text, length, &(struct json_style){false, true});
    case PERCENT_UPPER:
        return append_percent(out, text, length, "0123456789ABCDEF", false);
    case PERCENT_LOWER:
        return append_percent(out, text, length, "0123456789abcdef", false);
    case PERCENT_PLUS:
        return append_percent(out, text, length, "0123456789ABCDEF", true);
    case HTML:
        return append_html(out, text, length);
    case SPELLINGS:
        break;
    }
    return true;
}

bool secret_set_add_spellings(struct secret_set *set, const char *text, size_t length,
                              struct buffer *scratch)
{
    if (length < SECRET_SHORTEST)
        return true;
    if (!secret_set_add(set, text, length))
        return false;
    size_t plain = 0;
    while (plain < length && is_unreserved(text[plain]) && text[plain] != '\'')
        plain++;
    if (plain == length) /* every spelling is the same */
        return true;
    for (enum spelling spelling = JSON_PLAIN; spelling < SPELLINGS; spelling++) {
        buffer_wipe(scratch);
        if (!append_spelling(scratch, spelling, text, length))
            return false;
        bool same = scratch->length == length && memcmp(scratch->data, text, length) == 0;
        if (!same && !secret_set_add(set, scratch->data, scratch->length))
            return false;
    }
    return true;
}
