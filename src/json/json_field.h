/* Checks the names of an object's members against its schema. */
#ifndef VAULT_JSON_JSON_FIELD_H
#define VAULT_JSON_JSON_FIELD_H

#include "api/schema.h"
#include "base/status.h"
#include "json/json_path.h"

/* Returns the field with that name, or NULL. */
const struct schema_field *json_field_find(const struct schema *schema, const char *name,
                                           size_t length);
/* Checks a field that is not in the schema: a new field of the API is accepted, a mistake is not.
 * After STATUS_CODE_INVALID the message names the field that was probably meant. */
struct status json_field_check(struct buffer *message, const struct schema *schema,
                               const struct json_path *path);

#endif
