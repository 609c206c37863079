/* What vault.new and the options of a call accept, and what each field means.
 */
#ifndef VAULT_LUA_CONFIG_H
#define VAULT_LUA_CONFIG_H

#include "call/client_state.h"

/* Reads a client's configuration at `index` (0 or nil for none) and the
 * environment; `values` is the stack index of the client's uservalue table. */
void config_read_client(lua_State *L, int index, struct client *client, int values);
/* Reads the options of one call over its client's settings. */
/* `asynchronous`: a callback may be among them. */
void config_read_call(lua_State *L, int index, struct call_settings *settings, bool asynchronous);

#endif
