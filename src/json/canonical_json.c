#include "json/canonical_json.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A member of an object, or an array or object anywhere; scalars in arrays have no node. Slices are
 * offsets and lengths in the text; links are indices, 0 for none. */
struct canonical_json_node {
    unsigned name, name_length; /* the name of a member, without quotes */
    unsigned value, value_length;
    unsigned first_child, last_child, next;
    unsigned child_count;
    char kind; /* '{', '[' or '\\0' for a scalar */
};

enum { ROOT = 0 };

/* --- reading --- */

struct reader {
    struct canonical_json *json;
    const char *end;
    int depth; /* number of levels that may still be opened */
    struct status status;
};

static const char *fail(struct reader *reader, struct status status)
{
    reader->status = status;
    return NULL;
}

static const char *fail_invalid(struct reader *reader)
{
    return fail(reader, status_invalid("is not JSON"));
}

static char peek(const struct reader *reader, const char *p)
{
    return p < reader->end ? *p : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r'; /* RFC 8259 section 2 */
}

static const char *skip_space(const struct reader *reader, const char *p)
{
    while (p < reader->end && is_space(*p))
        p++;
    return p;
}

/* Returns the closing quote of the string that starts at `p`, after its opening quote; NULL if
 * there is none. */
static const char *find_quote(const char *p, const char *end)
{
    for (; p < end && *p != '"'; p++)
        if (*p == '\\' && ++p == end)
            return NULL;
    return p < end ? p : NULL;
}

static bool grow(struct canonical_json *json)
{
    enum { FIRST_CAPACITY = 64 };
    if (json->count < json->capacity)
        return true;
    unsigned capacity = json->capacity > 0 ? json->capacity * 2 : FIRST_CAPACITY;
    struct canonical_json_node *nodes = realloc(json->nodes, capacity * sizeof *nodes);
    if (nodes == NULL)
        return false;
    json->nodes = nodes;
    json->capacity = capacity;
    return true;
}

/* Appends a node as the last child of `parent`, or as the root. False: no memory. */
static bool add_node(struct reader *reader, struct canonical_json_node node, unsigned parent)
{
    struct canonical_json *json = reader->json;
    if (!grow(json)) {
        reader->status = status_no_memory();
        return false;
    }
    unsigned added = json->count++;
    json->nodes[added] = node;
    if (added == ROOT)
        return true;
    struct canonical_json_node *above = &json->nodes[parent];
    if (above->last_child == 0)
        above->first_child = added;
    else
        json->nodes[above->last_child].next = added;
    above->last_child = added;
    above->child_count++;
    return true;
}

static const char *read_container(struct reader *reader, const char *p, unsigned node);

/* Returns the end of a number or word: the next delimiter. */
static const char *find_scalar_end(const struct reader *reader, const char *p)
{
    while (p < reader->end && !is_space(*p) && strchr(",:]}[{\"", *p) == NULL)
        p++;
    return p;
}

/* Reads the value at `p` and returns its end, or NULL; for a member `node` has its name. */
static const char *read_value(struct reader *reader, const char *p, unsigned parent,
                              struct canonical_json_node node, bool is_member)
{
    struct canonical_json *json = reader->json;
    const char *start = p, *end;
    char first = peek(reader, p);
    unsigned added = json->count;
    node.kind = '\0';
    if (first == '{' || first == '[')
        node.kind = first;
    if ((is_member || node.kind != '\0') && !add_node(reader, node, parent))
        return NULL;
    if (node.kind != '\0')
        end = read_container(reader, p, added);
    else if (first == '"')
        end = (end = find_quote(p + 1, reader->end)) != NULL ? end + 1 : NULL;
    else
        end = find_scalar_end(reader, p);
    if (end == NULL || end == start)
        return reader->status.code != STATUS_CODE_OK ? NULL : fail_invalid(reader);
    if (json->count > added) {
        json->nodes[added].value = (unsigned)(start - json->text);
        json->nodes[added].value_length = (unsigned)(end - start);
    }
    return end;
}

static const char *read_member(struct reader *reader, const char *p, unsigned object)
{
    struct canonical_json_node node = {0};
    const char *quote = peek(reader, p) == '"' ? find_quote(p + 1, reader->end) : NULL;
    if (quote == NULL)
        return fail_invalid(reader);
    node.name = (unsigned)(p + 1 - reader->json->text);
    node.name_length = (unsigned)(quote - p - 1);
    p = skip_space(reader, quote + 1);
    if (peek(reader, p) != ':')
        return fail_invalid(reader);
    return read_value(reader, skip_space(reader, p + 1), object, node, true);
}

