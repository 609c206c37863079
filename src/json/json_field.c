#include "json/json_field.h"

#include "base/did_you_mean.h"

#include <string.h>

const struct schema_field *json_field_find(const struct schema *schema, const char *name,
                                           size_t length)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const char *field = schema->fields[i].name;
        if (strlen(field) == length && memcmp(field, name, length) == 0)
            return &schema->fields[i];
    }
    return NULL;
}

/* Writes "unknown field 'connection.customMappings'; did you mean '...'?" `outer` is the field that
 * contains `meant`; NULL if that is beside the unknown one. */
static struct status unknown_field(struct buffer *message, const struct json_path *path,
                                   const char *outer, const char *meant)
{
    struct json_path object = *path, field = *path;
    bool appended = buffer_append_string(message, "unknown field '") &&
                    json_path_append(message, path) && buffer_append_char(message, '\'');
    if (appended && meant != NULL) {
        if (outer != NULL) {
            object.name = outer;
            object.name_length = strlen(outer);
            field.parent = &object;
        }
        field.name = meant;
        field.name_length = strlen(meant);
        appended = buffer_append_string(message, "; did you mean '") &&
                   json_path_append(message, &field) && buffer_append_string(message, "'?");
    }
    return appended ? status_invalid(NULL) : status_no_memory();
}

/* Finds the name, in any case style, in the objects inside this one. Only in those whose fields are
 * fixed: the API may add a field here with the same name as in another object, but a token belongs
 * in the credentials. */
static const struct schema_field *find_inside(const struct schema *schema,
                                              struct suggestion *suggestion)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema *inner = schema->fields[i].schema;
        if (inner->type != SCHEMA_OBJECT || !inner->fixed)
            continue;
        for (size_t j = 0; j < inner->field_count; j++)
            did_you_mean_consider(suggestion, inner->fields[j].name);
        if (did_you_mean_is_spelling(suggestion))
            return &schema->fields[i];
    }
    return NULL;
}

struct status json_field_check(struct buffer *message, const struct schema *schema,
                               const struct json_path *path)
{
    struct suggestion suggestion = {.given = path->name}, inside = {.given = path->name};
    if (strlen(path->name) == path->name_length) {
        for (size_t i = 0; i < schema->field_count; i++)
            did_you_mean_consider(&suggestion, schema->fields[i].name);
        const struct schema_field *outer = find_inside(schema, &inside);
        if (outer != NULL && !did_you_mean_is_spelling(&suggestion))
            return unknown_field(message, path, outer->name, inside.best);
    }
    if (did_you_mean_is_spelling(&suggestion) ||
        (schema->fixed && did_you_mean_is_near(&suggestion)))
        return unknown_field(message, path, NULL, suggestion.best);
    if (schema->fixed && schema->field_count == 0)
        return unknown_field(message, path, NULL, NULL);
    return status_ok();
}
