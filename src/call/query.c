#include "call/query.h"

#include "base/utf8.h"
#include "call/error.h"
#include "call/field_names.h"
#include "http/url.h"
#include "json/json_array.h"
#include "json/json_date.h"
#include "json/json_number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One parameter, or one member of an object. */
struct entry {
    const char *path;   /* for messages: "filter.http_methods[2]" */
    const char *object; /* "filter"; NULL if the entry is a parameter itself */
    const char *name;
    const struct schema *schema;
    unsigned flags; /* FIELD_... */
};

static bool append_encoded(struct buffer *query, const char *text)
{
    return url_append_query_text(query, text, strlen(text));
}

static void append_name(lua_State *L, struct buffer *query, const struct entry *entry)
{
    error_require_memory(L, buffer_append_char(query, '&'));
    if (entry->object != NULL)
        error_require_memory(
            L, append_encoded(query, entry->object) && buffer_append_string(query, "%5B") &&
                   append_encoded(query, entry->name) && buffer_append_string(query, "%5D="));
    else
        error_require_memory(L,
                             append_encoded(query, entry->name) && buffer_append_char(query, '='));
}

_Noreturn static void raise_unexpected(lua_State *L, const struct entry *entry,
                                       const char *expected)
{
    error_invalid(L, "%s: expected %s, got %s", entry->path, expected, error_type_name(L, -1));
}

static void append_text(lua_State *L, struct buffer *query, const struct entry *entry)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (utf8_valid_length(text, length) != length)
        error_invalid(L, "%s: is not valid UTF-8", entry->path);
    error_require_memory(L, url_append_query_text(query, text, length));
}

static void append_number(lua_State *L, struct buffer *query, const struct entry *entry)
{
    char bytes[JSON_NUMBER_SIZE];
    size_t length;
    double real = (double)lua_tonumber(L, -1);
    if (!isfinite(real))
        error_invalid(L, "%s: must not be NaN or infinity", entry->path);
    if (entry->schema->type == SCHEMA_INTEGER && real != floor(real))
        error_invalid(L, "%s: expected an integer, got a number with a fraction", entry->path);
    if (lua_isinteger(L, -1))
        length = json_integer_write((int64_t)lua_tointeger(L, -1), bytes);
    else
        length = json_real_write(real, bytes);
    error_require_memory(
        L, url_append_query_text(query, bytes, length)); /* escaped, as 1e+300 has a '+' */
}

static void append_date(lua_State *L, struct buffer *query, const struct entry *entry)
{
    char bytes[JSON_DATE_SIZE];
    size_t length;
    error_check_status(L, json_date_write((double)lua_tonumber(L, -1), bytes, &length),
                       entry->path);
    error_require_memory(L, url_append_query_text(query, bytes, length));
}

static void append_any(lua_State *L, struct buffer *query, const struct entry *entry)
{
    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER && !lua_isboolean(L, -1))
        raise_unexpected(L, entry, "a string, number or boolean");
    append_name(L, query, entry);
    if (lua_isboolean(L, -1))
        error_require_memory(L,
                             buffer_append_string(query, lua_toboolean(L, -1) ? "true" : "false"));
    else
        (lua_type(L, -1) == LUA_TSTRING ? append_text : append_number)(L, query, entry);
}

/* Appends the value on top of the stack, which must be neither an array nor an object. */
static void append_value(lua_State *L, struct buffer *query, const struct entry *entry)
{
    enum schema_type type = entry->schema->type;
    bool is_text = lua_type(L, -1) == LUA_TSTRING, is_number = lua_type(L, -1) == LUA_TNUMBER;
    switch (type) {
    case SCHEMA_BOOLEAN:
        if (!lua_isboolean(L, -1))
            raise_unexpected(L, entry, "a boolean");
        append_name(L, query, entry);
        error_require_memory(L,
                             buffer_append_string(query, lua_toboolean(L, -1) ? "true" : "false"));
        return;
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER:
        if (!is_number)
            raise_unexpected(L, entry, type == SCHEMA_INTEGER ? "an integer" : "a number");
        append_name(L, query, entry);
        append_number(L, query, entry);
        return;
    case SCHEMA_DATE_TIME:
        if (!is_text && !is_number)
            raise_unexpected(L, entry, "an RFC 3339 string or a number of seconds since the epoch");
        append_name(L, query, entry);
        (is_text ? append_text : append_date)(L, query, entry);
        return;
    case SCHEMA_ANY:
        append_any(L, query, entry);
        return;
    default:
        if (!is_text)
            raise_unexpected(L, entry, "a string");
        append_name(L, query, entry);
        append_text(L, query, entry);
    }
}

/* Checks that the keys of the table on top of the stack are 1 to n; returns n. */
static size_t check_positions(lua_State *L, const struct entry *entry)
{
    size_t count = 0;
    double last = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        double position = lua_type(L, -2) == LUA_TNUMBER ? (double)lua_tonumber(L, -2) : 0;
        if (position < 1 || position != floor(position))
            error_invalid(L, "%s: expected an array, got a table with other keys than 1, 2, 3, ...",
                          entry->path);
        last = position > last ? position : last;
        count++;
    }
    if (last > (double)count)
        error_invalid(L, "%s: has holes", entry->path);
    return count;
}

