/* Searches for many secrets at once. The secrets are sorted. A hash table finds those that begin
 * with the next four bytes of the text, and a binary search among them the longest one that
 * matches. Only the first SECRET_PATTERN_LENGTH bytes of a secret are compared, so that a failed
 * match costs at most that many, for any text and secrets. */
#include "redact/secret_set.h"

#include "redact/secret_set_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECRET_PATTERN_LENGTH = 64,
    GROUP_LENGTH = 4, /* same as SECRET_SHORTEST, so that every secret is in a group */
    FILTER_BITS = 1 << 16,
    MINIMUM_CAPACITY = 64
};

#define NO_PARENT SIZE_MAX

struct secret_group {
    uint32_t key;       /* their first GROUP_LENGTH bytes */
    size_t first, last; /* range of patterns; equal: the slot is free */
};

/* --- filling --- */

bool secret_set_add(struct secret_set *set, const char *text, size_t length)
{
    if (length < SECRET_SHORTEST)
        return true;
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? MINIMUM_CAPACITY : set->capacity * 2;
        struct secret *secrets = realloc(set->secrets, capacity * sizeof *secrets);
        if (secrets == NULL)
            return false;
        set->secrets = secrets;
        set->capacity = capacity;
    }
    size_t offset = set->bytes.length;
    if (!buffer_append(&set->bytes, text, length))
        return false;
    set->secrets[set->count++] = (struct secret){.offset = offset, .length = length};
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A text sorts before longer ones that begin with it. */
static int compare_texts(const void *left, const void *right)
{
    const struct secret *a = left, *b = right;
    int order = memcmp(a->text, b->text, smaller(a->length, b->length));
    if (order != 0 || a->length == b->length)
        return order;
    return a->length < b->length ? -1 : 1;
}

static void sort_secrets(struct secret_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        set->secrets[i].text = set->bytes.data + set->secrets[i].offset;
    if (set->count > 0)
        qsort(set->secrets, set->count, sizeof *set->secrets, compare_texts);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (kept == 0 || compare_texts(&set->secrets[kept - 1], &set->secrets[i]) != 0)
            set->secrets[kept++] = set->secrets[i];
    set->count = kept;
}

static bool pattern_begins_with(const struct secret_pattern *pattern,
                                const struct secret_pattern *start)
{
    return start->length <= pattern->length &&
           memcmp(start->text, pattern->text, start->length) == 0;
}

/* The secrets are sorted, so those with the same pattern are neighbours. */
static void make_patterns(struct secret_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct secret *secret = &set->secrets[i];
        struct secret_pattern pattern = {.text = secret->text,
                                         .length = smaller(secret->length, SECRET_PATTERN_LENGTH),
                                         .first = i,
                                         .last = i + 1,
                                         .parent = NO_PARENT};
        struct secret_pattern *before = count > 0 ? &set->patterns[count - 1] : NULL;
        if (before != NULL && before->length == pattern.length &&
            pattern_begins_with(&pattern, before)) {
            before->last = i + 1;
            continue;
        }
        size_t parent = count > 0 ? count - 1 : NO_PARENT;
        while (parent != NO_PARENT && !pattern_begins_with(&pattern, &set->patterns[parent]))
            parent = set->patterns[parent].parent;
        pattern.parent = parent;
        set->patterns[count++] = pattern;
    }
    set->pattern_count = count;
}

/* --- the hash table --- */

static uint32_t key_of(const char *text)
{
    uint32_t key;
    memcpy(&key, text, sizeof key);
    return key;
}

/* Multiplying by a large odd number spreads every bit into the top bits. */
static uint32_t hash_of(uint32_t key)
{
    return key * UINT32_C(0x9E3779B1);
}

static bool passes_filter(const struct secret_set *set, uint32_t hash)
{
    uint32_t bit = hash >> 16;
    return (set->filter[bit / 64] >> (bit % 64) & 1) != 0;
}

/* The group with that key, or the free slot for it. */
static struct secret_group *find_group(const struct secret_set *set, uint32_t key, uint32_t hash)
{
    size_t slot = (hash >> 7) & set->group_mask;
    while (set->groups[slot].first != set->groups[slot].last && set->groups[slot].key != key)
        slot = (slot + 1) & set->group_mask;
    return &set->groups[slot];
}

