/* The values of header fields that a program gives. All raise InvalidRequestError; `path` names the
 * value in messages. */
#ifndef VAULT_CALL_HEADER_VALUE_H
#define VAULT_CALL_HEADER_VALUE_H

#include "lua_api/compat.h"

#include <stdbool.h>
#include <stddef.h>

/* A string that can stand in a header. Pushes it without outer spaces. */
void header_value_push(lua_State *L, const char *path);
/* The same for what says who calls, which must not be blank: nothing may act as
 * somebody else because a value was empty. `advice` ends the message. */
void header_value_push_nonblank(lua_State *L, const char *path, const char *advice);
/* Whether the text has no visible character. */
bool header_value_is_blank(const char *text, size_t length);

#endif
