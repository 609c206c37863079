#include "redact/secret_collect.h"

#include "base/hex.h"
#include "redact/secret_name.h"
#include "redact/secret_url.h"
#include "redact/secret_walk.h"

#include <stdlib.h>
#include <string.h>

struct collector {
    struct secret_set *set;
    struct buffer *scratch;
    secret_number_spellings *numbers;
    struct buffer text;   /* a string without its escapes */
    struct buffer ranges; /* array of struct range: the values of sensitive form fields */
};

struct range {
    const char *start, *end;
};

/* --- URLs --- */

static bool append_decoded(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        int high = text[i] == '%' && length - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (!buffer_append_char(out, low >= 0 ? (char)(high * 16 + low) : text[i]))
            return false;
        i += low >= 0 ? 2 : 0;
    }
    return true;
}

/* Adds the value as it is in the URL, and percent-decoded. */
static bool add_encoded(void *context, const char *text, size_t length)
{
    struct collector *collector = context;
    buffer_wipe(&collector->text);
    return secret_set_add(collector->set, text, length) &&
           append_decoded(&collector->text, text, length) &&
           secret_set_add_spellings(collector->set, buffer_string(&collector->text),
                                    collector->text.length, collector->scratch);
}

bool secret_collect_url(struct secret_set *set, const char *url, size_t length,
                        struct buffer *scratch)
{
    struct collector collector = {.set = set, .scratch = scratch};
    bool collected = secret_url_values(url, length, add_encoded, &collector);
    buffer_free(&collector.text);
    return collected;
}

bool secret_collect_proxy(struct secret_set *set, const char *proxy, size_t length,
                          struct buffer *scratch)
{
    struct collector collector = {.set = set, .scratch = scratch};
    const char *scheme = strstr(proxy, "://");
    const char *user = scheme != NULL ? scheme + 3 : proxy, *host = NULL;
    for (const char *c = user; c < proxy + length; c++)
        if (*c == '@')
            host = c;
    if (host == NULL)
        return true;
    const char *colon = memchr(user, ':', (size_t)(host - user));
    const char *password = colon != NULL ? colon + 1 : host;
    bool collected = add_encoded(&collector, password, (size_t)(host - password)) &&
                     secret_set_add(set, user, (size_t)(host - user));
    buffer_free(&collector.text);
    return collected;
}

/* --- headers --- */

/* Adds the whole value, and the part after the scheme in "Bearer sk_...". */
static bool add_header(struct secret_set *set, const struct header *header, struct buffer *scratch)
{
    const char *space = memchr(header->value, ' ', header->value_length);
    return secret_set_add_spellings(set, header->value, header->value_length, scratch) &&
           (space == NULL ||
            secret_set_add_spellings(set, space + 1,
                                     header->value_length - (size_t)(space + 1 - header->value),
                                     scratch));
}

bool secret_collect_headers(struct secret_set *set, const struct header_list *headers,
                            struct buffer *scratch)
{
    struct header header;
    for (size_t position = 0; header_list_next(headers, &position, &header);)
        if (secret_name_is_secret(header.line, header.name_length) &&
            !add_header(set, &header, scratch))
            return false;
    return true;
}

/* --- JSON --- */

static bool add_string(struct collector *collector, const char *text, size_t length)
{
    struct buffer *plain = &collector->text;
    buffer_wipe(plain);
    if (!secret_walk_unescape(plain, text, length) ||
        !secret_set_add_spellings(collector->set, buffer_string(plain), plain->length,
                                  collector->scratch))
        return false;
    /* Also as written in the text, as its escapes may be unusual. */
    return memchr(text, '\\', length) == NULL || secret_set_add(collector->set, text, length);
}

static bool add_ranges(struct collector *collector, const struct secret_level *level)
{
    for (int i = 0; i < 2; i++) {
        struct range range = {level->value[i], level->value_end[i]};
        if (level->sensitive && range.start != NULL && range.end != NULL &&
            !buffer_append(&collector->ranges, &range, sizeof range))
            return false;
    }
    return true;
}

static bool add_token(struct collector *collector, const struct secret_walk *walk,
                      enum secret_token token)
{
    size_t length = (size_t)(walk->stop - walk->start);
    if (token == SECRET_TOKEN_CLOSE)
        return add_ranges(collector, &walk->closed);
    if (walk->value != SECRET_VALUE_SECRET)
        return true;
    if (token == SECRET_TOKEN_STRING)
        return add_string(collector, walk->start, length);
    if (token == SECRET_TOKEN_NUMBER)
        return secret_set_add(collector->set, walk->start, length) &&
               collector->numbers(collector->set, walk->start, length);
    return true;
}

static bool collect_json(struct collector *collector, const char *text, size_t length, bool all)
{
    struct secret_walk walk;
    enum secret_token token;
    bool collected = true;
    secret_walk_begin(&walk, text, length);
    walk.all = all;
    do {
        token = secret_walk_next(&walk);
        collected = token != SECRET_TOKEN_NO_MEMORY && add_token(collector, &walk, token);
    } while (collected && token != SECRET_TOKEN_END && token != SECRET_TOKEN_BROKEN);
    while (collected && walk.depth > 0) /* the text is cut off */
        collected = add_ranges(collector, &walk.levels[--walk.depth]);
    secret_walk_end(&walk);
    return collected;
}

static int compare_starts(const void *left, const void *right)
{
    const struct range *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

/* Skips ranges inside of others, so that each byte is read once. */
static bool collect_ranges(struct collector *collector)
{
    size_t count = collector->ranges.length / sizeof(struct range);
    struct range *ranges = (struct range *)(void *)collector->ranges.data;
    const char *done = NULL;
    bool collected = true;
    if (count > 0)
        qsort(ranges, count, sizeof *ranges, compare_starts);
    for (size_t i = 0; i < count && collected; i++) {
        if (done != NULL && ranges[i].end <= done)
            continue;
        done = ranges[i].end;
        collected =
            collect_json(collector, ranges[i].start, (size_t)(done - ranges[i].start), true);
    }
    return collected;
}

bool secret_collect_json(struct secret_set *set, const char *text, size_t length,
                         secret_number_spellings *numbers, struct buffer *scratch)
{
    struct collector collector = {.set = set, .scratch = scratch, .numbers = numbers};
    bool collected = collect_json(&collector, text, length, false) && collect_ranges(&collector);
    buffer_free(&collector.text);
    buffer_free(&collector.ranges);
    return collected;
}
