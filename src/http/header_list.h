/* A list of HTTP header fields, in order, with names in lower case.
 *
 * All fields are in one buffer, each as a NUL-terminated line "name: value", the format that
 * libcurl takes. */
#ifndef VAULT_HTTP_HEADER_LIST_H
#define VAULT_HTTP_HEADER_LIST_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct header_list {
    struct buffer lines;
    size_t count;
};

struct header {
    const char *line; /* "name: value" */
    size_t name_length;
    const char *value;
    size_t value_length;
};

/* Appends a field without the leading and trailing spaces and tabs of its value (RFC 9110 section
 * 5.5). False: no memory. */
bool header_list_add(struct header_list *list, const char *name, size_t name_length,
                     const char *value, size_t value_length);
/* Appends to the value of the last field. */
bool header_list_fold(struct header_list *list, const char *value, size_t value_length);
/* Replaces all fields of that name; an empty value removes them. */
bool header_list_set(struct header_list *list, const char *name, const char *value,
                     size_t value_length);
bool header_list_copy(struct header_list *list, const struct header_list *from);
void header_list_clear(struct header_list *list);
void header_list_free(struct header_list *list);

/* Iterates over the list: start with *position = 0; false at the end. */
bool header_list_next(const struct header_list *list, size_t *position, struct header *header);
/* Finds the first field of that (lower-case) name. */
bool header_list_find(const struct header_list *list, const char *name, struct header *header);

/* RFC 9110 section 5.1: a field name is a token. */
bool header_name_is_valid(const char *name, size_t length);
/* Whether the value is valid UTF-8 without control characters, so that it cannot end the line (RFC
 * 9110 section 5.5, and stricter). */
bool header_value_is_valid(const char *value, size_t length);

#endif
