/* The names of an object's members, checked against its schema. */
#ifndef VAULT_JSON_JSON_FIELD_H
#define VAULT_JSON_JSON_FIELD_H

#include "api/schema.h"
#include "base/status.h"
#include "json/json_path.h"

/* The field of that name, or NULL. */
const struct schema_field *json_field_find(const struct schema *schema, const char *name,
                                           size_t length);
/* Whether a field that the schema does not know may pass: new fields of the API
 * must, mistakes must not. After STATUS_CODE_INVALID the message says what was
 * meant. */
struct status json_field_check(struct buffer *message, const struct schema *schema,
                               const struct json_path *path);

#endif
