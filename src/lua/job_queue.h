/* The jobs of a Lua state, and its completion queue. */
#ifndef VAULT_LUA_JOB_QUEUE_H
#define VAULT_LUA_JOB_QUEUE_H

#include "http/engine.h"
#include "lua_api/compat.h"

struct job;

/* The functions of a job that its queue calls. */
struct job_queue_callbacks {
    lua_CFunction step;           /* takes the next step of a job; arguments: client, job */
    void (*detach)(struct job *); /* cancels its call; called when the Lua state is closed */
};

struct job_queue {
    const struct job_queue_callbacks *callbacks;
    struct completion_queue *completion_queue; /* owned; NULL until the first task is submitted */
    uint64_t last_id;                          /* 64 bits, so that no id is used twice */
    bool closed;                               /* the Lua state is being closed */
    bool forked; /* jobs of the parent process may have yet to be aborted */
};

enum {
    JOB_QUEUE_NEXT = 6 /* integer key of a job's uservalue table: the next ended job */
};

/* Integer keys of a queue's uservalue table. */
enum job_queue_value {
    JOB_QUEUE_JOBS = 1, /* id → job; weak, as clients keep their jobs alive */
    JOB_QUEUE_HELD, /* id → job, of clients with a loop; keeps jobs and clients alive until the jobs
                       end */
    JOB_QUEUE_FIRST,        /* first of the ended jobs whose callbacks are due: a list linked ... */
    JOB_QUEUE_LAST,         /* ... by JOB_NEXT, so that appending needs no memory; and its last */
    JOB_QUEUE_STEP_FUNCTION /* callbacks->step, kept here since Lua 5.1 allocates to push a C
                               function */
};

/* Creates the queue of the Lua state without starting the engine. Called by luaopen: finalizers run
 * in reverse order of creation, so the queue's runs after those of all clients and jobs. */
void job_queue_open(lua_State *L, const struct job_queue_callbacks *callbacks);
/* Pushes the queue of this Lua state, with the engine running. Raises if the background thread
 * cannot be started. */
struct job_queue *job_queue_push(lua_State *L);
/* The same without starting the engine: completion_queue may be NULL. */
struct job_queue *job_queue_push_existing(lua_State *L);
/* Pushes one of the values of the queue at `index`. */
void job_queue_push_value(lua_State *L, int index, enum job_queue_value value);
/* Pushes the job with that id from the table at `index`, or nil. Does not raise. */
void job_queue_push_job(lua_State *L, int index, uint64_t id);
/* Pops a value and stores it under that id. Does not raise if the value is nil. */
void job_queue_set_job(lua_State *L, int index, uint64_t id);
/* Appends the job at `index` to the ended jobs. Does not allocate; needs 6 stack slots. */
void job_queue_append_ended(lua_State *L, int index);
/* Removes the first ended job and pushes it, or pushes nil. Does not allocate; needs 6 stack
 * slots. */
void job_queue_take_ended(lua_State *L);

#endif
