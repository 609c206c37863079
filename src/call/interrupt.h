/* Runs debug hooks while C waits. So Ctrl-C ends a wait in the stand-alone interpreters, whose
 * signal handler only sets a hook (lua.c, laction). */
#ifndef VAULT_CALL_INTERRUPT_H
#define VAULT_CALL_INTERRUPT_H

#include "lua_api/compat.h"

#include <stdbool.h>

/* The longest wait in C before hooks run. */
enum { INTERRUPT_SLICE_MS = 100 };

struct interrupt {
    lua_State *main; /* main coroutine; NULL: unknown */
    lua_Hook hook;   /* hook of the main coroutine when the wait began */
};

/* Called by luaopen. */
void interrupt_open(lua_State *L);
/* Called at the start of a wait. */
void interrupt_begin(lua_State *L, struct interrupt *interrupt);
/* Called between two slices of the wait: runs a debug hook if one is set. False: it raised, and the
 * error is on top of the stack. */
bool interrupt_run_hooks(lua_State *L, const struct interrupt *interrupt);

#endif
