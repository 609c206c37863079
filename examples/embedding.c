/* A program that links the module: build it against libvault.a, for example
 *   cc embedding.c $(pkg-config --cflags --libs vault lua5.4)
 * It runs the scripts named on its command line, which can then require "vault" although no
 * vault.so is installed. */
#include "vault.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

static void preload(lua_State *L, const char *name, lua_CFunction open)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

/* In a protected call, since opening the libraries may run out of memory. */
static int run(lua_State *L)
{
    char **argv = lua_touserdata(L, 1);
    luaL_openlibs(L);
    preload(L, "vault", luaopen_vault);
    preload(L, "vault.safe", luaopen_vault_safe);
    preload(L, "vault.schema", luaopen_vault_schema);
    if (argv[1] == NULL &&
        luaL_dostring(L, "print((require 'vault')._NAME, (require 'vault')._VERSION)"))
        return lua_error(L);
    for (int i = 1; argv[i] != NULL; i++) {
        if (luaL_dofile(L, argv[i]))
            return lua_error(L);
    }
    return 0;
}

/* Errors of this module are tables with __tostring, so that Lua's tostring is called. */
static void report(lua_State *L)
{
    lua_getglobal(L, "tostring");
    lua_insert(L, -2);
    if (lua_pcall(L, 1, 1, 0) == 0 && lua_isstring(L, -1))
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
}

int main(int argc, char **argv)
{
    (void)argc;
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return EXIT_FAILURE;
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, argv);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != 0)
        report(L);
    lua_close(L);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
