/* Reads the configuration of a client and the options of a call. */
#ifndef VAULT_LUA_CONFIG_H
#define VAULT_LUA_CONFIG_H

#include "call/client_state.h"

/* Reads the configuration of a client at `index` (0 or nil: none) and the environment. `values` is
 * the stack index of the client's uservalue table. */
void config_read_client(lua_State *L, int index, struct client *client, int values);
/* Reads the options of one call; they override its client's settings. */
/* `asynchronous`: the option `callback` is allowed. */
void config_read_call(lua_State *L, int index, struct call_settings *settings, bool asynchronous);

#endif
