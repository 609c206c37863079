#include "json/json_write.h"

#include "lua_api/compat.h"
#include "json/json_array.h"
#include "json/json_date.h"
#include "json/json_field.h"
#include "json/json_number.h"
#include "json/json_path.h"
#include "json/json_quote.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The kinds of Lua values, by their JSON types. */
enum kind {
    KIND_NULL = 1,
    KIND_STRING = 2,
    KIND_NUMBER = 4,
    KIND_BOOLEAN = 8,
    KIND_EMPTY = 16, /* an empty table without a mark: [] or {}, by the schema */
    KIND_ARRAY = 32,
    KIND_OBJECT = 64,
    KIND_NIL = 128,
    KIND_NONE = 256, /* no JSON type: a function, a userdata, a coroutine */
    KIND_ANY = KIND_NIL - 1
};

/* What the schema expects of a value. */
struct expectation {
    const struct schema *schema;
    unsigned kinds;
    const char *name;
    bool unchecked; /* read-only: any JSON value is accepted */
};

struct writer {
    lua_State *L;
    struct buffer *out;
    struct buffer *message;
    struct json_array_markers marks;
    unsigned flags; /* JSON_WRITE_... */
    int depth;
};

static const struct schema any = {.type = SCHEMA_ANY};

static struct expectation expect(const struct schema *schema, unsigned flags)
{
    static const struct {
        unsigned kinds;
        const char *name;
    } rules[] = {
        [SCHEMA_ANY] = {KIND_ANY, "a JSON value"},
        [SCHEMA_STRING] = {KIND_STRING, "a string"},
        [SCHEMA_INTEGER] = {KIND_NUMBER, "an integer"},
        [SCHEMA_NUMBER] = {KIND_NUMBER, "a number"},
        [SCHEMA_BOOLEAN] = {KIND_BOOLEAN, "a boolean"},
        [SCHEMA_DURATION] = {KIND_NUMBER | KIND_STRING, "an integer"},
        [SCHEMA_DATE_TIME] = {KIND_STRING | KIND_NUMBER,
                              "an RFC 3339 string or a number of seconds since the epoch"},
        [SCHEMA_SCALAR] = {KIND_STRING | KIND_NUMBER | KIND_BOOLEAN | KIND_EMPTY | KIND_ARRAY,
                           "a string, number, boolean or an array of strings and numbers"},
        [SCHEMA_FREE_FORM] = {KIND_EMPTY | KIND_OBJECT, "an object"},
        [SCHEMA_OBJECT] = {KIND_EMPTY | KIND_OBJECT, "an object"},
        [SCHEMA_ARRAY] = {KIND_EMPTY | KIND_ARRAY, "an array"},
        [SCHEMA_SCOPES] = {KIND_STRING | KIND_EMPTY | KIND_OBJECT, "\"*\" or an object"},
    };
    return (struct expectation){
        .schema = schema,
        .kinds = rules[schema->type].kinds | ((flags & FIELD_NULLABLE) != 0 ? KIND_NULL : 0),
        .name = rules[schema->type].name,
        .unchecked = (flags & FIELD_READ_ONLY) != 0,
    };
}

/* The expectation for the items of an array. */
static struct expectation expect_item(const struct expectation *array)
{
    struct expectation item;
    if (array->schema->type == SCHEMA_SCALAR)
        item = (struct expectation){&any, KIND_STRING | KIND_NUMBER, "a string or a number", false};
    else
        item = expect(array->schema->type == SCHEMA_ARRAY ? array->schema->item : &any, 0);
    item.unchecked = array->unchecked;
    return item;
}

static struct status memory_status(bool appended)
{
    return appended ? status_ok() : status_no_memory();
}

/* Appends "path: problem" to the message. */
static struct status invalid(struct writer *writer, const struct json_path *path,
                             const char *problem)
{
    bool appended = json_path_append(writer->message, path) &&
                    buffer_append_string(writer->message, ": ") &&
                    buffer_append_string(writer->message, problem);
    return appended ? status_invalid(NULL) : status_no_memory();
}

static struct status too_deep(struct writer *writer, const struct json_path *path)
{
    struct status status = invalid(writer, path, "nests too deep");
    if (status.code == STATUS_CODE_INVALID)
        status.code = STATUS_CODE_NO_STACK;
    return status;
}

