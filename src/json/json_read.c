#include "json/json_read.h"

#include "lua_api/compat.h"
#include "json/json_array.h"
#include "json/json_names.h"
#include "json/json_number.h"
#include "json/json_string.h"

#include <lauxlib.h>
#include <stdint.h>

/* The number of values that may wait on the stack in a container at that depth. Values stay on the
 * stack until their container is complete, which is then created with its final size. Lua 5.1 and
 * LuaJIT allow a C function 8000 slots (LUAI_MAXCSTACK), so the number is bounded, with a smaller
 * bound at greater depth: in real documents the wide containers are outside. All levels together
 * stay below 7000. */
static int waiting_limit(int depth)
{
    if (depth <= 3)
        return 512;
    if (depth <= 16)
        return 128;
    return depth <= 64 ? 16 : 2;
}

enum { SPARE_SLOTS = 8 }; /* for one member and the values needed to store it */

struct reader {
    lua_State *L;
    const char *end;
    bool keep_nulls;
    int array_metatable;
    int depth;
    struct status status;
    const char *error_at;
    struct json_names *names;
    int name_strings; /* stack index */
    struct json_scratch scratch;
};

/* An array or object being read. On the stack: the table at `slot`, nil until it is created, and
 * above it the values that wait to be stored. */
struct container {
    int slot;
    int waiting; /* number of values on the stack: items, or names and values */
    int limit;
};

static const char *read_value(struct reader *reader, const char *p);

static const char *fail(struct reader *reader, const char *p, const char *message)
{
    reader->status = status_invalid(p == reader->end ? "unexpected end of the text" : message);
    reader->error_at = p;
    return NULL;
}

static const char *fail_too_deep(struct reader *reader, const char *p)
{
    reader->status = (struct status){STATUS_CODE_NO_STACK, "nests too deep"};
    reader->error_at = p;
    return NULL;
}

/* Skips white space as in RFC 8259 section 2. Stops at the NUL at the end. */
static inline const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
        p++;
    return p;
}

/* Stops at the NUL after the text. Not strncmp, to avoid a call in the inner loop. */
static inline bool starts_with(const char *p, const char *word)
{
    while (*word != '\0') {
        if (*p++ != *word++)
            return false;
    }
    return true;
}

static bool container_open(struct reader *reader, struct container *container)
{
    lua_State *L = reader->L;
    if (++reader->depth > JSON_READ_DEPTH)
        return false;
    container->limit = waiting_limit(reader->depth);
    container->waiting = 0;
    if (!json_check_stack(L, container->limit + SPARE_SLOTS))
        return false;
    lua_pushnil(L);
    container->slot = lua_gettop(L);
    return true;
}

/* Creates the table, unless that was done for an earlier part of the container. */
static void container_make(lua_State *L, const struct container *container, int items, int members)
{
    if (!lua_isnil(L, container->slot))
        return;
    lua_createtable(L, items, members);
    lua_replace(L, container->slot);
}

/* Stores the waiting items; the array then has `count` items. From last to first, since the last
 * one is on top of the stack. */
static void store_items(struct reader *reader, struct container *array, size_t count)
{
    lua_State *L = reader->L;
    container_make(L, array, array->waiting, 0);
    for (; array->waiting > 0; array->waiting--)
        lua_rawseti(L, array->slot, (int)count--);
}

static const char *read_array(struct reader *reader, const char *p)
{
    lua_State *L = reader->L;
    struct container array;
    size_t count = 0;
    if (!container_open(reader, &array))
        return fail_too_deep(reader, p);
    p = skip_space(p + 1);
    while (count > 0 || *p != ']') {
        p = read_value(reader, p);
        if (p == NULL)
            return NULL;
        count++;
        if (++array.waiting >= array.limit)
            store_items(reader, &array, count);
        p = skip_space(p);
        if (*p == ']')
            break;
        if (*p != ',')
            return fail(reader, p, "expected ',' or ']' in an array");
        p = skip_space(p + 1);
    }
    store_items(reader, &array, count);
    lua_pushvalue(L, reader->array_metatable);
    lua_setmetatable(L, array.slot);
    reader->depth--;
    return p + 1;
}

struct object {
    struct container container;
    uint64_t seen[JSON_NAMES / 64]; /* set of the numbers of names read so far */
    bool may_repeat;                /* a name is repeated, or may be */
};

/* Stores the waiting members from last to first, since the last one is on top of the stack. If a
 * name may repeat, stores them in the order of the text, so that the last one wins. */
static void store_members(lua_State *L, struct object *object)
{
    struct container *container = &object->container;
    int slot = container->slot;
    container_make(L, container, 0, container->waiting / 2);
    if (!object->may_repeat) {
        for (; container->waiting > 0; container->waiting -= 2)
            lua_rawset(L, slot);
        return;
    }
    for (int i = 1; i <= container->waiting; i += 2) {
        lua_pushvalue(L, slot + i);
        lua_pushvalue(L, slot + i + 1);
        lua_rawset(L, slot);
    }
    lua_settop(L, slot);
    container->waiting = 0;
}

static void note_name(struct object *object, int number)
{
    if (number == JSON_NAME_UNKNOWN) {
        object->may_repeat = true;
        return;
    }
    uint64_t bit = UINT64_C(1) << (number % 64);
    uint64_t *word = &object->seen[number / 64];
    if ((*word & bit) != 0)
        object->may_repeat = true;
    *word |= bit;
}

