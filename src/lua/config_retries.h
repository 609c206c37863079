/* The options `retries` and `retry_codes`. */
#ifndef VAULT_LUA_CONFIG_RETRIES_H
#define VAULT_LUA_CONFIG_RETRIES_H

#include "lua/option_reader.h"

/* Read the value on top of the stack; see `struct option`. */
void config_read_retries(lua_State *L, const struct option_target *target, const char *path);
void config_read_retry_codes(lua_State *L, const struct option_target *target, const char *path);

#endif
