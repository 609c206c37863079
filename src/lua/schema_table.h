/* The operation rows and body schemas as Lua tables, for whatever documents,
 * checks or imitates the API: require "vault.schema". */
#ifndef VAULT_LUA_SCHEMA_TABLE_H
#define VAULT_LUA_SCHEMA_TABLE_H

#include "lua_api/compat.h"

/* Pushes { operations = { row, ... }, schemas = { [name] = schema } }. */
void schema_table_push(lua_State *L);

#endif
