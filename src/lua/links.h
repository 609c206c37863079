/* What a back end needs to send a user to Apideck and to take him back: links,
 * nonces, the script of the page that he returns to. */
#ifndef VAULT_LUA_LINKS_H
#define VAULT_LUA_LINKS_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* Sets authorize_url, revoke_url, nonce, secure_compare, confirm_script and
 * confirm_script_hash in the module on the stack's top. With `safe` the functions
 * return nil, err where they raise. */
void links_register(lua_State *L, bool safe);

#endif
