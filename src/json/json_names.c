#include "json/json_names.h"

#include "api/schema.h"
#include "lua_api/compat.h"

#include <string.h>

/* A userdata; its uservalue is the array of strings. */
#define REGISTRY_KEY "vault.json_names"

/* Hashes the length and at most 16 of the bytes. Collisions only cost a little time, as there are
 * at most JSON_NAMES names to compare. */
static size_t bucket_of(const char *text, size_t length)
{
    uint64_t head = 0, tail = 0;
    if (length >= 8) {
        memcpy(&head, text, 8);
        memcpy(&tail, text + length - 8, 8);
    } else if (length >= 4) {
        memcpy(&head, text, 4);
        memcpy(&tail, text + length - 4, 4);
    } else {
        for (size_t i = 0; i < length; i++)
            head = head << 8 | (unsigned char)text[i];
    }
    /* Multiplying by large odd numbers spreads every bit into the top bits. */
    uint64_t hash = head ^ (tail * UINT64_C(0x9E3779B97F4A7C15)) ^ length;
    return (size_t)((hash * UINT64_C(0xD6E8FEB86659FD93)) >> 55);
}

/* Returns the bucket of the name, or the free one for it. */
static size_t find_bucket(const struct json_names *names, const char *text, size_t length)
{
    size_t bucket = bucket_of(text, length);
    while (names->buckets[bucket] != 0) {
        const struct json_name *entry = &names->entries[names->buckets[bucket] - 1];
        if (entry->length == length && memcmp(entry->text, text, length) == 0)
            break;
        bucket = (bucket + 1) % JSON_NAME_BUCKETS;
    }
    return bucket;
}

/* Keeps the string on top of the stack, which stays there. */
static int keep(lua_State *L, struct json_names *names, int strings)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (names->count == JSON_NAMES || length > JSON_NAME_LONGEST)
        return JSON_NAME_UNKNOWN;
    /* Looked up only now: creating the string may have run a finalizer that reads JSON and adds
     * names. */
    size_t bucket = find_bucket(names, text, length);
    if (names->buckets[bucket] != 0)
        return names->buckets[bucket] - 1;
    int number = names->count;
    lua_pushvalue(L, -1);
    lua_rawseti(L, strings, number + 1); /* does not allocate: the array has room */
    names->entries[number] = (struct json_name){text, length};
    names->buckets[bucket] = (uint8_t)(number + 1);
    names->count++;
    return number;
}

int json_names_push(lua_State *L, struct json_names *names, int strings, const char *text,
                    size_t length)
{
    int number = names->buckets[find_bucket(names, text, length)] - 1;
    if (number >= 0) {
        lua_rawgeti(L, strings, number + 1);
        return number;
    }
    lua_pushlstring(L, text, length);
    return keep(L, names, strings);
}

static void keep_names_of(lua_State *L, struct json_names *names, int strings,
                          const struct schema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const char *name = schema->fields[i].name;
        json_names_push(L, names, strings, name, strlen(name));
        lua_pop(L, 1);
    }
}

static void create_names(lua_State *L)
{
    struct json_names *names = vault_newuserdata(L, sizeof *names);
    memset(names, 0, sizeof *names);
    lua_createtable(L, JSON_NAMES, 0);
    int strings = lua_gettop(L);
    for (size_t i = 0; schema_all[i] != NULL; i++)
        keep_names_of(L, names, strings, schema_all[i]);
    lua_setuservalue(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
}

struct json_names *json_names_open(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REGISTRY_KEY);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        create_names(L);
    }
    struct json_names *names = lua_touserdata(L, -1);
    lua_getuservalue(L, -1);
    lua_remove(L, -2);
    return names;
}
