/* A growable array of bytes, followed by a NUL that is not counted.
 *
 * Functions that may allocate return false if memory is short, and leave the buffer unchanged. The
 * zero value is an empty buffer. Its owner calls buffer_free. */
#ifndef VAULT_BASE_BUFFER_H
#define VAULT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* NULL until something is appended */
    size_t length;
    size_t capacity;
};

/* Reserves room for `extra` more bytes and the NUL. */
bool buffer_reserve(struct buffer *buffer, size_t extra);
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);
bool buffer_append_string(struct buffer *buffer, const char *string);
bool buffer_append_char(struct buffer *buffer, char c);
/* Clears the content, but keeps the memory. */
void buffer_clear(struct buffer *buffer);
/* As buffer_clear, but overwrites the memory first. For keys and tokens. */
void buffer_wipe(struct buffer *buffer);
/* Wipes and frees the memory; the buffer is the zero value again. */
void buffer_free(struct buffer *buffer);
/* The content as a C string; "" if the buffer is empty. */
const char *buffer_string(const struct buffer *buffer);

#endif
