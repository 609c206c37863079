#include "call/request.h"

#include "base/ascii.h"
#include "base/count.h"
#include "base/utf8.h"
#include "call/error.h"
#include "call/field_names.h"
#include "call/header_value.h"
#include "call/query.h"
#include "call/user_field.h"
#include "call/user_function.h"
#include "json/json_write.h"

#include <string.h>

/* Request fields for the context headers of an operation's row. */
static const struct context_header {
    unsigned context;
    const char *name;
    const char *header;
    enum client_value value;
} context_headers[] = {
    {CONTEXT_CONSUMER, "consumer_id", "x-apideck-consumer-id", CLIENT_CONSUMER_ID},
    {CONTEXT_APPLICATION, "app_id", "x-apideck-app-id", CLIENT_APP_ID},
};
enum { CONTEXT_ALL = CONTEXT_CONSUMER | CONTEXT_APPLICATION };
enum { CONTEXT_HEADER_COUNT = COUNT(context_headers) };

/* --- names --- */

/* The `at` of the fields that a request to an operation may have. */
static const char *request_name_at(const void *set, size_t index)
{
    const struct operation *operation = set;
    if (index < operation->parameter_count)
        return operation->parameters[index].name;
    index -= operation->parameter_count;
    for (size_t i = 0; i < CONTEXT_HEADER_COUNT; i++)
        if ((operation->context & context_headers[i].context) != 0 && index-- == 0)
            return context_headers[i].name;
    return NULL;
}

static void check_names(lua_State *L, const struct operation *operation, int request)
{
    const struct field_names names = {request_name_at, operation};
    lua_pushnil(L);
    while (lua_next(L, request)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "the request has %s as a key; names of fields must be strings",
                          error_type_name(L, -2));
        const char *name = lua_tostring(L, -2);
        if (!field_names_have(&names, name)) {
            if (lua_isfunction(L, -1)) /* client.connections:get { } */
                error_invalid(L,
                              "the request has functions as fields; call operations with a dot: "
                              "client.%s.%s { ... }",
                              operation->group, operation->name);
            field_names_raise_unknown(
                L, &names, "", name,
                lua_pushfstring(L, "%s.%s takes", operation->group, operation->name));
        }
        lua_pop(L, 1);
    }
}

static void push_request_field(lua_State *L, int request, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, request);
}

/* Replaces a request with a metatable by a plain table of its known fields: each is read once, and
 * no metamethod runs later. */
static void read_inherited(lua_State *L, const struct call_context *context, int request)
{
    const struct operation *operation = context->call->operation;
    static const char what[] = "reading the request";
    if (!lua_getmetatable(L, request))
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    for (size_t i = 0; i < operation->parameter_count; i++) {
        user_field_push(L, context, request, operation->parameters[i].name, what);
        lua_setfield(L, -2, operation->parameters[i].name);
    }
    for (size_t i = 0; i < CONTEXT_HEADER_COUNT; i++) {
        user_field_push(L, context, request, context_headers[i].name, what);
        lua_setfield(L, -2, context_headers[i].name);
    }
    lua_replace(L, request);
}

/* Replaces an absent request by an empty table; checks the names of fields. */
static void read_request(lua_State *L, const struct call_context *context, int request)
{
    const struct operation *operation = context->call->operation;
    if (lua_isnoneornil(L, request)) {
        lua_newtable(L);
        lua_replace(L, request);
        return;
    }
    if (lua_isuserdata(L, request)) /* client.connections.get(client, { }) */
        error_invalid(L,
                      "request: expected a table, got %s; call operations with a dot: "
                      "client.%s.%s { ... }",
                      error_type_name(L, request), operation->group, operation->name);
    if (!lua_istable(L, request))
        error_invalid(L, "request: expected a table, got %s", error_type_name(L, request));
    check_names(L, operation, request);
    read_inherited(L, context, request);
}

