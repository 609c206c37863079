/* The Lua values that stand for JSON's null and arrays, shared with lua-cjson.
 *
 * null is light userdata NULL, as cjson.null is. A table is an array by its
 * keys; an empty one by its metatable: ours, cjson's array_mt or empty_array_mt,
 * or any with __jsontype = "array" (dkjson's convention, which ours follows). */
#ifndef VAULT_JSON_JSON_ARRAY_H
#define VAULT_JSON_JSON_ARRAY_H

#include <lua.h>
#include <stdbool.h>

/* What marks arrays in this state, as addresses to compare with; cjson's are NULL
 * where it has none. The registry keeps the objects alive. */
struct json_array_markers {
    const void *own_metatable;
    const void *array_metatable;       /* cjson.array_mt */
    const void *empty_array_metatable; /* cjson.empty_array_mt */
    const void *empty_array;           /* cjson.empty_array, a light userdata */
};

/* Once per state, when the module is opened; again to look at cjson anew. */
void json_array_open(lua_State *L);
/* Pushes the metatable of the arrays we read: cjson.array_mt where the
 * installed cjson has one, so that cjson.encode knows them too; else our own. */
void json_push_array_metatable(lua_State *L);

void json_array_markers_get(lua_State *L, struct json_array_markers *marks);
/* Is the value marked as an array, or cjson.empty_array? Needs two free slots. */
bool json_is_marked(lua_State *L, int index, const struct json_array_markers *marks);
/* The two calls above in one. */
bool json_is_array(lua_State *L, int index);

/* As lua_checkstack, but raises Lua's memory error where memory is what it lacks:
 * false means that the stack has reached its limit. Needs one free slot. */
bool json_check_stack(lua_State *L, int slots);

#endif
