/* The options that say what is tried again, and when. */
#ifndef VAULT_LUA_CONFIG_RETRIES_H
#define VAULT_LUA_CONFIG_RETRIES_H

#include "lua/options.h"

/* Readers of option rows, as of `struct option`. */
void config_read_retries(lua_State *L, const struct option_target *target, const char *path);
void config_read_retry_codes(lua_State *L, const struct option_target *target, const char *path);

#endif
