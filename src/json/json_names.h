/* A cache of member names in responses, as Lua strings.
 *
 * The names repeat in every row of every response. To create a Lua string costs a hash over its
 * bytes, to read it from an array does not. The cache has the names in schemas, and the first
 * others that it sees. Each name has a number, so that a repeated name in an object can be
 * detected. */
#ifndef VAULT_JSON_JSON_NAMES_H
#define VAULT_JSON_JSON_NAMES_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_NAMES = 192, /* maximum; twice the number in schemas */
    JSON_NAME_BUCKETS = 512,
    JSON_NAME_LONGEST = 40, /* longer names are not kept, to bound the memory */
    JSON_NAME_UNKNOWN = -1
};

struct json_name {
    const char *text; /* of the Lua string */
    size_t length;
};

struct json_names {
    struct json_name entries[JSON_NAMES];
    uint8_t buckets[JSON_NAME_BUCKETS]; /* number of a name + 1; 0: free */
    int count;
};

/* Returns the cache of this Lua state, created if there is none, and pushes the array of
 * strings. */
struct json_names *json_names_open(lua_State *L);

/* Pushes the name as a string and returns its number, or JSON_NAME_UNKNOWN if it is not kept.
 * `strings` is the stack index of the array. */
int json_names_push(lua_State *L, struct json_names *names, int strings, const char *text,
                    size_t length);

#endif
