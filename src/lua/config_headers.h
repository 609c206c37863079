/* The option `headers`. */
#ifndef VAULT_LUA_CONFIG_HEADERS_H
#define VAULT_LUA_CONFIG_HEADERS_H

#include "lua/options.h"

/* The option `headers`: the table on the stack's top. */
void config_read_headers(lua_State *L, const struct option_target *target, const char *path);

#endif
