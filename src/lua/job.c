#include "lua/job.h"

#include "call/call.h"
#include "call/error.h"
#include "lua/object.h"
#include "lua_api/metatable.h"

struct job *job_check(lua_State *L, int index)
{
    return object_check(L, index, JOB_METATABLE, "job");
}

bool job_test(lua_State *L, int index)
{
    return metatable_test(L, index, JOB_METATABLE) != NULL;
}

void job_push_value(lua_State *L, int index, enum job_value value)
{
    lua_getuservalue(L, index);
    lua_rawgeti(L, -1, (int)value);
    lua_remove(L, -2);
}

void job_set_value(lua_State *L, int index, enum job_value value)
{
    index = lua_absindex(L, index);
    lua_getuservalue(L, index);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (int)value);
    lua_pop(L, 1);
}

void job_check_waitable(lua_State *L, const struct job *job)
{
    if (job->state == JOB_RUNNING && job->stepping)
        error_invalid(L, "this job cannot be waited for here: it continues when its own hook, key "
                         "function, logger or transport returns; wait for it elsewhere, or give "
                         "it a callback");
}

int job_push_outcome(lua_State *L, int index)
{
    struct job *job = lua_touserdata(L, index);
    job_push_value(L, index, JOB_RESULT);
    if (job->state == JOB_SUCCEEDED) {
        job_push_value(L, index, JOB_RESPONSE);
        return 2;
    }
    if (lua_isnil(L, -1)) { /* the finalizer has run before the job ended */
        lua_pop(L, 1);
        call_push_aborted(L, "the job was garbage-collected before it ended");
    }
    if (!job->call.client->safe)
        return error_raise(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

void job_detach(struct job *job)
{
    if (job->state == JOB_RUNNING) /* the finalizer of another object may still use the job */
        job->state = JOB_FAILED;
    call_discard(&job->call);
}
