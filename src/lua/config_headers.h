/* The header fields that a program sets: in options, and in before_request. */
#ifndef VAULT_LUA_CONFIG_HEADERS_H
#define VAULT_LUA_CONFIG_HEADERS_H

#include "lua/options.h"

/* The option `headers`: the table on the stack's top. */
void config_read_headers(lua_State *L, const struct option_target *target, const char *path);
/* Sets one header from the name at -2 and the value at -1 (left in place), after
 * checks. false or an empty text takes it out of the list. With `overriding` the
 * list is to be applied to another one: what is taken out stays as a field
 * without a value, and whom a request acts for must not be empty. */
void config_add_header(lua_State *L, struct header_list *headers, const char *path,
                       bool overriding);

#endif
