/* A job: a call that runs in the background, and its Lua object. */
#ifndef VAULT_LUA_JOB_H
#define VAULT_LUA_JOB_H

#include "call/call_state.h"
#include "lua/job_queue.h"

enum job_state { JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED };

struct job {
    struct call call; /* the uservalue table keeps its client alive */
    enum job_state state;
    uint64_t id; /* key of the job in the tables of its queue; 0: not registered */
    struct completion_queue *completion_queue; /* the queue that its task is submitted through */
    bool submission_due;                       /* submit its task to the engine after the step */
    bool use_transport;                        /* the next step calls the client's transport */
    bool callback_due;                         /* the callback or waiters have yet to be called */
    bool stepping;       /* a step runs, and maybe a hook in it: only the step may end the job */
    bool interrupted;    /* it failed with an error of a debug hook or a finalizer */
    const char *problem; /* abort it with this message after the step; a static string */
};

/* Integer keys of a job's uservalue table. */
enum job_value {
    JOB_CLIENT = 1,
    JOB_CALLBACK,
    JOB_RESULT, /* or the error */
    JOB_RESPONSE,
    JOB_WAITERS, /* list of functions, called once after the callback */
    JOB_NEXT = JOB_QUEUE_NEXT
};

/* Registry key of the metatable of jobs. */
#define JOB_METATABLE "vault.job"

struct job *job_check(lua_State *L, int index);
bool job_test(lua_State *L, int index);
void job_push_value(lua_State *L, int index, enum job_value value);
/* Pops the value and stores it. */
void job_set_value(lua_State *L, int index, enum job_value value);
/* Pushes the result and the response of the ended job at `index`. If it failed, raises its error,
 * or pushes nil and the error for a client of vault.safe. */
int job_push_outcome(lua_State *L, int index);
/* Raises if a hook of this job is running: the job cannot end before that hook returns. */
void job_check_waitable(lua_State *L, const struct job *job);
/* Cancels its call without calling the callback or waiters. For finalizers. */
void job_detach(struct job *job);

#endif
