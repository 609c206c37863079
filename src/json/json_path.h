/* The path of a value in a request, for messages: "connection.configuration[2].resource". */
#ifndef VAULT_JSON_JSON_PATH_H
#define VAULT_JSON_JSON_PATH_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* One step. The steps of a path are linked to their parents and are on the C stack. */
struct json_path {
    const struct json_path *parent; /* NULL: this is the top value, named `name` */
    const char *name;               /* NULL: the step is a position */
    size_t name_length;
    size_t position;   /* from 1 */
    const void *table; /* the table at this step, to detect cycles */
};

/* Appends the path. Names that are not identifiers are in brackets and quotes, long names are cut,
 * and control characters become question marks, as the text is for messages and logs. False: no
 * memory. */
bool json_path_append(struct buffer *buffer, const struct json_path *path);

#endif
