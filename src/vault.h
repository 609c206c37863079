/* For programs that embed Lua: link libvault.a and put luaopen_vault in package.preload (or call
 * luaL_requiref). Scripts that load vault.so with require do not need this. */
#ifndef VAULT_H
#define VAULT_H

#include <lua.h>

#if defined(_WIN32)
#define VAULT_API __declspec(dllexport)
#elif defined(__GNUC__)
#define VAULT_API __attribute__((visibility("default")))
#else
#define VAULT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* require "vault": operations raise errors. */
VAULT_API int luaopen_vault(lua_State *L);
/* require "vault.safe": operations return nil and the error. */
VAULT_API int luaopen_vault_safe(lua_State *L);
/* require "vault.schema": the operations and their schemas as data. */
VAULT_API int luaopen_vault_schema(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
