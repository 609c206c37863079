rockspec_format = "3.0"
package = "apideck-vault"
version = "scm-1"
-- The checkout that this file lies in: run `luarocks make` there.
source = { url = "." }
description = {
  summary = "Lua client for Apideck's Vault connections API, with a C core",
  detailed = [[
Lists, reads, changes, imports and deletes the connections of Apideck's Vault. Requests, retries and JSON are handled in
C on libcurl; Lua 5.1 to 5.4 and LuaJIT are supported. Includes a sandbox to develop and test against without an account.]],
  license = "MIT",
  labels = { "apideck", "api", "http" },
}
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1.0",
}
-- Built with CMake, since LuaRocks' own builder can neither hide the C core's names nor keep the module from being unmapped.
-- It finds libcurl, or names the package that has it; CMAKE_PREFIX_PATH in the environment points it elsewhere.
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    LUA_INCLUDE_DIR = "$(LUA_INCDIR)",
    VAULT_LUA_LIBDIR = "$(LIBDIR)",
    VAULT_LUA_SHAREDIR = "$(LUADIR)",
    VAULT_BUILD_STATIC = "OFF",
    VAULT_DOCDIR = "doc", -- README.md, the reference, and the examples that need no checkout: `luarocks doc apideck-vault --list`
  },
}