/* Reads the array or object whose bracket is at `p`. */
static const char *read_container(struct reader *reader, const char *p, unsigned node)
{
    bool is_object = *p == '{';
    char closing = is_object ? '}' : ']';
    if (reader->depth-- == 0)
        return fail(reader, (struct status){STATUS_CODE_NO_STACK, "nests too deep"});
    p = skip_space(reader, p + 1);
    for (bool first = true; !first || peek(reader, p) != closing; first = false) {
        p = is_object ? read_member(reader, p, node)
                      : read_value(reader, p, node, (struct canonical_json_node){0}, false);
        if (p == NULL)
            return NULL;
        p = skip_space(reader, p);
        if (peek(reader, p) == closing)
            break;
        if (peek(reader, p) != ',')
            return fail_invalid(reader);
        p = skip_space(reader, p + 1);
    }
    reader->depth++;
    return p + 1;
}

struct status canonical_json_read(struct canonical_json *json, const char *text, size_t length,
                                  int depth)
{
    struct reader reader = {.json = json, .end = text + length, .depth = depth};
    json->text = text;
    json->count = 0;
    if (length > INT_MAX)
        return status_no_memory();
    const char *p = skip_space(&reader, text);
    /* Read it as a member, so that a scalar has a node, too. */
    p = read_value(&reader, p, ROOT, (struct canonical_json_node){0}, true);
    if (p != NULL && skip_space(&reader, p) != reader.end)
        fail_invalid(&reader);
    return reader.status;
}

void canonical_json_free(struct canonical_json *json)
{
    free(json->nodes);
    *json = (struct canonical_json){0};
}

/* --- names --- */

/* Iterates over the UTF-16 code units of a name, undoing its escapes. */
struct units {
    const char *p, *end;
    int low_surrogate; /* the next unit, or 0 */
};

enum { NO_UNIT = -1, REPLACEMENT = 0xFFFD };

static int next_escape(struct units *units)
{
    static const char letters[] = "bfnrt", characters[] = "\b\f\n\r\t";
    char c = *units->p++;
    const char *letter = memchr(letters, c, sizeof letters - 1);
    if (letter != NULL)
        return characters[letter - letters];
    if (c != 'u')
        return (unsigned char)c;
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = units->p < units->end ? hex_value(*units->p) : -1;
        if (digit < 0)
            return REPLACEMENT;
        unit = unit * 16 + digit;
        units->p++;
    }
    return unit;
}

static int next_unit(struct units *units)
{
    int unit = units->low_surrogate;
    units->low_surrogate = 0;
    if (unit != 0)
        return unit;
    if (units->p == units->end)
        return NO_UNIT;
    if (*units->p == '\\') {
        units->p++;
        return next_escape(units); /* find_quote has checked that a character follows */
    }
    bool valid;
    size_t length = utf8_character_length(units->p, (size_t)(units->end - units->p), &valid);
    const unsigned char *bytes = (const unsigned char *)units->p;
    units->p += length;
    if (!valid)
        return REPLACEMENT;
    if (length == 1)
        return bytes[0];
    int code_point = bytes[0] & (0x7F >> length);
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3F);
    if (code_point < 0x10000)
        return code_point;
    code_point -= 0x10000; /* The Unicode Standard, section 3.9, table 3-5 */
    units->low_surrogate = 0xDC00 | (code_point & 0x3FF);
    return 0xD800 | code_point >> 10;
}

/* --- sorting --- */

static const uint32_t NO_INDEX = 0xFFFFFFFF; /* the smallest number that is not an array index */

/* A member in its object's order. */
struct entry {
    unsigned node;
    unsigned first; /* the first member of that name */
    uint32_t index; /* the name as an array index, or NO_INDEX */
};

struct writer {
    const struct canonical_json *json;
    enum canonical_json_arrays arrays;
    struct buffer *out;
    struct entry *entries; /* stack of the members of the objects being written */
    struct entry *scratch;
    unsigned used;
    unsigned arrays_around;
};

static struct units units_of(const struct writer *writer, unsigned node)
{
    const struct canonical_json_node *member = &writer->json->nodes[node];
    const char *name = writer->json->text + member->name;
    return (struct units){name, name + member->name_length, 0};
}

/* ECMA-262 section 6.1.7: an array index is the canonical decimal text of an integer below 2^32 -
 * 1. */
static uint32_t index_of(const struct writer *writer, unsigned node)
{
    struct units units = units_of(writer, node);
    uint64_t index = 0;
    int digits = 0, unit, first = 0;
    while ((unit = next_unit(&units)) != NO_UNIT) {
        if (unit < '0' || unit > '9' || digits == 10)
            return NO_INDEX;
        if (digits++ == 0)
            first = unit;
        index = index * 10 + (uint64_t)(unit - '0');
    }
    bool canonical = digits == 1 || (digits > 1 && first != '0');
    return canonical && index < NO_INDEX ? (uint32_t)index : NO_INDEX;
}

static int compare_names(const struct writer *writer, unsigned a, unsigned b)
{
    struct units left = units_of(writer, a), right = units_of(writer, b);
    for (;;) {
        int x = next_unit(&left), y = next_unit(&right);
        if (x != y)
            return x < y ? -1 : 1; /* NO_UNIT is less than any unit */
        if (x == NO_UNIT)
            return 0;
    }
}

