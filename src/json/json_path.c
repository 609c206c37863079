#include "json/json_path.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "json/json_number.h"

#include <stdint.h>
#include <string.h>

enum {
    LONGEST_NAME = 60, /* maximum of bytes shown of a name */
    STEPS_SHOWN = 8    /* steps shown at each end of a deep path */
};

static bool is_letter(char c)
{
    return ascii_is_letter(c) || c == '_';
}

static bool is_identifier(const char *name, size_t length)
{
    if (length == 0 || length > LONGEST_NAME || !is_letter(name[0]))
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!is_letter(name[i]) && !ascii_is_digit(name[i]))
            return false;
    }
    return true;
}

/* Control characters: C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F. */
static bool is_control(const char *character, size_t length)
{
    unsigned char byte = (unsigned char)character[0];
    if (length == 1)
        return byte < 0x20 || byte == 0x7F;
    return byte == 0xC2 && (unsigned char)character[1] < 0xA0;
}

static bool append_printable(struct buffer *buffer, const char *name, size_t length)
{
    size_t i = 0;
    while (i < length && i < LONGEST_NAME) {
        bool valid;
        size_t character = utf8_character_length(name + i, length - i, &valid);
        bool shown = valid && !is_control(name + i, character);
        bool quoted = name[i] == '"' || name[i] == '\\';
        if ((quoted && !buffer_append_char(buffer, '\\')) ||
            !buffer_append(buffer, shown ? name + i : "?", shown ? character : 1))
            return false;
        i += character;
    }
    return i == length || buffer_append_string(buffer, "...");
}

static bool append_step_name(struct buffer *buffer, const char *name, size_t length)
{
    return buffer_append_string(buffer, "[\"") && append_printable(buffer, name, length) &&
           buffer_append_string(buffer, "\"]");
}

static bool append_position(struct buffer *buffer, size_t position)
{
    char digits[JSON_NUMBER_SIZE];
    size_t length = json_integer_write((int64_t)position, digits);
    return buffer_append_char(buffer, '[') && buffer_append(buffer, digits, length) &&
           buffer_append_char(buffer, ']');
}

static bool append_step(struct buffer *buffer, const struct json_path *path)
{
    if (path->parent == NULL)
        return buffer_append(buffer, path->name, path->name_length);
    if (path->name == NULL)
        return append_position(buffer, path->position);
    if (!is_identifier(path->name, path->name_length))
        return append_step_name(buffer, path->name, path->name_length);
    return buffer_append_char(buffer, '.') && buffer_append(buffer, path->name, path->name_length);
}

static size_t depth_of(const struct json_path *path)
{
    size_t depth = 0;
    for (; path->parent != NULL; path = path->parent)
        depth++;
    return depth;
}

static const struct json_path *ancestor(const struct json_path *path, size_t levels)
{
    for (; levels > 0; levels--)
        path = path->parent;
    return path;
}

bool json_path_append(struct buffer *buffer, const struct json_path *path)
{
    const size_t shown = (size_t)STEPS_SHOWN * 2;
    size_t depth = depth_of(path);
    size_t hidden = depth >= shown ? depth + 1 - shown : 0;
    for (size_t i = 0; i <= depth; i++) {
        if (i == STEPS_SHOWN && hidden > 0) {
            if (!buffer_append_string(buffer, "[...]"))
                return false;
            i += hidden;
        }
        if (!append_step(buffer, ancestor(path, depth - i)))
            return false;
    }
    return true;
}
