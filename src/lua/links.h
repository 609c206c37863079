/* For back ends that send users to Apideck to authorize a connection: links, nonces, and the script
 * of the page that they return to. */
#ifndef VAULT_LUA_LINKS_H
#define VAULT_LUA_LINKS_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* Sets authorize_url, revoke_url, nonce, secure_compare, confirm_script and confirm_script_hash in
 * the module on top of the stack. With `safe` the functions return nil, err instead of raising. */
void links_register(lua_State *L, bool safe);

#endif
