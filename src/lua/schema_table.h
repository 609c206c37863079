/* The operation rows and schemas as Lua tables, for programs that document, check or simulate the
 * API: require "vault.schema". */
#ifndef VAULT_LUA_SCHEMA_TABLE_H
#define VAULT_LUA_SCHEMA_TABLE_H

#include "lua_api/compat.h"

/* Pushes { operations = { row, ... }, schemas = { [name] = schema } }. */
void schema_table_push(lua_State *L);

#endif