static void append_array(lua_State *L, struct buffer *query, const struct entry *entry)
{
    if (!lua_istable(L, -1))
        raise_unexpected(L, entry, "an array");
    size_t count = check_positions(L, entry);
    for (size_t i = 1; i <= count; i++) {
        struct entry item = *entry;
        item.schema = entry->schema->item;
        item.path = lua_pushfstring(L, "%s[%d]", entry->path, (int)i);
        lua_rawgeti(L, -2, (int)i);
        append_value(L, query, &item);
        lua_pop(L, 2);
    }
}

static const char *member_at(const void *set, size_t index)
{
    const struct schema *schema = set;
    return index < schema->field_count ? schema->fields[index].name : NULL;
}

static void check_member_names(lua_State *L, const struct entry *object)
{
    const struct field_names names = {member_at, object->schema};
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "%s: has %s as a key; names of fields must be strings", object->path,
                          error_type_name(L, -2));
        const char *name = lua_tostring(L, -2);
        if (!field_names_have(&names, name))
            field_names_raise_unknown(L, &names, lua_pushfstring(L, "%s.", object->path), name,
                                      lua_pushfstring(L, "%s takes", object->path));
    }
}

/* Whether to send the value on top of the stack. A null counts as absent if the field is nullable,
 * as a query cannot express null. */
static bool is_given(lua_State *L, unsigned flags)
{
    bool is_null = lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == NULL;
    return !lua_isnil(L, -1) && !(is_null && (flags & FIELD_NULLABLE) != 0);
}

/* In the order of the schema, so that equal requests have equal URLs. */
static void append_object(lua_State *L, struct buffer *query, const struct entry *object)
{
    if (!lua_istable(L, -1))
        raise_unexpected(L, object, "an object");
    check_member_names(L, object);
    for (size_t i = 0; i < object->schema->field_count; i++) {
        const struct schema_field *field = &object->schema->fields[i];
        struct entry member = {
            .object = object->name,
            .name = field->name,
            .schema = field->schema,
            .flags = field->flags,
        };
        lua_pushstring(L, field->name);
        lua_rawget(L, -2);
        if (is_given(L, field->flags)) {
            member.path = lua_pushfstring(L, "%s.%s", object->path, field->name);
            lua_insert(L, -2);
            (field->schema->type == SCHEMA_ARRAY ? append_array : append_value)(L, query, &member);
            lua_remove(L, -2);
        }
        lua_pop(L, 1);
    }
}

static void append_parameter(lua_State *L, struct buffer *query, const struct entry *entry)
{
    if (entry->schema->type == SCHEMA_ARRAY)
        append_array(L, query, entry);
    else if (entry->schema->type == SCHEMA_OBJECT)
        append_object(L, query, entry);
    else
        append_value(L, query, entry);
}

void query_append(lua_State *L, const struct operation *operation, int request,
                  struct buffer *query)
{
    luaL_checkstack(L, 20, "query");
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->location != PARAMETER_QUERY)
            continue;
        struct entry entry = {
            .path = parameter->name,
            .name = parameter->name,
            .schema = parameter->schema,
            .flags = parameter->flags,
        };
        lua_pushstring(L, parameter->name);
        lua_rawget(L, request);
        if (is_given(L, parameter->flags))
            append_parameter(L, query, &entry);
        lua_pop(L, 1);
    }
}

/* --- without a schema --- */

static const struct schema any = {.type = SCHEMA_ANY};
static const struct schema any_list = {.type = SCHEMA_ARRAY, .item = &any};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pushes a userdata with the sorted names of the table's members, so that equal requests have equal
 * URLs. Returns their number. */
static size_t push_names(lua_State *L, int table, const char *path)
{
    size_t count = 0, i = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_rawlen(L, -2) != strlen(lua_tostring(L, -2)))
            error_invalid(L, "%s: its members must be named by strings without NUL", path);
        count++;
    }
    const char **names = lua_newuserdata(L, (count + 1) * sizeof *names);
    for (lua_pushnil(L); lua_next(L, table) != 0 && i < count; lua_pop(L, 1))
        names[i++] = lua_tostring(L, -2);
    if (i > 0)
        qsort(names, i, sizeof *names, compare_names);
    return i;
}

static bool is_list(lua_State *L, int table)
{
    if (json_is_array(L, table))
        return true;
    lua_rawgeti(L, table, 1);
    bool list = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return list;
}

/* Appends the members of the table at `table`; `object` is its name, or NULL for the query
 * itself. */
static void append_members(lua_State *L, struct buffer *query, int table, const char *object,
                           const char *path)
{
    luaL_checkstack(L, 20, "query");
    size_t count = push_names(L, table, path);
    const char *const *names = lua_touserdata(L, -1);
    for (size_t i = 0; i < count; i++) {
        struct entry entry = {.object = object, .name = names[i], .schema = &any};
        entry.path = lua_pushfstring(L, "%s.%s", path, names[i]);
        lua_pushstring(L, names[i]);
        lua_rawget(L, table);
        if (!lua_istable(L, -1)) {
            append_value(L, query, &entry);
        } else if (is_list(L, lua_gettop(L))) {
            entry.schema = &any_list;
            append_array(L, query, &entry);
        } else if (object == NULL) {
            append_members(L, query, lua_gettop(L), names[i], entry.path);
        } else {
            raise_unexpected(L, &entry, "a string, number, boolean or an array of them");
        }
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

void query_append_table(lua_State *L, int table, struct buffer *query)
{
    append_members(L, query, table, NULL, "query");
}
