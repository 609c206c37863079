#include "lua/object.h"

#include "call/error.h"
#include "lua_api/metatable.h"

#include <string.h>

/* The name of the running method, if the call has it: job.wait(), not pcall(job.wait). */
static const char *name_method(lua_State *L, lua_Debug *activation)
{
    if (lua_getstack(L, 0, activation) == 0 || lua_getinfo(L, "n", activation) == 0)
        return NULL;
    bool named =
        strcmp(activation->namewhat, "method") == 0 || strcmp(activation->namewhat, "field") == 0;
    return named && activation->name[0] != '_' ? activation->name : NULL;
}

void *object_check(lua_State *L, int index, const char *name, const char *object)
{
    void *userdata = metatable_test(L, index, name);
    if (userdata != NULL)
        return userdata;
    lua_Debug activation;
    const char *got = lua_isnone(L, index) ? "nothing" : error_type_name(L, index);
    const char *method = name_method(L, &activation);
    if (method == NULL)
        error_invalid(L, "expected a %s, got %s; call methods with a colon", object, got);
    error_invalid(L, "%s: expected a %s, got %s; call it with a colon: %s:%s(...)", method, object,
                  got, object, method);
}
