#include "call/hooks.h"

#include "call/error.h"
#include "call/header_table.h"
#include "call/user_field.h"
#include "call/user_function.h"
#include "lua_api/table.h"

#include <string.h>

bool hooks_has(lua_State *L, const struct call_context *context, enum client_value hook)
{
    if (!context->call->client->has_hooks)
        return false;
    client_push_value(L, context->client, hook);
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return present;
}

/* Pushes an event table with the fields of every event. */
static void push_event(lua_State *L, const struct call_context *context)
{
    const struct call *call = context->call;
    luaL_checkstack(L, 20, "hook");
    lua_createtable(L, 0, 9);
    table_set_string(L, "operation", call->operation->id);
    table_set_string(L, "method", call->operation->method);
    table_set_string(L, "url", call_buffers_url(call->buffers));
    table_set_integer(L, "attempt", call->attempts);
    table_set_number(L, "elapsed_ms", call_elapsed_ms(call));
}

static void set_body(lua_State *L, const struct buffer *body)
{
    if (body == NULL)
        return;
    lua_pushlstring(L, buffer_string(body), body->length);
    lua_setfield(L, -2, "body");
}

static void set_headers(lua_State *L, const struct header_list *headers)
{
    header_table_push(L, headers);
    lua_setfield(L, -2, "headers");
}

static void set_event_response_fields(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = &context->call->buffers->response;
    if (response->status == 0)
        return;
    table_set_integer(L, "status", response->status);
    set_headers(L, &response->headers);
    set_body(L, &response->body);
}

/* Calls the hook with the event on top of the stack, which stays there. */
static void call_hook(lua_State *L, const struct call_context *context, enum client_value hook,
                      const char *what)
{
    client_push_value(L, context->client, hook);
    lua_pushvalue(L, -2);
    user_function_call(L, context, what, 1, 0);
}

/* --- changes by before_request --- */

/* Pushes a field of the event on top of the stack, which the hook may have given a metatable. */
static void push_changed(lua_State *L, const struct call_context *context, const char *name)
{
    user_field_push(L, context, -1, name, "reading the event of the before_request hook");
}

static void apply_url(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    push_changed(L, context, "url");
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "url: expected a string after the before_request hook, got %s",
                      error_type_name(L, -1));
    size_t length;
    const char *url = lua_tolstring(L, -1, &length);
    if (strlen(url) != length)
        error_invalid(L, "url: must not contain spaces or control characters");
    if (strcmp(url, call_buffers_url(buffers)) != 0) {
        buffer_wipe(&buffers->changed_url);
        if (!buffer_append(&buffers->changed_url, url, length))
            error_no_memory(L);
        buffers->url_changed = true;
    }
    lua_pop(L, 1);
}

static void apply_body(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    push_changed(L, context, "body");
    size_t length = 0;
    const char *body = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    if (body == NULL && !lua_isnil(L, -1))
        error_invalid(L, "body: expected a string after the before_request hook, got %s",
                      error_type_name(L, -1));
    buffers->body_removed = body == NULL;
    if (body != NULL) {
        buffer_wipe(&buffers->changed_body);
        if (!buffer_append(&buffers->changed_body, body, length))
            error_no_memory(L);
        buffers->body_changed = true;
    }
    lua_pop(L, 1);
}

static void apply_headers(lua_State *L, const struct call_context *context)
{
    struct call_buffers *buffers = context->call->buffers;
    push_changed(L, context, "headers");
    if (!lua_istable(L, -1))
        error_invalid(L, "headers: expected a table after the before_request hook, got %s",
                      error_type_name(L, -1));
    header_table_read(L, lua_gettop(L), &buffers->headers, "headers");
    lua_pop(L, 1);
}

/* A body added by the hook is JSON unless the hook sets content-type. */
static void set_default_content_type(lua_State *L, struct call_buffers *buffers)
{
    static const char json[] = "application/json";
    struct header header;
    if (buffers->has_body || !buffers->body_changed || buffers->body_removed ||
        header_list_find(&buffers->headers, "content-type", &header))
        return;
    if (!header_list_set(&buffers->headers, "content-type", json, sizeof json - 1))
        error_no_memory(L);
}

void hooks_before_request(lua_State *L, const struct call_context *context)
{
    if (!hooks_has(L, context, CLIENT_BEFORE_REQUEST))
        return;
    struct call_buffers *buffers = context->call->buffers;
    push_event(L, context);
    set_headers(L, &buffers->headers);
    set_body(L, call_buffers_body(buffers));
    call_hook(L, context, CLIENT_BEFORE_REQUEST, "the before_request hook");
    apply_url(L, context);
    apply_body(L, context);
    apply_headers(L, context);
    set_default_content_type(L, buffers);
    lua_pop(L, 1);
}

void hooks_after_response(lua_State *L, const struct call_context *context)
{
    if (!hooks_has(L, context, CLIENT_AFTER_RESPONSE))
        return;
    push_event(L, context);
    set_event_response_fields(L, context);
    call_hook(L, context, CLIENT_AFTER_RESPONSE, "the after_response hook");
    lua_pop(L, 1);
}

static void run_error_hook(lua_State *L, const struct call_context *context, enum client_value hook,
                           const char *what)
{
    push_event(L, context);
    set_event_response_fields(L, context);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "error");
    if (hook == CLIENT_ON_RETRY)
        table_set_number(L, "wait_ms", context->call->wait_ms);
    call_hook(L, context, hook, what);
    lua_pop(L, 1);
}

void hooks_on_retry(lua_State *L, const struct call_context *context)
{
    run_error_hook(L, context, CLIENT_ON_RETRY, "the on_retry hook");
}

void hooks_on_error(lua_State *L, const struct call_context *context)
{
    if (hooks_has(L, context, CLIENT_ON_ERROR))
        run_error_hook(L, context, CLIENT_ON_ERROR, "the on_error hook");
}
