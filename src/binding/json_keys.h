/* The member names met so far in one document.
 *
 * Rows repeat their names, and finding a Lua string anew costs a hash over all
 * of its bytes; copying one that is at hand on the stack does not. The strings
 * are at stack slots, so the collector leaves them alone. The number of a name
 * tells it from all others, which is how a name given twice in an object is
 * noticed. */
#ifndef VAULT_BINDING_JSON_KEYS_H
#define VAULT_BINDING_JSON_KEYS_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_KEYS = 128, JSON_KEY_BUCKETS = 256, JSON_KEY_UNKNOWN = -1 };

struct json_key {
    const char *text; /* in the document */
    size_t length;
};

struct json_keys {
    struct json_key keys[JSON_KEYS];
    uint8_t buckets[JSON_KEY_BUCKETS]; /* number of a key + 1; 0: free */
    int count;
    int first_slot;
};

/* Takes JSON_KEYS slots at the top of the stack; they must be available. */
void json_keys_open(lua_State *L, struct json_keys *keys);

/* Pushes the string of the name and returns its number; JSON_KEY_UNKNOWN when
 * there was no room left to remember it. */
int json_keys_push(lua_State *L, struct json_keys *keys, const char *text, size_t length);

#endif
