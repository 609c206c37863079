/* Header fields as Lua sees them: a table from lower-case name to value. */
#ifndef VAULT_CALL_HEADER_TABLE_H
#define VAULT_CALL_HEADER_TABLE_H

#include "lua_api/compat.h"
#include "http/header_list.h"

/* Pushes the table. Fields of one name are joined by ", " (RFC 9110 5.3). */
void header_table_push(lua_State *L, const struct header_list *headers);
/* Replaces the list by the table at `index`; raises InvalidRequestError for
 * what cannot be a header. `path` names the table in the message. */
void header_table_read(lua_State *L, int index, struct header_list *headers, const char *path);

#endif