/* Pushes the name at `p`; returns the start of its value, or NULL. */
static const char *read_name(struct reader *reader, struct object *object, const char *p)
{
    if (*p != '"')
        return fail(reader, p, "expected a field name in quotes");
    const char *name = p + 1;
    p = json_string_scan(name, reader->end);
    if (*p == '"') {
        size_t length = (size_t)(p - name);
        note_name(object,
                  json_names_push(reader->L, reader->names, reader->name_strings, name, length));
        p++;
    } else {
        object->may_repeat = true;
        p = json_string_read(reader->L, &reader->scratch, name, p, reader->end, &reader->status,
                             &reader->error_at);
        if (p == NULL)
            return NULL;
    }
    p = skip_space(p);
    if (*p != ':')
        return fail(reader, p, "expected ':' after a field name");
    return skip_space(p + 1);
}

static const char *read_member(struct reader *reader, struct object *object, const char *p)
{
    p = read_name(reader, object, p);
    if (p == NULL)
        return NULL;
    if (reader->keep_nulls || !starts_with(p, "null")) {
        p = read_value(reader, p);
        object->container.waiting += 2;
        return p;
    }
    if (object->may_repeat) {
        /* nil removes an earlier member of that name. */
        lua_pushnil(reader->L);
        object->container.waiting += 2;
    } else {
        lua_pop(reader->L, 1);
    }
    return p + 4;
}

static const char *read_object(struct reader *reader, const char *p)
{
    struct object object = {.may_repeat = false};
    struct container *container = &object.container;
    if (!container_open(reader, container))
        return fail_too_deep(reader, p);
    p = skip_space(p + 1);
    for (bool first = true; !first || *p != '}'; first = false) {
        p = read_member(reader, &object, p);
        if (p == NULL)
            return NULL;
        if (container->waiting >= container->limit)
            store_members(reader->L, &object);
        p = skip_space(p);
        if (*p == '}')
            break;
        if (*p != ',')
            return fail(reader, p, "expected ',' or '}' in an object");
        p = skip_space(p + 1);
    }
    store_members(reader->L, &object);
    reader->depth--;
    return p + 1;
}

static const char *read_string(struct reader *reader, const char *p)
{
    const char *end = json_string_scan(p, reader->end);
    if (*end == '"') {
        lua_pushlstring(reader->L, p, (size_t)(end - p));
        return end + 1;
    }
    return json_string_read(reader->L, &reader->scratch, p, end, reader->end, &reader->status,
                            &reader->error_at);
}

static void push_number(lua_State *L, const struct json_number *number)
{
#if LUA_HAS_INTEGERS
    /* lua_Integer may have 32 bits (LUA_INT_TYPE). */
    if (number->is_integer && (lua_Integer)number->integer == number->integer) {
        lua_pushinteger(L, (lua_Integer)number->integer);
        return;
    }
#endif
    lua_pushnumber(L, (lua_Number)number->real);
}

/* Reads numbers of few digits itself; json_number_read reads the others. */
static const char *read_number(struct reader *reader, const char *p)
{
    enum { SHORT_DIGITS = 15 }; /* exact as a double, too */
    const char *digits = *p == '-' ? p + 1 : p;
    const char *end = digits;
    int64_t value = 0;
    while (*end >= '0' && *end <= '9' && end - digits < SHORT_DIGITS)
        value = value * 10 + (*end++ - '0');
    bool ends = *end != '.' && *end != 'e' && *end != 'E' && !(*end >= '0' && *end <= '9');
    /* Not 01, not -0, nor a minus sign alone. */
    bool is_short = ends && (value != 0 ? *digits != '0' : *p == '0' && end == p + 1);
    struct json_number number = {.is_integer = true};
    if (is_short) {
        number.integer = digits == p ? value : -value;
        number.real = (double)number.integer;
    } else {
        end = json_number_read(p, &number);
        if (end == NULL)
            return fail(reader, p, "malformed number");
    }
    push_number(reader->L, &number);
    return end;
}

static const char *read_word(struct reader *reader, const char *p)
{
    lua_State *L = reader->L;
    if (starts_with(p, "true")) {
        lua_pushboolean(L, 1);
        return p + 4;
    }
    if (starts_with(p, "false")) {
        lua_pushboolean(L, 0);
        return p + 5;
    }
    if (starts_with(p, "null")) {
        lua_pushlightuserdata(L, NULL);
        return p + 4;
    }
    return fail(reader, p, "expected a value");
}

/* Pushes the value at `p`; returns its end, or NULL. */
static const char *read_value(struct reader *reader, const char *p)
{
    switch (*p) {
    case '"':
        return read_string(reader, p + 1);
    case '{':
        return read_object(reader, p);
    case '[':
        return read_array(reader, p);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(reader, p);
    default:
        return read_word(reader, p);
    }
}

static const char *read_document(struct reader *reader, const char *p)
{
    if (starts_with(p, "\xEF\xBB\xBF"))
        p += 3;
    p = read_value(reader, skip_space(p));
    if (p == NULL)
        return NULL;
    p = skip_space(p);
    return p == reader->end ? p : fail(reader, p, "unexpected text after the value");
}

struct status json_read(lua_State *L, const char *text, size_t length, bool keep_nulls,
                        size_t *offset)
{
    struct reader reader;
    int top = lua_gettop(L);
    reader.L = L;
    reader.end = text + length;
    reader.keep_nulls = keep_nulls;
    reader.depth = 0;
    const char *end = NULL;
    if (json_check_stack(L, SPARE_SLOTS)) {
        json_push_array_metatable(L);
        reader.array_metatable = lua_gettop(L);
        json_scratch_open(L, &reader.scratch);
        reader.names = json_names_open(L);
        reader.name_strings = lua_gettop(L);
        end = read_document(&reader, text);
    } else {
        fail_too_deep(&reader, text);
    }
    if (end != NULL) {
        lua_replace(L, top + 1);
        lua_settop(L, top + 1);
        return status_ok();
    }
    lua_settop(L, top);
    *offset = (size_t)(reader.error_at - text);
    return reader.status;
}
