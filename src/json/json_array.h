/* The Lua values for JSON's null and arrays, the same as lua-cjson's.
 *
 * null is light userdata NULL, as cjson.null. A table with entries is an array if its keys are
 * positions; an empty one is an array if its metatable is ours, cjson's array_mt or empty_array_mt,
 * or any with __jsontype = "array" (a convention of dkjson, which ours follows). */
#ifndef VAULT_JSON_JSON_ARRAY_H
#define VAULT_JSON_JSON_ARRAY_H

#include <lua.h>
#include <stdbool.h>

/* The addresses of the values that mark arrays in this Lua state; those of cjson are NULL if it has
 * none. The registry keeps the objects alive. */
struct json_array_markers {
    const void *own_metatable;
    const void *array_metatable;       /* cjson.array_mt */
    const void *empty_array_metatable; /* cjson.empty_array_mt */
    const void *empty_array;           /* cjson.empty_array, a light userdata */
};

/* Called by luaopen. Further calls only look for cjson's values again. */
void json_array_open(lua_State *L);
/* Pushes the metatable for arrays in results: cjson.array_mt if the installed cjson has one, so
 * that cjson.encode recognizes them; else our own. */
void json_push_array_metatable(lua_State *L);

void json_array_markers_get(lua_State *L, struct json_array_markers *markers);
/* Whether the value is marked as an array or is cjson.empty_array. Needs two free stack slots. */
bool json_is_marked(lua_State *L, int index, const struct json_array_markers *markers);
/* The same with the markers of this Lua state. */
bool json_is_array(lua_State *L, int index);

/* As lua_checkstack, but raises a memory error if memory is short. False: the stack has reached its
 * limit. Needs one free stack slot. */
bool json_check_stack(lua_State *L, int slots);

#endif
