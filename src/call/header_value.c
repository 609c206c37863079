#include "call/header_value.h"

#include "base/count.h"
#include "call/error.h"
#include "http/header_list.h"

#include <string.h>

void header_value_push(lua_State *L, const char *path)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "%s: expected a string, got %s", path, error_type_name(L, -1));
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (!header_value_is_valid(text, length))
        error_invalid(L, "%s: is sent in a header, so it must be UTF-8 without control characters",
                      path);
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    lua_pushlstring(L, text, length);
}

/* The length of the blank character at the start of the text, or 0: those with Unicode's property
 * White_Space that are valid in a header, and U+200B to U+200F, U+2060 and U+FEFF, which have no
 * width. */
static size_t blank_length(const char *text, size_t length)
{
    static const char *const blanks[] = {
        "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
        "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF",
    };
    if (text[0] == ' ' || text[0] == '\t')
        return 1;
    if (length >= 3 && memcmp(text, "\xE2\x80", 2) == 0 && (unsigned char)text[2] <= 0x8F)
        return 3;
    for (size_t i = 0; i < COUNT(blanks); i++) {
        size_t size = strlen(blanks[i]);
        if (length >= size && memcmp(text, blanks[i], size) == 0)
            return size;
    }
    return 0;
}

bool header_value_is_blank(const char *text, size_t length)
{
    while (length > 0) {
        size_t blank = blank_length(text, length);
        if (blank == 0)
            return false;
        text += blank;
        length -= blank;
    }
    return true;
}

void header_value_push_nonblank(lua_State *L, const char *path, const char *advice)
{
    header_value_push(L, path);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (header_value_is_blank(text, length))
        error_invalid(L, "%s: must not be empty or blank%s", path, advice);
}
