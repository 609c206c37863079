/* Header fields as Lua tables: lower-case name → value. */
#ifndef VAULT_CALL_HEADER_TABLE_H
#define VAULT_CALL_HEADER_TABLE_H

#include "http/header_list.h"
#include "lua_api/compat.h"

/* Pushes the headers as a table. Fields of one name are joined by ", " (RFC 9110 5.3). */
void header_table_push(lua_State *L, const struct header_list *headers);
/* Replaces the list by the headers of the table at `index`; raises InvalidRequestError for an
 * invalid header. `path` names the table in messages. */
void header_table_read(lua_State *L, int index, struct header_list *headers, const char *path);

/* Checks and sets the header with the name at -2 and the value at -1, which stay on the stack.
 * false or "" removes it. With `overriding` the list holds changes to another list: a removed
 * header stays in it with an empty value, and headers that say who calls must not be blank. */
void header_table_set_field(lua_State *L, struct header_list *headers, const char *path,
                            bool overriding);

#endif