static void check_required(lua_State *L, const struct operation *operation, int request)
{
    for (size_t i = 0; i < operation->parameter_count; i++) {
        push_request_field(L, request, operation->parameters[i].name);
        if (lua_isnil(L, -1) && (operation->parameters[i].flags & FIELD_REQUIRED) != 0)
            error_invalid(L, "%s: required field is missing", operation->parameters[i].name);
        lua_pop(L, 1);
    }
}

static const char *check_text(lua_State *L, const char *name, size_t *length)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "%s: expected a string, got %s", name, error_type_name(L, -1));
    return lua_tolstring(L, -1, length);
}

/* --- URL --- */

static void append_path_parameter(lua_State *L, struct buffer *url, const char *name)
{
    size_t length;
    const char *text = check_text(L, name, &length);
    /* With an empty or dot segment the path would name another resource, such as the whole
     * collection (RFC 3986 5.2.4). */
    if (length == 0 || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        error_invalid(L, "%s: must not be empty, '.' or '..'", name);
    if (utf8_valid_length(text, length) != length)
        error_invalid(L, "%s: is not valid UTF-8", name);
    error_require_memory(L, url_append_path_segment(url, text, length));
}

static void append_path(lua_State *L, const struct operation *operation, int request,
                        struct buffer *url)
{
    const char *path = operation->path;
    while (*path != '\0') {
        size_t literal = strcspn(path, "{");
        error_require_memory(L, buffer_append(url, path, literal));
        path += literal;
        if (*path != '{')
            continue;
        size_t length = strcspn(path, "}");
        lua_pushlstring(L, path + 1, length - 1);
        const char *name = lua_tostring(L, -1);
        push_request_field(L, request, name);
        append_path_parameter(L, url, name);
        lua_pop(L, 2);
        path += length + 1;
    }
}

/* Appends prefix, path and query to `url`. `target` has the path, and at the offset `query` what
 * query_append wrote. */
static void append_target(lua_State *L, struct buffer *url, const struct base_url *base,
                          const struct buffer *target, size_t query)
{
    size_t length = target->length - query;
    error_require_memory(L, buffer_append(url, base->prefix.data, base->prefix.length) &&
                                buffer_append(url, buffer_string(target), query));
    if (base->query.length > 0)
        error_require_memory(L, buffer_append_char(url, '?') &&
                                    buffer_append(url, base->query.data, base->query.length) &&
                                    buffer_append(url, buffer_string(target) + query, length));
    else if (length > 0)
        error_require_memory(L, buffer_append_char(url, '?') &&
                                    buffer_append(url, target->data + query + 1, length - 1));
}

/* --- body --- */

void request_write_body(lua_State *L, const struct call *call, const struct schema *schema,
                        const char *name, unsigned flags)
{
    struct call_buffers *buffers = call->buffers;
    struct status status =
        json_write(L, -1, schema, name, flags, &buffers->body, &buffers->scratch);
    if (status.code == STATUS_CODE_NO_MEMORY)
        error_no_memory(L);
    if (status.code != STATUS_CODE_OK)
        error_invalid(L, "%s", buffer_string(&buffers->scratch));
    buffers->has_body = true;
}

static void write_body(lua_State *L, const struct call *call, const struct parameter *parameter)
{
    unsigned flags = JSON_WRITE_EXACT | (call->client->keep_nulls ? JSON_WRITE_NULLS : 0);
    if (!lua_istable(L, -1))
        error_invalid(L, "%s: expected a table, got %s", parameter->name, error_type_name(L, -1));
    request_write_body(L, call, parameter->schema, parameter->name, flags);
}

static void build_body(lua_State *L, const struct call *call, int request)
{
    struct call_buffers *buffers = call->buffers;
    const struct operation *operation = call->operation;
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->location != PARAMETER_BODY)
            continue;
        push_request_field(L, request, parameter->name);
        if (lua_isnil(L, -1))
            error_require_memory(L, buffer_append_string(&buffers->body, "{}"));
        else
            write_body(L, call, parameter);
        buffers->has_body = true;
        lua_pop(L, 1);
    }
}

/* --- headers --- */

static void set_header(lua_State *L, struct header_list *headers, const char *name,
                       const char *value, size_t length)
{
    error_require_memory(L, header_list_set(headers, name, value, length));
}

