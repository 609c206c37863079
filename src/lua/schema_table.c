#include "lua/schema_table.h"

#include "api/operation.h"
#include "lua_api/table.h"

#include <stdbool.h>

static const char *const type_names[] = {
    [SCHEMA_ANY] = "any",
    [SCHEMA_STRING] = "string",
    [SCHEMA_INTEGER] = "integer",
    [SCHEMA_NUMBER] = "number",
    [SCHEMA_DURATION] = "duration",
    [SCHEMA_BOOLEAN] = "boolean",
    [SCHEMA_DATE_TIME] = "date-time",
    [SCHEMA_SCALAR] = "scalar",
    [SCHEMA_FREE_FORM] = "free-form",
    [SCHEMA_OBJECT] = "object",
    [SCHEMA_ARRAY] = "array",
    [SCHEMA_SCOPES] = "scopes",
};

static const char *const location_names[] = {
    [PARAMETER_PATH] = "path", [PARAMETER_QUERY] = "query", [PARAMETER_BODY] = "body"};

static void set_field_flags(lua_State *L, unsigned flags)
{
    table_set_boolean(L, "read_only", (flags & FIELD_READ_ONLY) != 0);
    table_set_boolean(L, "nullable", (flags & FIELD_NULLABLE) != 0);
    table_set_boolean(L, "required", (flags & FIELD_REQUIRED) != 0);
    table_set_boolean(L, "secret", (flags & FIELD_SECRET) != 0);
    table_set_boolean(L, "secret_if_sensitive", (flags & FIELD_SECRET_IF_SENSITIVE) != 0);
}

static void push_schema(lua_State *L, const struct schema *schema, int seen);

static void set_enumeration(lua_State *L, const struct schema *schema)
{
    if (schema->enumeration == NULL)
        return;
    lua_newtable(L);
    for (int i = 0; schema->enumeration[i] != NULL; i++) {
        lua_pushstring(L, schema->enumeration[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "enumeration");
}

static void set_fields(lua_State *L, const struct schema *schema, int seen)
{
    if (schema->type != SCHEMA_OBJECT)
        return;
    lua_newtable(L);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        lua_newtable(L);
        table_set_string(L, "name", field->name);
        push_schema(L, field->schema, seen);
        lua_setfield(L, -2, "schema");
        set_field_flags(L, field->flags);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "fields");
}

/* `seen` has the tables made so far by the address of their schema: a schema may contain itself
 * (form field options do). */
static void push_schema(lua_State *L, const struct schema *schema, int seen)
{
    luaL_checkstack(L, 10, "schema");
    lua_pushfstring(L, "%p", (const void *)schema);
    lua_pushvalue(L, -1);
    lua_rawget(L, seen);
    if (!lua_isnil(L, -1)) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_insert(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, seen);
    table_set_string(L, "name", schema->name);
    table_set_string(L, "type", type_names[schema->type]);
    table_set_boolean(L, "fixed", schema->fixed);
    set_enumeration(L, schema);
    set_fields(L, schema, seen);
    if (schema->item != NULL) {
        push_schema(L, schema->item, seen);
        lua_setfield(L, -2, "item");
    }
}

static void push_parameters(lua_State *L, const struct operation *operation, int seen)
{
    lua_newtable(L);
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        lua_newtable(L);
        table_set_string(L, "name", parameter->name);
        table_set_string(L, "location", location_names[parameter->location]);
        set_field_flags(L, parameter->flags);
        push_schema(L, parameter->schema, seen);
        lua_setfield(L, -2, "schema");
        lua_rawseti(L, -2, (int)i + 1);
    }
}

static void push_operations(lua_State *L, int seen)
{
    lua_newtable(L);
    for (size_t i = 0; i < operation_count; i++) {
        const struct operation *operation = &operations[i];
        lua_newtable(L);
        table_set_string(L, "id", operation->id);
        table_set_string(L, "group", operation->group);
        table_set_string(L, "name", operation->name);
        table_set_string(L, "method", operation->method);
        table_set_string(L, "path", operation->path);
        table_set_boolean(L, "consumer", (operation->context & CONTEXT_CONSUMER) != 0);
        table_set_boolean(L, "application", (operation->context & CONTEXT_APPLICATION) != 0);
        table_set_boolean(L, "pages", operation->pages);
        table_set_boolean(L, "idempotent", operation->idempotent);
        table_set_boolean(L, "no_content_ok", operation->no_content_ok);
        if (operation->data != NULL) {
            push_schema(L, operation->data, seen);
            lua_setfield(L, -2, "data");
        }
        push_parameters(L, operation, seen);
        lua_setfield(L, -2, "parameters");
        lua_rawseti(L, -2, (int)i + 1);
    }
}

void schema_table_push(lua_State *L)
{
    lua_newtable(L);
    int seen = lua_gettop(L);
    lua_newtable(L);
    push_operations(L, seen);
    lua_setfield(L, -2, "operations");
    lua_newtable(L);
    for (size_t i = 0; schema_all[i] != NULL; i++) {
        push_schema(L, schema_all[i], seen);
        lua_setfield(L, -2, schema_all[i]->name);
    }
    lua_setfield(L, -2, "schemas");
    lua_remove(L, seen);
}
