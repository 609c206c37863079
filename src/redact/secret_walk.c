#include "redact/secret_walk.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "redact/secret_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 1000, FIRST_CAPACITY = 16 };

void secret_walk_begin(struct secret_walk *walk, const char *text, size_t length)
{
    *walk = (struct secret_walk){.at = text, .end = text + length, .form_slot = -1};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        walk->at += 3;
}

void secret_walk_end(struct secret_walk *walk)
{
    free(walk->levels);
    buffer_free(&walk->name);
    walk->levels = NULL;
}

/* --- strings --- */

/* The UTF-16 code unit of \uXXXX at `p`, or -1. */
static int32_t read_unit(const char *p, const char *end)
{
    return end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex_unit(p + 2) : -1;
}

static bool append_code(struct buffer *out, uint32_t code)
{
    char bytes[4];
    return buffer_append(out, bytes, utf8_encode(code, bytes));
}

/* Appends the character of the escape at *p, and moves *p past it. */
static bool append_escaped(struct buffer *out, const char **p, const char *end)
{
    static const char letters[] = "b\bf\fn\nr\rt\t"; /* pairs: a letter, then its byte */
    int32_t unit = read_unit(*p, end);
    if (unit < 0) {
        /* RFC 8259 section 7 has no other escapes; readers either refuse them or drop the
         * backslash. */
        bool known = end - *p > 1 && (unsigned char)(*p)[1] < 0x80;
        char c = known ? (*p)[1] : '\\';
        for (const char *letter = letters; *letter != '\0'; letter += 2)
            if (*letter == c) {
                c = letter[1];
                break;
            }
        *p += known ? 2 : 1;
        return buffer_append_char(out, c);
    }
    *p += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return append_code(out, (uint32_t)unit);
    int32_t low = unit <= 0xDBFF ? read_unit(*p, end) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return buffer_append_string(out, UTF8_REPLACEMENT);
    *p += 6;
    return append_code(out, (uint32_t)(0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00)));
}

bool secret_walk_unescape(struct buffer *out, const char *text, size_t length)
{
    const char *end = text + length;
    const char *plain = text;
    while (text < end) {
        bool valid = true;
        size_t size = (unsigned char)*text < 0x80
                          ? 1
                          : utf8_character_length(text, (size_t)(end - text), &valid);
        if (*text != '\\' && valid) {
            text += size;
            continue;
        }
        if (!buffer_append(out, plain, (size_t)(text - plain)))
            return false;
        if (valid && !append_escaped(out, &text, end))
            return false;
        if (!valid && !buffer_append_string(out, UTF8_REPLACEMENT))
            return false;
        text += valid ? 0 : size;
        plain = text;
    }
    return buffer_append(out, plain, (size_t)(text - plain));
}

/* Reads the string whose opening quote is at walk->at; false: it has no end. */
static bool read_string(struct secret_walk *walk)
{
    const char *p = walk->at + 1;
    while (p < walk->end && *p != '"') {
        if ((unsigned char)*p < 0x20)
            return false;
        p += *p == '\\' && p + 1 < walk->end ? 2 : 1;
    }
    walk->start = walk->at + 1;
    walk->stop = p;
    walk->at = p < walk->end ? p + 1 : p;
    return p < walk->end;
}

/* --- names --- */

/* Sets the flags for the value of a member by its name. False: no memory. */
static bool classify_name(struct secret_walk *walk)
{
    const struct secret_level *level = &walk->levels[walk->depth - 1];
    const char *name = walk->start;
    size_t length = (size_t)(walk->stop - walk->start);
    if (memchr(name, '\\', length) != NULL) {
        buffer_clear(&walk->name);
        if (!secret_walk_unescape(&walk->name, name, length))
            return false;
        name = buffer_string(&walk->name);
        length = walk->name.length;
    }
    walk->next = (struct secret_level){.secret = level->secret, .credentials = level->credentials};
    walk->form_slot = -1;
    walk->flag = false;
    walk->value = SECRET_VALUE_PLAIN;
    bool exempt_key = level->exempt && length == 3 && memcmp(name, "key", 3) == 0;
    switch (exempt_key ? SECRET_NAME_NONE : secret_name_kind(name, length)) {
    case SECRET_NAME_NONE:
        break;
    case SECRET_NAME_SECRET:
        walk->next.secret = true;
        break;
    case SECRET_NAME_CREDENTIALS:
        walk->next.credentials = true;
        break;
    case SECRET_NAME_LIFETIME:
        walk->next.credentials = false;
        break;
    case SECRET_NAME_FORM_VALUE:
        if (!level->exempt) {
            walk->form_slot = length > 5; /* 1 for "default_value", 0 for "value" */
            walk->value = SECRET_VALUE_FORM;
        }
        break;
    case SECRET_NAME_SENSITIVE:
        walk->flag = true;
        break;
    case SECRET_NAME_PUBLIC:
        walk->next.exempt = !level->secret;
        break;
    }
    if (walk->next.secret || walk->next.credentials)
        walk->value = SECRET_VALUE_SECRET;
    return true;
}

/* Sets the flags for an element of an array: it inherits those of the array. */
static void classify_element(struct secret_walk *walk)
{
    walk->next = (struct secret_level){.secret = false};
    walk->form_slot = -1;
    walk->flag = false;
    if (walk->depth > 0) {
        const struct secret_level *level = &walk->levels[walk->depth - 1];
        walk->next.secret = level->secret;
        walk->next.credentials = level->credentials;
        walk->next.exempt = level->exempt;
    }
    walk->value =
        walk->next.secret || walk->next.credentials ? SECRET_VALUE_SECRET : SECRET_VALUE_PLAIN;
}

