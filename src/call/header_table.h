/* Header fields as Lua sees them: a table from lower-case name to value. */
#ifndef VAULT_CALL_HEADER_TABLE_H
#define VAULT_CALL_HEADER_TABLE_H

#include "http/header_list.h"
#include "lua_api/compat.h"

/* Pushes the table. Fields of one name are joined by ", " (RFC 9110 5.3). */
void header_table_push(lua_State *L, const struct header_list *headers);
/* Replaces the list by the table at `index`; raises InvalidRequestError for
 * what cannot be a header. `path` names the table in the message. */
void header_table_read(lua_State *L, int index, struct header_list *headers, const char *path);

/* Sets one header from the name at -2 and the value at -1 (left in place), after
 * checks. false or an empty text takes it out of the list. With `overriding` the
 * list is to be applied to another one: what is taken out stays as a field
 * without a value, and whom a request acts for must not be empty. */
void header_table_set_field(lua_State *L, struct header_list *headers, const char *path,
                            bool overriding);

#endif
