/* The option `headers`: extra header fields. */
#ifndef VAULT_LUA_CONFIG_HEADERS_H
#define VAULT_LUA_CONFIG_HEADERS_H

#include "lua/option_reader.h"

/* Reads the table on top of the stack; see `struct option`. */
void config_read_headers(lua_State *L, const struct option_target *target, const char *path);

#endif
