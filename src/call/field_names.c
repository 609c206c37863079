#include "call/field_names.h"

#include "base/did_you_mean.h"
#include "call/error.h"

#include <string.h>

const char *field_names_of_list(const void *list, size_t index)
{
    return ((const char *const *)list)[index];
}

bool field_names_have(const struct field_names *names, const char *name)
{
    const char *known;
    for (size_t i = 0; (known = names->at(names->set, i)) != NULL; i++)
        if (strcmp(known, name) == 0)
            return true;
    return false;
}

_Noreturn void field_names_raise_unknown(lua_State *L, const struct field_names *names,
                                         const char *prefix, const char *name, const char *takes)
{
    struct suggestion suggestion = {.given = name};
    const char *known;
    for (size_t i = 0; (known = names->at(names->set, i)) != NULL; i++)
        did_you_mean_consider(&suggestion, known);
    if (did_you_mean_is_near(&suggestion))
        error_invalid(L, "unknown field '%s%s'; did you mean '%s%s'?", prefix, name, prefix,
                      suggestion.best);
    luaL_Buffer list;
    luaL_buffinit(L, &list);
    for (size_t i = 0; (known = names->at(names->set, i)) != NULL; i++) {
        luaL_addstring(&list, i > 0 ? ", " : "");
        luaL_addstring(&list, known);
    }
    luaL_pushresult(&list);
    error_invalid(L, "unknown field '%s%s'; %s %s", prefix, name, takes, lua_tostring(L, -1));
}
