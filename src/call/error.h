/* Error objects: every error of this module is a table with this metatable. */
#ifndef VAULT_CALL_ERROR_H
#define VAULT_CALL_ERROR_H

#include "base/status.h"
#include "lua_api/compat.h"

#include <stdbool.h>

#define ERROR_API "APIError"
#define ERROR_VALIDATION "ResponseValidationError"
#define ERROR_CONNECTION "ConnectionError"
#define ERROR_TIMEOUT "RequestTimeoutError"
#define ERROR_ABORTED "RequestAbortedError"
#define ERROR_INVALID "InvalidRequestError"
#define ERROR_SIGNATURE "InvalidSignatureError"
#define ERROR_UNEXPECTED "UnexpectedClientError"

/* What error_no_memory raises, and Lua itself (its ldo.c). */
#define ERROR_NO_MEMORY "not enough memory"

/* Creates the metatable. Called by luaopen. */
void error_open(lua_State *L);
/* Pops a message and pushes the error object { name, message }. */
void error_new(lua_State *L, const char *name);
/* Pops a text that tostring appends to the message of the error object at `index`, without the part
 * that repeats the message. */
void error_set_remark(lua_State *L, int index);
/* Whether the value is an error object of this module. */
bool error_is(lua_State *L, int index);
/* The name of the error for an HTTP status of 300 or more. */
const char *error_name_of_status(int status);
/* Raises the value on top of the stack, and first removes the function's other values. Never
 * returns; the type allows `return error_raise(L)`. */
_Noreturn int error_raise(lua_State *L);
/* Raises InvalidRequestError; the format is lua_pushfstring's. Never returns. */
_Noreturn int error_invalid(lua_State *L, const char *format, ...);
/* Raises the same error as Lua when memory is short. */
_Noreturn int error_no_memory(lua_State *L);
/* The same unless it succeeded: of functions that return "false: no memory". */
void error_require_memory(lua_State *L, bool succeeded);
/* Raises "what: message" as InvalidRequestError, or Lua's memory error, unless it is OK. */
void error_check_status(lua_State *L, struct status status, const char *what);
/* The type of the value for messages: "null" for vault.null, else Lua's name with its article. */
const char *error_type_name(lua_State *L, int index);
/* vault.is_error(value [, name]) */
int error_is_error(lua_State *L);

#endif
