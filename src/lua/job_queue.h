/* A Lua state's port to the engine, and the jobs that wait behind it. */
#ifndef VAULT_LUA_JOB_QUEUE_H
#define VAULT_LUA_JOB_QUEUE_H

#include "lua_api/compat.h"
#include "http/engine.h"

struct port {
    struct engine_port *engine_port; /* owned; NULL until something is submitted */
    uint64_t last_id;                /* 64 bits: none is used twice */
    bool closed;                     /* its state is being closed */
    bool yield_refused;              /* a function that a client calls has tried to yield */
    bool forked;                     /* jobs of the parent's process may still have to be ended */
};

/* Integer keys of a port's uservalue table. */
enum port_value {
    PORT_JOBS = 1, /* id → job, weak: clients hold their jobs */
    PORT_HELD,   /* id → job, of clients with a loop: kept, with their clients, until they end */
    PORT_FIRST,  /* of the jobs that have ended and whose callbacks are due, linked ... */
    PORT_LAST,   /* ... by JOB_NEXT: a list that takes no memory to append to */
    PORT_ADVANCE /* job_run_step, so that no memory is needed to call it */
};

/* Makes the state's port, which does not start the engine yet. At luaopen:
 * finalizers run in reverse order of creation, so the port's runs after those
 * of all clients and jobs. */
void port_open(lua_State *L);
/* Pushes this state's port, with the engine running; raises when the background
 * thread cannot be started. */
struct port *port_push(lua_State *L);
/* The same without starting anything: engine_port may be NULL. */
struct port *port_push_idle(lua_State *L);
/* Pushes one of the values of the port at `index`. */
void port_push_value(lua_State *L, int index, enum port_value value);
/* The job of that id in the table at `index`: pushes it, or nil. Raises nothing. */
void port_push_job(lua_State *L, int index, uint64_t id);
/* Sets it to the value on the stack's top, which it pops. Only with nil it raises nothing. */
void port_set_job(lua_State *L, int index, uint64_t id);
/* Appends the job at `index` to those that have ended. Needs no memory, only 6
 * stack slots. */
void port_append_ended(lua_State *L, int index);
/* Takes the first of them and pushes it, or pushes nil. The same. */
void port_take_ended(lua_State *L);

#endif