/* The name of the kind in messages; NULL if the name of the Lua type follows. */
static const char *name_of_kind(enum kind kind)
{
    switch (kind) {
    case KIND_NULL:
        return "null";
    case KIND_STRING:
        return "a string";
    case KIND_NUMBER:
        return "a number";
    case KIND_BOOLEAN:
        return "a boolean";
    case KIND_EMPTY:
        return "an empty table";
    case KIND_ARRAY:
        return "an array";
    case KIND_OBJECT:
        return "an object";
    case KIND_NIL:
        return "nothing";
    default:
        return "a ";
    }
}

/* Writes "path: expected a string, got a number" about the value on top of the stack. */
static struct status unexpected(struct writer *writer, const struct json_path *path,
                                const char *expected, enum kind kind)
{
    struct buffer *message = writer->message;
    const char *type = kind == KIND_NONE ? luaL_typename(writer->L, -1) : "";
    bool appended =
        json_path_append(message, path) && buffer_append_string(message, ": expected ") &&
        buffer_append_string(message, expected) && buffer_append_string(message, ", got ") &&
        buffer_append_string(message, name_of_kind(kind)) && buffer_append_string(message, type);
    return appended ? status_invalid(NULL) : status_no_memory();
}

static enum kind kind_of_table(struct writer *writer, int index)
{
    lua_State *L = writer->L;
    if (json_is_marked(L, index, &writer->marks))
        return KIND_ARRAY;
    lua_pushnil(L);
    if (lua_next(L, index) == 0)
        return KIND_EMPTY;
    enum kind kind = lua_type(L, -2) == LUA_TNUMBER ? KIND_ARRAY : KIND_OBJECT;
    lua_pop(L, 2);
    return kind;
}

static enum kind kind_of(struct writer *writer, int index)
{
    switch (lua_type(writer->L, index)) {
    case LUA_TSTRING:
        return KIND_STRING;
    case LUA_TNUMBER:
        return KIND_NUMBER;
    case LUA_TBOOLEAN:
        return KIND_BOOLEAN;
    case LUA_TNIL:
        return KIND_NIL;
    case LUA_TTABLE:
        return kind_of_table(writer, index);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(writer->L, index) == NULL)
            return KIND_NULL;
        return json_is_marked(writer->L, index, &writer->marks) ? KIND_ARRAY : KIND_NONE;
    default:
        return KIND_NONE;
    }
}

/* Writes a duration given as text as an integer. */
static struct status write_digits(struct writer *writer, const char *text, size_t length,
                                  const struct json_path *path)
{
    enum { MOST_DIGITS = 15 };
    char bytes[JSON_NUMBER_SIZE];
    int64_t value = 0;
    if (length == 0 || length > MOST_DIGITS || strspn(text, "0123456789") != length)
        return invalid(writer, path, "expected an integer, got text that is not one");
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (text[i] - '0');
    return memory_status(buffer_append(writer->out, bytes, json_integer_write(value, bytes)));
}

static struct status write_string(struct writer *writer, int index,
                                  const struct expectation *expected, const struct json_path *path)
{
    size_t length;
    bool valid;
    const char *text = lua_tolstring(writer->L, index, &length);
    if (expected->schema->type == SCHEMA_DURATION && !expected->unchecked)
        return write_digits(writer, text, length, path);
    if (expected->schema->type == SCHEMA_DATE_TIME && !expected->unchecked &&
        json_date_is_milliseconds(text, length))
        return invalid(writer, path,
                       "looks like milliseconds; expected seconds since the epoch as a number, or "
                       "RFC 3339 text");
    if (json_quote(writer->out, text, length, &valid))
        return status_ok();
    return valid ? status_no_memory() : invalid(writer, path, "the text is not valid UTF-8");
}

static struct status write_date(struct writer *writer, double seconds, const struct json_path *path)
{
    char bytes[JSON_DATE_SIZE + 2];
    size_t length;
    struct status status = json_date_write(seconds, bytes + 1, &length);
    if (status.code != STATUS_CODE_OK)
        return invalid(writer, path, status.message);
    bytes[0] = '"';
    bytes[length + 1] = '"';
    return memory_status(buffer_append(writer->out, bytes, length + 2));
}

/* Whether the number may have been another integer of up to 64 bits: a Lua without 64-bit integers
 * reads these as doubles. */
static bool may_be_another(double real)
{
#if LUA_HAS_INTEGERS
    if (sizeof(lua_Integer) >= sizeof(int64_t))
        return false;
#endif
    double magnitude = fabs(real);
    return magnitude >= 9007199254740992.0 && magnitude < 18446744073709551616.0;
}