/* --- tokens --- */

static enum secret_token broken(struct secret_walk *walk)
{
    walk->at = walk->end;
    walk->ended = true;
    return SECRET_TOKEN_BROKEN;
}

static enum secret_token open_level(struct secret_walk *walk)
{
    if (walk->depth == DEEPEST)
        return broken(walk);
    if (walk->depth == walk->capacity) {
        size_t capacity = walk->capacity == 0 ? FIRST_CAPACITY : walk->capacity * 2;
        struct secret_level *levels = realloc(walk->levels, capacity * sizeof *levels);
        if (levels == NULL)
            return SECRET_TOKEN_NO_MEMORY;
        walk->levels = levels;
        walk->capacity = capacity;
    }
    /* The enclosing object keeps the start of the value of its member. */
    if (walk->named && walk->form_slot >= 0) {
        walk->levels[walk->depth - 1].value[walk->form_slot] = walk->at;
        walk->levels[walk->depth - 1].value_end[walk->form_slot] = NULL;
    }
    walk->next.object = *walk->at == '{';
    walk->levels[walk->depth++] = walk->next;
    walk->named = false;
    walk->start = walk->at++;
    walk->stop = walk->at;
    return SECRET_TOKEN_OPEN;
}

/* A value is complete; the walk continues in its container. */
static void end_value(struct secret_walk *walk)
{
    walk->named = false;
    walk->ended = walk->depth == 0;
}

static enum secret_token close_level(struct secret_walk *walk)
{
    const struct secret_level *level = &walk->levels[walk->depth - 1];
    if (walk->named || level->object != (*walk->at == '}'))
        return broken(walk);
    walk->start = walk->at++;
    walk->stop = walk->at;
    walk->closed = *level;
    walk->depth--;
    /* This level was a value of the enclosing object if that has a start without an end. */
    if (walk->depth > 0) {
        struct secret_level *outer = &walk->levels[walk->depth - 1];
        for (int i = 0; i < 2; i++)
            if (outer->value[i] != NULL && outer->value_end[i] == NULL)
                outer->value_end[i] = walk->at;
    }
    end_value(walk);
    return SECRET_TOKEN_CLOSE;
}

/* Ends a string, number or word, which is the token. */
static enum secret_token end_scalar(struct secret_walk *walk, const char *from,
                                    enum secret_token token)
{
    if (walk->depth > 0) {
        struct secret_level *level = &walk->levels[walk->depth - 1];
        if (walk->form_slot >= 0) {
            level->value[walk->form_slot] = from;
            level->value_end[walk->form_slot] = walk->at;
        }
        if (walk->flag && *from == 't')
            level->sensitive = true;
    }
    end_value(walk);
    return token;
}

static size_t plain_length(const char *p, const char *end, const char *extra)
{
    size_t length = 0;
    while (p + length < end && p[length] != '\0' &&
           ((p[length] >= '0' && p[length] <= '9') || (p[length] >= 'a' && p[length] <= 'z') ||
            strchr(extra, p[length]) != NULL))
        length++;
    return length;
}

static enum secret_token read_word_or_number(struct secret_walk *walk)
{
    const char *from = walk->at;
    bool number = *from == '-' || (*from >= '0' && *from <= '9');
    size_t length = plain_length(from, walk->end, number ? "-+.E" : "");
    bool word = (length == 4 && (memcmp(from, "true", 4) == 0 || memcmp(from, "null", 4) == 0)) ||
                (length == 5 && memcmp(from, "false", 5) == 0);
    if (!number && !word)
        return broken(walk);
    walk->start = from;
    walk->stop = walk->at = from + length;
    return end_scalar(walk, from, number ? SECRET_TOKEN_NUMBER : SECRET_TOKEN_WORD);
}

static enum secret_token read_value(struct secret_walk *walk)
{
    const char *from = walk->at;
    if (!walk->named)
        classify_element(walk);
    if (walk->all)
        walk->value = SECRET_VALUE_SECRET;
    if (*from == '{' || *from == '[')
        return open_level(walk);
    if (*from != '"')
        return read_word_or_number(walk);
    if (!read_string(walk))
        return broken(walk);
    return end_scalar(walk, from, SECRET_TOKEN_STRING);
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static enum secret_token read_name(struct secret_walk *walk)
{
    if (*walk->at != '"' || !read_string(walk))
        return broken(walk);
    if (!classify_name(walk))
        return SECRET_TOKEN_NO_MEMORY;
    walk->at = skip_space(walk->at, walk->end);
    if (walk->at == walk->end || *walk->at != ':')
        return broken(walk);
    walk->at++;
    walk->named = true;
    return SECRET_TOKEN_NAME;
}

enum secret_token secret_walk_next(struct secret_walk *walk)
{
    walk->at = skip_space(walk->at, walk->end);
    if (walk->ended)
        return walk->at == walk->end ? SECRET_TOKEN_END : broken(walk);
    if (walk->at == walk->end)
        return broken(walk);
    if (walk->depth == 0 || walk->named)
        return read_value(walk);
    if (*walk->at == '}' || *walk->at == ']')
        return close_level(walk);
    /* A missing comma is accepted here: json_read reports it, and the walk only needs to tell names
     * from values. */
    if (*walk->at == ',')
        walk->at = skip_space(walk->at + 1, walk->end);
    if (walk->at == walk->end)
        return broken(walk);
    return walk->levels[walk->depth - 1].object ? read_name(walk) : read_value(walk);
}
