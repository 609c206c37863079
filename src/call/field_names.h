/* The names of the fields that a table may have, and the error for any other name. */
#ifndef VAULT_CALL_FIELD_NAMES_H
#define VAULT_CALL_FIELD_NAMES_H

#include "lua_api/compat.h"

#include <stdbool.h>

struct field_names {
    const char *(*at)(const void *set, size_t index); /* NULL after the last one */
    const void *set;
};

/* The `at` of a list of strings that ends with NULL. */
const char *field_names_of_list(const void *list, size_t index);

bool field_names_have(const struct field_names *names, const char *name);
/* Raises InvalidRequestError: "unknown field 'retries.backof'; did you mean 'retries.backoff'?" or,
 * if no name is near, "unknown field 'retries.x'; known are strategy, backoff". `prefix` precedes
 * the names ("retries."), `takes` the list ("known are"). */
_Noreturn void field_names_raise_unknown(lua_State *L, const struct field_names *names,
                                         const char *prefix, const char *name, const char *takes);

#endif