static struct status write_number(struct writer *writer, int index,
                                  const struct expectation *expected, const struct json_path *path)
{
    char bytes[JSON_NUMBER_SIZE];
    lua_State *L = writer->L;
    enum schema_type type = expected->unchecked ? SCHEMA_ANY : expected->schema->type;
    double real = (double)lua_tonumber(L, index);
    if (type == SCHEMA_DATE_TIME)
        return write_date(writer, real, path);
    if (lua_isinteger(L, index)) {
        size_t length = json_integer_write((int64_t)lua_tointeger(L, index), bytes);
        return memory_status(buffer_append(writer->out, bytes, length));
    }
    if (!isfinite(real))
        return invalid(writer, path, "NaN and infinity are not valid in JSON");
    if ((type == SCHEMA_INTEGER || type == SCHEMA_DURATION) && real != floor(real))
        return invalid(writer, path, "expected an integer, got a number with a fraction");
    if ((writer->flags & JSON_WRITE_EXACT) != 0 && !expected->unchecked && may_be_another(real))
        return invalid(writer, path,
                       "is an integer of 2^53 or more, which this Lua cannot represent exactly; "
                       "send it as text, or leave it out");
    return memory_status(buffer_append(writer->out, bytes, json_real_write(real, bytes)));
}

static struct status write_value(struct writer *writer, const struct expectation *expected,
                                 struct json_path *path);

static struct status mixed(struct writer *writer, int index, const struct json_path *path)
{
    if (json_is_marked(writer->L, index, &writer->marks))
        return invalid(writer, path, "is marked as an array but has named fields");
    return invalid(writer, path,
                   "is neither an array nor an object: it has both positions and named fields");
}

/* Writes which is the first position from 1 that has no value. */
static struct status hole(struct writer *writer, int index, const struct json_path *path)
{
    lua_State *L = writer->L;
    struct json_path place = {.parent = path};
    bool present = true;
    while (present) {
        lua_rawgeti(L, index, (int)++place.position);
        present = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    return invalid(writer, &place, "is missing in the array; use vault.null for an empty item");
}

/* Counts the items of an array, whose keys must be exactly 1 to n. */
static struct status count_items(struct writer *writer, int index, const struct json_path *path,
                                 size_t *count)
{
    lua_State *L = writer->L;
    double last = 0;
    *count = 0;
    if (lua_type(L, index) != LUA_TTABLE)
        return status_ok(); /* cjson.empty_array */
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TNUMBER)
            return mixed(writer, index, path);
        double position = (double)lua_tonumber(L, -2);
        if (position < 1 || position != floor(position))
            return invalid(writer, path, "has a number key that is not a position (1, 2, 3, ...)");
        last = position > last ? position : last;
        ++*count;
    }
    return last > (double)*count ? hole(writer, index, path) : status_ok();
}

static struct status write_array(struct writer *writer, int index,
                                 const struct expectation *expected, const struct json_path *path)
{
    lua_State *L = writer->L;
    struct expectation item = expect_item(expected);
    struct json_path place = {.parent = path};
    size_t count;
    struct status status = count_items(writer, index, path, &count);
    if (status.code != STATUS_CODE_OK)
        return status;
    if (!buffer_append_char(writer->out, '['))
        return status_no_memory();
    while (place.position < count) {
        if (place.position++ > 0 && !buffer_append_char(writer->out, ','))
            return status_no_memory();
        lua_rawgeti(L, index, (int)place.position);
        status = write_value(writer, &item, &place);
        if (status.code != STATUS_CODE_OK)
            return status;
        lua_pop(L, 1);
    }
    return memory_status(buffer_append_char(writer->out, ']'));
}

static struct status check_required(struct writer *writer, int index, const struct schema *schema,
                                    const struct json_path *path)
{
    lua_State *L = writer->L;
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        if ((field->flags & FIELD_REQUIRED) == 0)
            continue;
        lua_pushstring(L, field->name);
        lua_rawget(L, index);
        bool missing = lua_isnil(L, -1);
        lua_pop(L, 1);
        struct json_path place = {path, field->name, strlen(field->name), 0, NULL};
        if (missing)
            return invalid(writer, &place, "required field is missing");
    }
    return status_ok();
}

static struct status write_name(struct writer *writer, const struct json_path *path)
{
    bool valid;
    if (json_quote(writer->out, path->name, path->name_length, &valid))
        return memory_status(buffer_append_char(writer->out, ':'));
    return valid ? status_no_memory() : invalid(writer, path, "the name is not valid UTF-8");
}