static int by_name(const struct writer *writer, const struct entry *a, const struct entry *b)
{
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->index != NO_INDEX ? 0 : compare_names(writer, a->node, b->node);
}

/* The index of a node is its position in the text. */
static int by_insertion(const struct writer *writer, const struct entry *a, const struct entry *b)
{
    (void)writer;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->first < b->first ? -1 : 1;
}

typedef int comparison(const struct writer *, const struct entry *, const struct entry *);

static void merge(const struct writer *writer, const struct entry *from, size_t middle, size_t end,
                  struct entry *to, comparison *compare)
{
    size_t left = 0, right = middle;
    for (size_t i = 0; i < end; i++) {
        bool take_left =
            left < middle && (right == end || compare(writer, &from[left], &from[right]) <= 0);
        to[i] = from[take_left ? left++ : right++];
    }
}

/* Merge sort: stable, and n log n in the worst case, unlike some qsort(3). */
static void merge_sort(const struct writer *writer, struct entry *entries, size_t count,
                       comparison *compare)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t end = count - start < 2 * width ? count - start : 2 * width;
            size_t middle = width < end ? width : end;
            merge(writer, entries + start, middle, end, writer->scratch + start, compare);
        }
        memcpy(entries, writer->scratch, count * sizeof *entries);
    }
}

/* Of equal names, which are neighbours, keeps the last. */
static size_t drop_duplicates(const struct writer *writer, struct entry *entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_name(writer, &entries[kept - 1], &entries[i]) == 0)
            entries[kept - 1].node = entries[i].node;
        else
            entries[kept++] = entries[i];
    }
    return kept;
}

/* Sorts the members of the object at the end of the entries in use, and returns their number. */
static size_t sort_members(struct writer *writer, const struct canonical_json_node *object)
{
    struct entry *entries = writer->entries + writer->used;
    size_t count = 0;
    for (unsigned node = object->first_child; node != 0; node = writer->json->nodes[node].next)
        entries[count++] = (struct entry){node, node, index_of(writer, node)};
    merge_sort(writer, entries, count, by_name);
    count = drop_duplicates(writer, entries, count);
    if (writer->arrays == CANONICAL_JSON_KEEP_ARRAYS && writer->arrays_around > 0)
        merge_sort(writer, entries, count, by_insertion);
    return count;
}

/* --- writing --- */

static bool write_node(struct writer *writer, unsigned node);

/* Copies text without objects, leaving out white space between tokens. */
static bool write_compact(struct buffer *out, const char *p, const char *end)
{
    while (p < end) {
        const char *start = p;
        while (p < end && !is_space(*p)) {
            const char *quote = *p == '"' ? find_quote(p + 1, end) : NULL;
            p = quote != NULL ? quote + 1 : p + 1;
        }
        if (!buffer_append(out, start, (size_t)(p - start)))
            return false;
        while (p < end && is_space(*p))
            p++;
    }
    return true;
}

static bool write_array(struct writer *writer, const struct canonical_json_node *array)
{
    const struct canonical_json *json = writer->json;
    const char *p = json->text + array->value, *end = p + array->value_length;
    writer->arrays_around++;
    for (unsigned child = array->first_child; child != 0; child = json->nodes[child].next) {
        const char *start = json->text + json->nodes[child].value;
        if (!write_compact(writer->out, p, start) || !write_node(writer, child))
            return false;
        p = start + json->nodes[child].value_length;
    }
    writer->arrays_around--;
    return write_compact(writer->out, p, end);
}

static bool write_object(struct writer *writer, const struct canonical_json_node *object)
{
    const struct canonical_json *json = writer->json;
    struct buffer *out = writer->out;
    size_t count = sort_members(writer, object);
    const struct entry *entries = writer->entries + writer->used;
    writer->used += (unsigned)count;
    if (!buffer_append_char(out, '{'))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct canonical_json_node *member = &json->nodes[entries[i].node];
        if (!buffer_append_string(out, i == 0 ? "\"" : ",\"") ||
            !buffer_append(out, json->text + member->name, member->name_length) ||
            !buffer_append_string(out, "\":") || !write_node(writer, entries[i].node))
            return false;
    }
    writer->used -= (unsigned)count;
    return buffer_append_char(out, '}');
}

static bool write_node(struct writer *writer, unsigned node)
{
    const struct canonical_json_node *value = &writer->json->nodes[node];
    switch (value->kind) {
    case '{':
        return write_object(writer, value);
    case '[':
        return write_array(writer, value);
    default:
        return buffer_append(writer->out, writer->json->text + value->value, value->value_length);
    }
}

bool canonical_json_write(const struct canonical_json *json, enum canonical_json_arrays arrays,
                          struct buffer *out)
{
    struct writer writer = {.json = json, .arrays = arrays, .out = out};
    writer.entries = malloc(2 * (size_t)json->count * sizeof *writer.entries);
    if (writer.entries == NULL)
        return false;
    writer.scratch = writer.entries + json->count;
    bool written = write_node(&writer, ROOT);
    free(writer.entries);
    return written;
}
