/* Reads JSON strings: finds their end and undoes their escapes. */
#ifndef VAULT_JSON_JSON_STRING_H
#define VAULT_JSON_JSON_STRING_H

#include "base/status.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Memory for building a string with escapes: first the bytes in `local`, then a userdata at a stack
 * slot, so that nothing leaks if Lua raises an error. */
struct json_scratch {
    char *data;
    size_t length, capacity;
    int slot;
    char local[512];
};

/* Pushes a placeholder for the userdata. */
void json_scratch_open(lua_State *L, struct json_scratch *scratch);

/* Reads the rest of a string from `p`, where json_string_scan stopped; [start, p) is plain. Pushes
 * the string and returns the position after the closing quote; or returns NULL and sets *error and
 * *error_at. */
const char *json_string_read(lua_State *L, struct json_scratch *scratch, const char *start,
                             const char *p, const char *end, struct status *status,
                             const char **error_at);

static inline bool json_string_is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

#if defined(__SSE2__)

/* A bit mask of the bytes, of 16, that are not plain. */
static inline unsigned json_string_stops(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    /* Bytes are signed here, so those from 0x80 are below the space, too. */
    __m128i below_space = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i stops = _mm_or_si128(below_space, _mm_or_si128(quotes, backslashes));
    return (unsigned)_mm_movemask_epi8(stops);
}

/* Returns the first byte from `p` that is not plain, or the position where fewer than 16 bytes are
 * left. */
static inline const char *json_string_skip(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        unsigned stops = json_string_stops(p);
        if (stops != 0)
            return p + __builtin_ctz(stops);
    }
    return p;
}

#else

/* The top bits of the bytes of a word that are zero. A byte above a zero byte may be marked
 * wrongly, so the result only tells whether there is any. (Anderson, "Bit Twiddling Hacks",
 * haszero.) */
static inline uint64_t json_string_zero_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return (word - ones) & ~word & (ones << 7);
}

/* Skips words in which all bytes are plain. */
static inline const char *json_string_skip(const char *p, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t top_bits = ones << 7;
    for (; end - p >= (ptrdiff_t)sizeof(uint64_t); p += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        uint64_t below_space = (word - ones * 0x20) & ~word & top_bits;
        uint64_t quotes = json_string_zero_bytes(word ^ (ones * '"'));
        uint64_t backslashes = json_string_zero_bytes(word ^ (ones * '\\'));
        if ((below_space | (word & top_bits) | quotes | backslashes) != 0)
            break;
    }
    return p;
}

#endif

/* Returns the end of the character at `p`, which starts with a byte from 0x80; `p` if it is not
 * UTF-8. */
const char *json_string_character(const char *p, const char *end);

/* Returns the first byte from `p` that is not plain: a quote, a backslash, a control character, an
 * invalid UTF-8 sequence, or the NUL at the end. */
static inline const char *json_string_scan(const char *p, const char *end)
{
    for (;;) {
        p = json_string_skip(p, end);
        while (json_string_is_plain(*p))
            p++;
        if ((unsigned char)*p < 0x80)
            return p;
        const char *next = json_string_character(p, end);
        if (next == p)
            return p;
        p = next;
    }
}

#endif
