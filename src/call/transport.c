#include "call/transport.h"

#include "call/error.h"
#include "call/header_table.h"
#include "call/user_field.h"
#include "call/user_function.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void push_request(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    const struct buffer *body = call_buffers_body(buffers);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, context->call->operation->method);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, call_buffers_url(buffers));
    lua_setfield(L, -2, "url");
    header_table_push(L, &buffers->headers);
    lua_setfield(L, -2, "headers");
    vault_pushwhole(L, (double)buffers->settings.timeout_ms);
    lua_setfield(L, -2, "timeout_ms");
    if (body != NULL) {
        lua_pushlstring(L, buffer_string(body), body->length);
        lua_setfield(L, -2, "body");
    }
}

static int raise_bad_response(lua_State *L, const char *what)
{
    lua_pushfstring(L, "the transport returned %s", what);
    error_new(L, ERROR_UNEXPECTED);
    return error_raise(L);
}

static void read_failure(lua_State *L, struct transfer_response *response, int message)
{
    response->outcome = TRANSFER_LOST;
    response->code = "transport";
    const char *text = lua_type(L, message) == LUA_TSTRING ? lua_tostring(L, message)
                                                           : "the transport gave no reason";
    snprintf(response->message, sizeof response->message, "%s", text);
}

static void read_headers(lua_State *L, struct header_list *headers)
{
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        size_t name_length, length;
        if (lua_type(L, -2) != LUA_TSTRING ||
            (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER))
            raise_bad_response(L, "headers that are not strings");
        const char *name = lua_tolstring(L, -2, &name_length);
        const char *value = lua_tolstring(L, -1, &length);
        /* Headers of a response need not be UTF-8; only NUL and line ends are invalid. */
        if (!header_name_is_valid(name, name_length) || strlen(value) != length ||
            strpbrk(value, "\r\n") != NULL)
            raise_bad_response(L, "an invalid header");
        if (!header_list_add(headers, name, name_length, value, length))
            error_no_memory(L);
        lua_pop(L, 1);
    }
}

static void read_response_body(lua_State *L, const struct client *client,
                               struct transfer_response *response)
{
    size_t length, limit = client->transfer_options.max_response_bytes;
    const char *body = lua_tolstring(L, -1, &length);
    if (length > limit) {
        response->outcome = TRANSFER_TOO_LARGE;
        length = limit;
    }
    if (!buffer_append(&response->body, body, length))
        error_no_memory(L);
}

static void push_response_field(lua_State *L, const struct call_context *context, int returned,
                                const char *name)
{
    user_field_push(L, context, returned, name, "reading the transport's response");
}

static void read_response(lua_State *L, const struct call_context *context, int returned)
{
    struct transfer_response *response = &context->call->buffers->response;
    push_response_field(L, context, returned, "status");
    lua_Number status = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    if (!(status >= 200 && status <= 599) || status != floor(status)) /* also true for NaN */
        raise_bad_response(L, "no status from 200 to 599");
    response->status = (int)status;
    response->outcome = TRANSFER_COMPLETE;
    push_response_field(L, context, returned, "headers");
    if (lua_istable(L, -1))
        read_headers(L, &response->headers);
    else if (!lua_isnil(L, -1))
        raise_bad_response(L, "headers that are not a table");
    push_response_field(L, context, returned, "body");
    if (lua_type(L, -1) == LUA_TSTRING)
        read_response_body(L, context->call->client, response);
    else if (!lua_isnil(L, -1))
        raise_bad_response(L, "a body that is not a string");
}

void transport_perform(lua_State *L, const struct call_context *context)
{
    struct transfer_response *response = &context->call->buffers->response;
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "transport");
    client_push_value(L, context->client, CLIENT_TRANSPORT);
    push_request(L, context);
    user_function_call(L, context, "the transport", 1, 2);
    transfer_response_clear(response);
    if (lua_istable(L, top + 1))
        read_response(L, context, top + 1);
    else if (lua_isnil(L, top + 1))
        read_failure(L, response, top + 2);
    else
        raise_bad_response(L, error_type_name(L, top + 1));
    lua_settop(L, top);
}
