/* A Lua state's queue to the engine, and the jobs that wait behind it. */
#ifndef VAULT_LUA_JOB_QUEUE_H
#define VAULT_LUA_JOB_QUEUE_H

#include "http/engine.h"
#include "lua_api/compat.h"

struct job;

/* What the queue needs of its jobs. */
struct job_queue_callbacks {
    lua_CFunction step;           /* a job's next step: client, job */
    void (*detach)(struct job *); /* gives up its call: the state is being closed */
};

struct job_queue {
    const struct job_queue_callbacks *callbacks;
    struct completion_queue *completion_queue; /* owned; NULL until something is submitted */
    uint64_t last_id;                          /* 64 bits: none is used twice */
    bool closed;                               /* its state is being closed */
    bool forked; /* jobs of the parent's process may still have to be ended */
};

enum {
    JOB_QUEUE_NEXT = 6 /* integer key of a job's uservalue table: the next one that has ended */
};

/* Integer keys of a queue's uservalue table. */
enum job_queue_value {
    JOB_QUEUE_JOBS = 1, /* id → job, weak: clients hold their jobs */
    JOB_QUEUE_HELD, /* id → job, of clients with a loop: kept, with their clients, until they end */
    JOB_QUEUE_FIRST, /* of the jobs that have ended and whose callbacks are due, linked ... */
    JOB_QUEUE_LAST,  /* ... by JOB_NEXT: a list that takes no memory to append to */
    JOB_QUEUE_STEP_FUNCTION /* callbacks->step, so that no memory is needed to call it */
};

/* Makes the state's queue, which does not start the engine yet. At luaopen:
 * finalizers run in reverse order of creation, so the queue's runs after those
 * of all clients and jobs. */
void job_queue_open(lua_State *L, const struct job_queue_callbacks *callbacks);
/* Pushes this state's queue, with the engine running; raises when the background
 * thread cannot be started. */
struct job_queue *job_queue_push(lua_State *L);
/* The same without starting anything: completion_queue may be NULL. */
struct job_queue *job_queue_push_existing(lua_State *L);
/* Pushes one of the values of the queue at `index`. */
void job_queue_push_value(lua_State *L, int index, enum job_queue_value value);
/* The job of that id in the table at `index`: pushes it, or nil. Raises nothing. */
void job_queue_push_job(lua_State *L, int index, uint64_t id);
/* Sets it to the value on the stack's top, which it pops. Only with nil it raises nothing. */
void job_queue_set_job(lua_State *L, int index, uint64_t id);
/* Appends the job at `index` to those that have ended. Needs no memory, only 6
 * stack slots. */
void job_queue_append_ended(lua_State *L, int index);
/* Takes the first of them and pushes it, or pushes nil. The same. */
void job_queue_take_ended(lua_State *L);

#endif
