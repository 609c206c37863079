/* The member names of responses, kept ready as Lua strings.
 *
 * Responses repeat their names, in every row and in every response, and finding a Lua
 * string anew costs a hash over all of its bytes; taking one out of an array does
 * not. The state keeps the schema's names, and of others the first ones it meets.
 * The number of a name tells it from all others, which is how a name given twice
 * in an object is noticed. */
#ifndef VAULT_JSON_JSON_NAMES_H
#define VAULT_JSON_JSON_NAMES_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_KEYS = 192, /* twice the schema's; more are not kept */
    JSON_KEY_BUCKETS = 512,
    JSON_KEY_LONGEST = 40, /* no response may have the state keep much */
    JSON_KEY_UNKNOWN = -1
};

struct json_name {
    const char *text; /* the Lua string's */
    size_t length;
};

struct json_names {
    struct json_name keys[JSON_KEYS];
    uint8_t buckets[JSON_KEY_BUCKETS]; /* number of a key + 1; 0: free */
    int count;
};

/* The state's, made where there are none yet. Pushes the array of their strings. */
struct json_names *json_names_open(lua_State *L);

/* Pushes the string of the name and returns its number; JSON_KEY_UNKNOWN when it
 * is not kept. `strings` is the stack index of the array. */
int json_names_push(lua_State *L, struct json_names *keys, int strings, const char *text,
                    size_t length);

#endif
