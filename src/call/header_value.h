/* Checks header values of the program. The functions raise InvalidRequestError; `path` names the
 * value in messages. */
#ifndef VAULT_CALL_HEADER_VALUE_H
#define VAULT_CALL_HEADER_VALUE_H

#include "lua_api/compat.h"

#include <stdbool.h>
#include <stddef.h>

/* Checks the string on top of the stack, and pushes it without leading and trailing spaces. */
void header_value_push(lua_State *L, const char *path);
/* The same for values that say who calls. They must not be blank, so that an empty variable does
 * not make the call act for someone else. `advice` ends the message. */
void header_value_push_nonblank(lua_State *L, const char *path, const char *advice);
/* Whether the text has no visible character. */
bool header_value_is_blank(const char *text, size_t length);

#endif
