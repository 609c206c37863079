/* Where in a request a value is: "connection.configuration[2].resource". */
#ifndef VAULT_JSON_JSON_PATH_H
#define VAULT_JSON_JSON_PATH_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* One step; the frames of a walk are linked upwards and live on the C stack. */
struct json_path {
    const struct json_path *parent; /* NULL: the top value, whose name `name` is */
    const char *name;               /* NULL: a position */
    size_t name_length;
    size_t position;   /* from 1 */
    const void *table; /* the table found there, to tell a cycle */
};

/* Names that are no identifiers stand in brackets and quotes, long ones are cut,
 * and what would not print is a question mark: the text goes into messages and
 * logs. Returns false when memory is short. */
bool json_path_append(struct buffer *buffer, const struct json_path *path);

#endif
