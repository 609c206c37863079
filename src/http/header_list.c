#include "http/header_list.h"

#include "base/ascii.h"
#include "base/utf8.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **value, size_t *length)
{
    while (*length > 0 && is_blank((*value)[0])) {
        (*value)++;
        (*length)--;
    }
    while (*length > 0 && is_blank((*value)[*length - 1]))
        (*length)--;
}

bool header_list_add(struct header_list *list, const char *name, size_t name_length,
                     const char *value, size_t value_length)
{
    trim(&value, &value_length);
    struct buffer *lines = &list->lines;
    if (!buffer_reserve(lines, name_length + value_length + 3))
        return false;
    for (size_t i = 0; i < name_length; i++)
        lines->data[lines->length++] = ascii_lower(name[i]);
    if (!buffer_append(lines, ": ", 2) || !buffer_append(lines, value, value_length) ||
        !buffer_append_char(lines, '\0'))
        return false;
    list->count++;
    return true;
}

bool header_list_fold(struct header_list *list, const char *value, size_t value_length)
{
    trim(&value, &value_length);
    struct buffer *lines = &list->lines;
    if (list->count == 0 || value_length == 0)
        return true;
    if (!buffer_reserve(lines, value_length + 1))
        return false;
    char *end = lines->data + lines->length - 1; /* the NUL of the last line */
    if (end[-1] == ' ')                          /* the value so far is empty: "name: " */
        lines->length--;
    else
        *end = ' ';
    return buffer_append(lines, value, value_length) && buffer_append_char(lines, '\0');
}

bool header_list_next(const struct header_list *list, size_t *position, struct header *header)
{
    if (*position >= list->lines.length)
        return false;
    const char *line = list->lines.data + *position;
    size_t length = strlen(line);
    const char *colon = memchr(line, ':', length);
    /* Text after a NUL in a value is not a field: treat it as a name. */
    bool is_field = colon != NULL && line + length - colon >= 2;
    header->line = line;
    header->name_length = is_field ? (size_t)(colon - line) : length;
    header->value = is_field ? colon + 2 : line + length;
    header->value_length = (size_t)(line + length - header->value);
    *position += length + 1;
    return true;
}

static bool is_named(const struct header *header, const char *name)
{
    size_t length = strlen(name);
    if (header->name_length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (header->line[i] != ascii_lower(name[i]))
            return false;
    return true;
}

bool header_list_find(const struct header_list *list, const char *name, struct header *header)
{
    for (size_t position = 0; header_list_next(list, &position, header);)
        if (is_named(header, name))
            return true;
    return false;
}

static void remove_named(struct header_list *list, const char *name)
{
    struct header header;
    for (size_t position = 0; header_list_next(list, &position, &header);) {
        if (!is_named(&header, name))
            continue;
        char *line = list->lines.data + (header.line - list->lines.data);
        size_t length = header.name_length + 2 + header.value_length + 1;
        char *end = list->lines.data + list->lines.length;
        memmove(line, line + length, (size_t)(end - line) - length);
        list->lines.length -= length;
        list->count--;
        position -= length;
    }
}

bool header_list_set(struct header_list *list, const char *name, const char *value,
                     size_t value_length)
{
    remove_named(list, name);
    return value_length == 0 || header_list_add(list, name, strlen(name), value, value_length);
}

bool header_list_copy(struct header_list *list, const struct header_list *from)
{
    header_list_clear(list);
    if (!buffer_append(&list->lines, buffer_string(&from->lines), from->lines.length))
        return false;
    list->count = from->count;
    return true;
}

void header_list_clear(struct header_list *list)
{
    buffer_wipe(&list->lines);
    list->count = 0;
}

void header_list_free(struct header_list *list)
{
    buffer_free(&list->lines);
    list->count = 0;
}

bool header_name_is_valid(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool token =
            ascii_is_alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
        if (!token)
            return false;
    }
    return length > 0;
}

bool header_value_is_valid(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c < 0x20 || c == 0x7f)
            return false;
    }
    return utf8_valid_length(value, length) == length;
}
