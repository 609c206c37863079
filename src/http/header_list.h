/* HTTP header fields, in order, names in lower case.
 *
 * Every field is kept as one NUL-terminated line "name: value", which is the
 * form libcurl takes, one after the other in one buffer. */
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

/* Appends; the value loses its outer spaces and tabs (RFC 9110 5.5). False: no
 * memory. */
bool header_list_add(struct header_list *list, const char *name, size_t name_length,
                     const char *value, size_t value_length);
/* Goes on with the value of the field that was added last. */
bool header_list_fold(struct header_list *list, const char *value, size_t value_length);
/* Replaces every field of that name; an empty value removes it. */
bool header_list_set(struct header_list *list, const char *name, const char *value,
                     size_t value_length);
bool header_list_copy(struct header_list *list, const struct header_list *from);
void header_list_clear(struct header_list *list);
void header_list_free(struct header_list *list);

/* Walks the list: start with *position = 0; false at the end. */
bool header_list_next(const struct header_list *list, size_t *position, struct header *header);
/* The first field of that (lower-case) name. */
bool header_list_find(const struct header_list *list, const char *name, struct header *header);

/* RFC 9110 5.1: a field name is a token. */
bool header_name_is_valid(const char *name, size_t length);
/* Valid UTF-8 without control characters: nothing that could end the line and
 * begin another (RFC 9110 5.5, and stricter). */
bool header_value_is_valid(const char *value, size_t length);

#endif
