#include "base/buffer.h"

#include "base/wipe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MINIMUM_CAPACITY = 256 };

bool buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->data != NULL && extra < buffer->capacity - buffer->length)
        return true;
    if (extra > SIZE_MAX / 2 - buffer->length - 1)
        return false;
    size_t needed = buffer->length + extra + 1;
    size_t capacity = buffer->capacity < MINIMUM_CAPACITY ? MINIMUM_CAPACITY : buffer->capacity;
    while (capacity < needed)
        capacity *= 2;
    /* Not realloc, which could leave a copy of a key in freed memory. */
    char *data = malloc(capacity);
    if (data == NULL)
        return false;
    if (buffer->data != NULL)
        memcpy(data, buffer->data, buffer->length);
    data[buffer->length] = '\0';
    size_t length = buffer->length;
    buffer_free(buffer);
    buffer->data = data;
    buffer->length = length;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (!buffer_reserve(buffer, length))
        return false;
    if (length > 0)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool buffer_append_string(struct buffer *buffer, const char *string)
{
    return buffer_append(buffer, string, strlen(string));
}

bool buffer_append_char(struct buffer *buffer, char c)
{
    return buffer_append(buffer, &c, 1);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void buffer_wipe(struct buffer *buffer)
{
    wipe_memory(buffer->data, buffer->length);
    buffer_clear(buffer);
}

void buffer_free(struct buffer *buffer)
{
    /* The whole memory, as the content may have been longer before. */
    wipe_memory(buffer->data, buffer->capacity);
    free(buffer->data);
    *buffer = (struct buffer){0};
}

const char *buffer_string(const struct buffer *buffer)
{
    return buffer->data != NULL ? buffer->data : "";
}
