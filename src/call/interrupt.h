/* Debug hooks while C waits: how Ctrl-C ends a wait in the stock interpreters, whose signal handler
 * sets a hook and nothing else (lua.c, laction). */
#ifndef VAULT_CALL_INTERRUPT_H
#define VAULT_CALL_INTERRUPT_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* How long C waits at most before it gives hooks their turn. */
enum { INTERRUPT_SLICE_MS = 100 };

struct interrupt {
    lua_State *main; /* the main thread's; NULL: not known */
    lua_Hook hook;   /* what it was when the wait began */
};

/* At luaopen: makes what the others need. */
void interrupt_open(lua_State *L);
/* At the beginning of a wait. */
void interrupt_begin(lua_State *L, struct interrupt *interrupt);
/* Between two slices of it: lets a hook run. False: it raised, and what it raised is on the stack's
 * top. */
bool interrupt_run_hooks(lua_State *L, const struct interrupt *interrupt);

#endif
