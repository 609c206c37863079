#include "json_keys.h"

#include "compat.h"

#include <string.h>

void json_keys_open(lua_State *L, struct json_keys *keys)
{
    int top = lua_gettop(L);
    lua_settop(L, top + JSON_KEYS);
    keys->first_slot = top + 1;
    keys->count = 0;
    memset(keys->buckets, 0, sizeof keys->buckets);
}

/* Of the length and at most 16 of the bytes. A poor spread only costs time, and
 * little: there are never more than JSON_KEYS names to compare with. */
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
    /* Multiplying by large odd numbers moves every bit up into the top byte. */
    uint64_t hash = head ^ (tail * UINT64_C(0x9E3779B97F4A7C15)) ^ length;
    return (size_t)((hash * UINT64_C(0xD6E8FEB86659FD93)) >> 56);
}

static int remember(lua_State *L, struct json_keys *keys, size_t bucket, const char *text,
                    size_t length)
{
    int number = keys->count;
    if (number == JSON_KEYS)
        return JSON_KEY_UNKNOWN;
    lua_pushvalue(L, -1);
    lua_replace(L, keys->first_slot + number);
    keys->keys[number] = (struct json_key){text, length};
    keys->buckets[bucket] = (uint8_t)(number + 1);
    keys->count++;
    return number;
}

int json_keys_push(lua_State *L, struct json_keys *keys, const char *text, size_t length)
{
    size_t bucket = bucket_of(text, length);
    while (keys->buckets[bucket] != 0) {
        int number = keys->buckets[bucket] - 1;
        const struct json_key *key = &keys->keys[number];
        if (key->length == length && memcmp(key->text, text, length) == 0) {
            lua_pushvalue(L, keys->first_slot + number);
            return number;
        }
        bucket = (bucket + 1) % JSON_KEY_BUCKETS;
    }
    lua_pushlstring(L, text, length);
    return remember(L, keys, bucket, text, length);
}
