#include "json/json_string.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "lua_api/compat.h"

enum { REPLACEMENT_CHARACTER = 0xFFFD };

void json_scratch_open(lua_State *L, struct json_scratch *scratch)
{
    lua_pushnil(L);
    scratch->slot = lua_gettop(L);
    scratch->data = scratch->local;
    scratch->capacity = sizeof scratch->local;
    scratch->length = 0;
}

static void append_to_scratch(lua_State *L, struct json_scratch *scratch, const char *bytes,
                              size_t length)
{
    if (length > scratch->capacity - scratch->length) {
        /* Cannot overflow: the result is at most three times as long as the text. */
        size_t capacity = (scratch->length + length) * 2;
        char *data = lua_newuserdata(L, capacity);
        memcpy(data, scratch->data, scratch->length);
        lua_replace(L, scratch->slot);
        scratch->data = data;
        scratch->capacity = capacity;
    }
    memcpy(scratch->data + scratch->length, bytes, length);
    scratch->length += length;
}

/* Reads the character of \uXXXX, with digits at *p, and of a low surrogate after it; moves *p past
 * them. A lone surrogate becomes U+FFFD. Returns -1 if the escape is malformed. Stops at the NUL
 * after the text, which is not a digit. */
static int32_t read_unicode_escape(const char **p)
{
    int32_t unit = hex_unit(*p);
    if (unit < 0)
        return -1;
    *p += 4;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit > 0xDBFF || (*p)[0] != '\\' || (*p)[1] != 'u')
        return REPLACEMENT_CHARACTER;
    int32_t low = hex_unit(*p + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return REPLACEMENT_CHARACTER;
    *p += 6;
    return 0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00);
}

/* The byte for the letter of an escape, or NUL. */
static char escaped_byte(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* Appends the character of the escape at `p` (after its backslash); returns its end, or NULL. */
static const char *read_escape(lua_State *L, struct json_scratch *scratch, const char *p)
{
    char bytes[4];
    if (*p != 'u') {
        bytes[0] = escaped_byte(*p);
        if (bytes[0] == '\0')
            return NULL;
        append_to_scratch(L, scratch, bytes, 1);
        return p + 1;
    }
    p++;
    int32_t character = read_unicode_escape(&p);
    if (character < 0)
        return NULL;
    append_to_scratch(L, scratch, bytes, utf8_encode((uint32_t)character, bytes));
    return p;
}

const char *json_string_character(const char *p, const char *end)
{
    bool valid;
    size_t length = utf8_character_length(p, (size_t)(end - p), &valid);
    return valid ? p + length : p;
}

const char *json_string_read(lua_State *L, struct json_scratch *scratch, const char *start,
                             const char *p, const char *end, struct status *status,
                             const char **error_at)
{
    scratch->length = 0;
    for (;;) {
        append_to_scratch(L, scratch, start, (size_t)(p - start));
        *error_at = p;
        if (*p == '"') {
            lua_pushlstring(L, scratch->data, scratch->length);
            return p + 1;
        }
        if (*p == '\\') {
            p = read_escape(L, scratch, p + 1);
            if (p == NULL) {
                *status = status_invalid("malformed escape in a string");
                return NULL;
            }
        } else if ((unsigned char)*p < 0x20) {
            *status =
                status_invalid(p == end ? "unterminated string" : "control character in a string");
            return NULL;
        } else {
            bool valid;
            p += utf8_character_length(p, (size_t)(end - p), &valid);
            append_to_scratch(L, scratch, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
        }
        start = p;
        p = json_string_scan(p, end);
    }
}