static void set_from_client(lua_State *L, int client, struct header_list *headers, const char *name,
                            enum client_value value)
{
    client_push_value(L, client, value);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (text != NULL)
        set_header(L, headers, name, text, length);
    lua_pop(L, 1);
}

static void set_all(lua_State *L, struct header_list *headers, const struct header_list *from)
{
    struct header header;
    for (size_t position = 0; header_list_next(from, &position, &header);) {
        lua_pushlstring(L, header.line, header.name_length);
        const char *name = lua_tostring(L, -1);
        set_header(L, headers, name, header.value, header.value_length);
        /* An empty value tells request_prepare_headers to send no key. */
        if (header.value_length == 0 && strcmp(name, "authorization") == 0)
            error_require_memory(L, header_list_add(headers, name, header.name_length, "", 0));
        lua_pop(L, 1);
    }
}

/* Context headers from the request's fields override those of the client. */
static void set_context_headers(lua_State *L, const struct operation *operation, int request,
                                struct header_list *headers)
{
    for (size_t i = 0; i < CONTEXT_HEADER_COUNT; i++) {
        if ((operation->context & context_headers[i].context) == 0)
            continue;
        push_request_field(L, request, context_headers[i].name);
        if (!lua_isnil(L, -1)) {
            header_value_push_nonblank(L, context_headers[i].name,
                                       "; leave it out for the client's own");
            size_t length;
            const char *text = lua_tolstring(L, -1, &length);
            set_header(L, headers, context_headers[i].header, text, length);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

/* The headers of every request of the client, with those of the context. */
static void set_client_headers(lua_State *L, int client, struct header_list *headers,
                               bool with_body, unsigned context)
{
    static const char json[] = "application/json";
    const struct client *owner = lua_touserdata(L, client);
    set_header(L, headers, "accept", json, sizeof json - 1);
    if (with_body)
        set_header(L, headers, "content-type", json, sizeof json - 1);
    set_from_client(L, client, headers, "user-agent", CLIENT_USER_AGENT);
    for (size_t i = 0; i < CONTEXT_HEADER_COUNT; i++)
        if ((context & context_headers[i].context) != 0)
            set_from_client(L, client, headers, context_headers[i].header,
                            context_headers[i].value);
    set_all(L, headers, &owner->settings.headers);
}

void request_prepare_client(lua_State *L, int client)
{
    struct client *owner = lua_touserdata(L, client);
    for (int with_body = 0; with_body <= 1; with_body++)
        set_client_headers(L, client, &owner->request_headers[with_body], with_body != 0,
                           CONTEXT_ALL);
}

void request_build_headers(lua_State *L, const struct call_context *context, int request)
{
    struct call_buffers *buffers = context->call->buffers;
    const struct operation *operation = context->call->operation;
    struct header_list *headers = &buffers->call_headers;
    const struct header_list *ready = &context->call->client->request_headers[buffers->has_body];
    if (operation->context == CONTEXT_ALL)
        error_require_memory(L, header_list_copy(headers, ready));
    else
        set_client_headers(L, context->client, headers, buffers->has_body, operation->context);
    set_context_headers(L, operation, request, headers);
}

/* The server_url of the call's options, or else of the client. */
static const struct base_url *base_of(const struct call *call)
{
    const struct base_url *own = &call->buffers->settings.base;
    return own->prefix.length > 0 ? own : &call->client->settings.base;
}

void request_read(lua_State *L, const struct call_context *context, int request)
{
    struct call *call = context->call;
    struct call_buffers *buffers = call->buffers;
    const struct operation *operation = call->operation;
    luaL_checkstack(L, 20, "request");
    read_request(L, context, request);
    check_required(L, operation, request);
    build_body(L, call, request);
    append_path(L, operation, request, &buffers->target);
    buffers->query_offset = buffers->target.length;
    query_append(L, operation, request, &buffers->target);
    request_build_headers(L, context, request);
}

void request_complete(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    append_target(L, &buffers->url, base_of(context->call), &buffers->target,
                  buffers->query_offset);
    set_all(L, &buffers->call_headers, &buffers->settings.headers);
}

/* --- per attempt --- */

/* Pushes the API key: the string, or the result of the api_key function; nil or false for none. */
static void push_key(lua_State *L, const struct call_context *context)
{
    client_push_value(L, context->client, CLIENT_API_KEY);
    if (!lua_isfunction(L, -1))
        return;
    user_function_call(L, context, "the api_key function", 0, 1);
    if (lua_isnil(L, -1))
        error_invalid(L, "api_key: the function returned nil; it must return the "
                         "key as a string");
    header_value_push_nonblank(L, "api_key", "; the function must return the key");
    lua_remove(L, -2);
}

static bool has_bearer(const char *key)
{
    static const char scheme[] = "bearer ";
    for (size_t i = 0; i < sizeof scheme - 1; i++) {
        if (ascii_lower(key[i]) != scheme[i])
            return false;
    }
    return true;
}

/* Not with lua_pushfstring: Lua's memory is never wiped. */
static void set_authorization(lua_State *L, struct call_buffers *buffers, const char *key,
                              size_t length)
{
    struct buffer *value = &buffers->scratch;
    buffer_wipe(value);
    error_require_memory(L, (has_bearer(key) || buffer_append_string(value, "Bearer ")) &&
                                buffer_append(value, key, length));
    /* Added, not set: the list has no such header. */
    error_require_memory(L, header_list_add(&buffers->headers, "authorization",
                                            strlen("authorization"), value->data, value->length));
    buffer_wipe(value);
}

void request_prepare_headers(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    error_require_memory(L, header_list_copy(&buffers->headers, &buffers->call_headers));
    struct header header;
    if (header_list_find(&buffers->headers, "authorization", &header)) {
        if (header.value_length == 0)
            set_header(L, &buffers->headers, "authorization", "", 0);
        return;
    }
    push_key(L, context);
    if (lua_type(L, -1) == LUA_TSTRING) {
        size_t length;
        const char *key = lua_tolstring(L, -1, &length);
        set_authorization(L, buffers, key, length);
    }
    lua_pop(L, 1);
}

/* Whether libcurl sends the request, and not the client's transport, which has its own
 * connections. */
static bool uses_libcurl(lua_State *L, const struct call_context *context)
{
    client_push_value(L, context->client, CLIENT_TRANSPORT);
    bool none = lua_isnil(L, -1);
    lua_pop(L, 1);
    return none;
}

/* The key would be sent unencrypted: allow that only to this machine, and not through a proxy
 * elsewhere. */
static void check_cleartext_key(lua_State *L, const struct call_context *context,
                                const struct url_target *target)
{
    struct call *call = context->call;
    if (!target->loopback)
        error_invalid(L,
                      "server_url: the key would be sent unencrypted (http:// to %s); use "
                      "https://, or set allow_insecure = true",
                      target->host);
    if (!uses_libcurl(L, context))
        return;
    if (url_has_foreign_proxy(call_buffers_url(call->buffers),
                              call->client->transfer_options.proxy))
        error_invalid(L, "proxy: the key would be sent unencrypted to a proxy on another host, "
                         "from the option or the environment (http_proxy, all_proxy); use "
                         "https://, proxy = \"\" for none, or set allow_insecure = true");
    call->local_only = true;
}

void request_check_target(lua_State *L, const struct call_context *context)
{
    struct call *call = context->call;
    struct call_buffers *buffers = call->buffers;
    struct url_target target = base_of(call)->target;
    if (buffers->url_changed)
        error_check_status(L, url_inspect(call_buffers_url(buffers), &target), "url");
    struct header header;
    call->local_only = false;
    if (!target.secure && !call->client->allow_insecure &&
        header_list_find(&buffers->headers, "authorization", &header))
        check_cleartext_key(L, context, &target);
    if (target.secure && !transfer_has_tls() && uses_libcurl(L, context))
        error_invalid(L,
                      "server_url: https:// needs a libcurl with TLS; the loaded one (%s) has none",
                      transfer_libcurl_version());
}