/* Writes the member whose name and value are on top of the stack. */
static struct status write_member(struct writer *writer, const struct expectation *object,
                                  const struct json_path *path)
{
    const struct schema *schema = object->schema;
    const struct schema_field *field = NULL;
    struct json_path place = {.parent = path};
    place.name = lua_tolstring(writer->L, -2, &place.name_length);
    if (schema->type == SCHEMA_OBJECT) {
        field = json_field_find(schema, place.name, place.name_length);
        if (field == NULL && !object->unchecked) {
            struct status status = json_field_check(writer->message, schema, &place);
            if (status.code != STATUS_CODE_OK)
                return status;
        }
    }
    struct expectation value =
        field != NULL ? expect(field->schema, field->flags) : expect(&any, 0);
    value.unchecked = value.unchecked || object->unchecked;
    struct status status = write_name(writer, &place);
    return status.code == STATUS_CODE_OK ? write_value(writer, &value, &place) : status;
}

static struct status write_object(struct writer *writer, int index,
                                  const struct expectation *expected, const struct json_path *path)
{
    lua_State *L = writer->L;
    const char *before = "{";
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TNUMBER)
            return mixed(writer, index, path);
        if (lua_type(L, -2) != LUA_TSTRING)
            return invalid(writer, path, "has a key that is neither a string nor a position");
        if (!buffer_append_string(writer->out, before))
            return status_no_memory();
        before = ",";
        struct status status = write_member(writer, expected, path);
        if (status.code != STATUS_CODE_OK)
            return status;
    }
    if (!expected->unchecked && expected->schema->type == SCHEMA_OBJECT) {
        struct status status = check_required(writer, index, expected->schema, path);
        if (status.code != STATUS_CODE_OK)
            return status;
    }
    return memory_status(buffer_append_string(writer->out, *before == '{' ? "{}" : "}"));
}

static bool contains_itself(const struct json_path *path)
{
    for (const struct json_path *outer = path->parent; outer != NULL; outer = outer->parent) {
        if (outer->table == path->table)
            return true;
    }
    return false;
}

/* Writes an array or object; `index` is the table's. */
static struct status write_table(struct writer *writer, int index, enum kind kind,
                                 const struct expectation *expected, struct json_path *path)
{
    path->table = lua_topointer(writer->L, index);
    if (contains_itself(path))
        return invalid(writer, path, "the table contains itself");
    /* Room for a name, a value and checking them. */
    if (writer->depth >= JSON_WRITE_DEPTH || !json_check_stack(writer->L, 8))
        return too_deep(writer, path);
    writer->depth++;
    bool expects_array = (expected->kinds & KIND_ARRAY) != 0 && expected->kinds != KIND_ANY;
    bool as_array = kind == KIND_ARRAY || (kind == KIND_EMPTY && expects_array);
    struct status status = as_array ? write_array(writer, index, expected, path)
                                    : write_object(writer, index, expected, path);
    writer->depth--;
    return status;
}

/* Writes the value on top of the stack, and leaves it there. */
static struct status write_value(struct writer *writer, const struct expectation *expected,
                                 struct json_path *path)
{
    lua_State *L = writer->L;
    int index = lua_gettop(L);
    enum kind kind = kind_of(writer, index);
    struct expectation fallback;
    bool accepted = (expected->kinds & kind) != 0 ||
                    (kind == KIND_NULL && (writer->flags & JSON_WRITE_NULLS) != 0);
    if (!accepted) {
        if (!expected->unchecked || (kind & KIND_ANY) == 0)
            return unexpected(writer, path, expected->name, kind);
        fallback = expect(&any, FIELD_READ_ONLY);
        expected = &fallback;
    }
    switch (kind) {
    case KIND_NULL:
        return memory_status(buffer_append_string(writer->out, "null"));
    case KIND_BOOLEAN:
        return memory_status(
            buffer_append_string(writer->out, lua_toboolean(L, index) ? "true" : "false"));
    case KIND_STRING:
        return write_string(writer, index, expected, path);
    case KIND_NUMBER:
        return write_number(writer, index, expected, path);
    default:
        return write_table(writer, index, kind, expected, path);
    }
}

struct status json_write(lua_State *L, int index, const struct schema *schema, const char *root,
                         unsigned flags, struct buffer *out, struct buffer *message)
{
    struct writer writer = {.L = L, .out = out, .message = message, .flags = flags};
    struct json_path path = {.name = root, .name_length = strlen(root)};
    struct expectation expected = expect(schema != NULL ? schema : &any, 0);
    int top = lua_gettop(L);
    if (!json_check_stack(L, 8))
        return too_deep(&writer, &path);
    lua_pushvalue(L, index);
    json_array_markers_get(L, &writer.marks);
    struct status status = write_value(&writer, &expected, &path);
    lua_settop(L, top);
    return status;
}
