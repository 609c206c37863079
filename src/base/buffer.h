/* A growable run of bytes, always followed by a NUL that is not counted.
 *
 * Allocation failure is reported, never fatal: every function that may grow
 * returns false and leaves the buffer as it was. The zero value is an empty
 * buffer; whoever declares one owns it and calls buffer_free. */
#ifndef VAULT_BASE_BUFFER_H
#define VAULT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* NULL until something was appended */
    size_t length;
    size_t capacity;
};

/* Makes room for `extra` more bytes (and the NUL). */
bool buffer_reserve(struct buffer *buffer, size_t extra);
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);
bool buffer_append_string(struct buffer *buffer, const char *string);
bool buffer_append_char(struct buffer *buffer, char c);
/* Forgets the content, keeps the memory. */
void buffer_clear(struct buffer *buffer);
/* As buffer_clear, and overwrites the memory first: for keys and tokens. */
void buffer_wipe(struct buffer *buffer);
/* Wipes all of the memory, and frees it; the buffer is the zero value again. */
void buffer_free(struct buffer *buffer);
/* The content as a C string; "" when nothing was appended yet. */
const char *buffer_string(const struct buffer *buffer);

#endif
