/* A call that runs in the background, and the object that stands for it. */
#ifndef VAULT_LUA_JOB_H
#define VAULT_LUA_JOB_H

#include "call/call_state.h"
#include "lua/job_queue.h"

enum job_state { JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED };

struct job {
    struct call call; /* its client is kept alive by the uservalue */
    enum job_state state;
    uint64_t id; /* of its task, in its queue; 0: not in its tables yet */
    struct completion_queue *completion_queue; /* the queue it was submitted through */
    bool submission_due; /* its task is to be handed to the engine after the step */
    bool use_transport;  /* the next collection calls the client's transport */
    bool callback_due;   /* the callback or waiters are still to be called */
    bool stepping;       /* its hooks may be running: it cannot be ended from outside */
    bool interrupted;    /* what it failed with is no error of this module's */
    const char *problem; /* what it is to be aborted with after the step; static */
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

/* The class of jobs, in the registry. */
#define JOB_METATABLE "vault.job"

struct job *job_check(lua_State *L, int index);
bool job_test(lua_State *L, int index);
void job_push_value(lua_State *L, int index, enum job_value value);
/* Pops the value. */
void job_set_value(lua_State *L, int index, enum job_value value);
/* Pushes the result and response of the ended job at `index`; a failed one's
 * error is raised, or pushed after nil where its client is a vault.safe one. */
int job_push_outcome(lua_State *L, int index);
/* Raises where its own hook is running: it can never end while that waits for it. */
void job_check_waitable(lua_State *L, const struct job *job);
/* Gives up its call, in a finalizer: nobody is notified. */
void job_detach(struct job *job);

#endif