static void make_groups(struct secret_set *set)
{
    for (size_t i = 0; i < set->pattern_count; i++) {
        uint32_t key = key_of(set->patterns[i].text), hash = hash_of(key);
        struct secret_group *group = find_group(set, key, hash);
        if (group->first == group->last)
            group->first = i;
        group->key = key;
        group->last = i + 1;
        set->filter[(hash >> 16) / 64] |= UINT64_C(1) << ((hash >> 16) % 64);
    }
}

bool secret_set_prepare(struct secret_set *set)
{
    sort_secrets(set);
    if (set->count == 0)
        return true;
    size_t slots = MINIMUM_CAPACITY;
    while (slots < set->count * 2)
        slots *= 2;
    set->patterns = malloc(set->count * sizeof *set->patterns);
    set->groups = calloc(slots, sizeof *set->groups);
    set->filter = calloc(FILTER_BITS / 64, sizeof *set->filter);
    set->group_mask = slots - 1;
    if (set->patterns == NULL || set->groups == NULL || set->filter == NULL)
        return false;
    make_patterns(set);
    make_groups(set);
    return true;
}

void secret_set_free(struct secret_set *set)
{
    buffer_free(&set->bytes);
    free(set->secrets);
    free(set->patterns);
    free(set->groups);
    free(set->filter);
    *set = (struct secret_set){.count = 0};
}

/* --- searching --- */

static size_t common_length(const char *a, const char *b, size_t length)
{
    size_t i = 0;
    while (i < length && a[i] == b[i])
        i++;
    return i;
}

/* Whether the text sorts before the secret. A text that begins with the secret does not. */
static bool is_before(struct secret_set *set, const char *text, size_t length, const char *secret,
                      size_t secret_length)
{
    size_t compared = smaller(length, secret_length);
    size_t common = common_length(text, secret, compared);
    set->steps += common + 1;
    if (common == compared)
        return length < secret_length;
    return (unsigned char)text[common] < (unsigned char)secret[common];
}

static size_t common_with(const struct secret *secret, const char *text, size_t length)
{
    return common_length(secret->text, text, smaller(secret->length, length));
}

/* How many bytes of the text match one of the secrets that begin with the pattern: the start of a
 * token reveals most of it, so a partial match is redacted as well. Compares no more bytes than are
 * redacted, once per step of the search. */
static size_t extend(struct secret_set *set, const struct secret_pattern *pattern, const char *text,
                     size_t length)
{
    size_t low = pattern->first, high = pattern->last;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct secret *secret = &set->secrets[middle];
        if (is_before(set, text, length, secret->text, secret->length))
            high = middle;
        else
            low = middle + 1;
    }
    size_t before = low > pattern->first ? common_with(&set->secrets[low - 1], text, length) : 0;
    size_t after = low < pattern->last ? common_with(&set->secrets[low], text, length) : 0;
    return before > after ? before : after;
}

static bool is_whole_word(const char *text, size_t length, size_t at, size_t size)
{
    return (at == 0 || !secret_is_word(text[at - 1])) &&
           (at + size == length || !secret_is_word(text[at + size]));
}

/* The length of the longest match at text[at], among the pattern `number` and its parents; or 0. */
static size_t match_pattern(struct secret_set *set, size_t number, const char *text, size_t length,
                            size_t at)
{
    for (; number != NO_PARENT; number = set->patterns[number].parent) {
        const struct secret_pattern *pattern = &set->patterns[number];
        set->steps++;
        if (pattern->length > length - at || memcmp(pattern->text, text + at, pattern->length) != 0)
            continue;
        if (pattern->length == SECRET_PATTERN_LENGTH)
            return extend(set, pattern, text + at, length - at);
        if (pattern->length >= SECRET_WORD_LENGTH ||
            is_whole_word(text, length, at, pattern->length))
            return pattern->length;
    }
    return 0;
}

size_t secret_set_match(struct secret_set *set, const char *text, size_t length, size_t at)
{
    if (set->count == 0 || length - at < GROUP_LENGTH)
        return 0;
    uint32_t key = key_of(text + at), hash = hash_of(key);
    if (!passes_filter(set, hash))
        return 0;
    const struct secret_group *group = find_group(set, key, hash);
    size_t low = group->first, high = group->last;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct secret_pattern *pattern = &set->patterns[middle];
        if (is_before(set, text + at, length - at, pattern->text, pattern->length))
            high = middle;
        else
            low = middle + 1;
    }
    return low > group->first ? match_pattern(set, low - 1, text, length, at) : 0;
}
