#include "call/response.h"

#include "base/count.h"
#include "call/error.h"
#include "call/header_table.h"
#include "call/redact.h"
#include "http/http_status.h"
#include "lua_api/table.h"
#include "redact/secret_body.h"
#include "redact/secret_url.h"
#include "json/json_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_ERROR_BODY = 64 * 1024 };

static const struct transfer_response *response_of(const struct call_context *context)
{
    return &context->call->buffers->response;
}

static bool was_deleted_before(const struct call *call)
{
    const struct transfer_response *response = &call->buffers->response;
    return response->outcome == TRANSFER_COMPLETE && response->status == 404 &&
           call->operation->no_content_ok && call->maybe_processed;
}

bool response_is_success(const struct call *call)
{
    const struct transfer_response *response = &call->buffers->response;
    if (was_deleted_before(call))
        return true;
    return response->outcome == TRANSFER_COMPLETE && response->status >= 200 &&
           response->status < 300;
}

/* --- fields of the table on top of the stack --- */

static void set_request_id(lua_State *L, const struct header_list *headers)
{
    struct header header;
    if ((header_list_find(headers, "x-apideck-request-id", &header) && header.value_length > 0) ||
        (header_list_find(headers, "request-id", &header) && header.value_length > 0))
        table_set_string(L, "request_id", header.value);
}

/* --- success --- */

static void push_response(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    lua_createtable(L, 0, 8);
    table_set_integer(L, "status", response->status);
    header_table_push(L, &response->headers);
    lua_setfield(L, -2, "headers");
    set_request_id(L, &response->headers);
    table_set_integer(L, "attempts", context->call->attempts);
    call_push_elapsed_ms(L, context->call);
    lua_setfield(L, -2, "elapsed_ms");
    table_set_string(L, "method", context->call->operation->method);
    table_set_string(L, "url", call_buffers_url(context->call->buffers));
    table_set_string(L, "http_version", response->http_version);
}

static void push_empty_result(lua_State *L, int status)
{
    lua_createtable(L, 0, 2);
    table_set_integer(L, "status_code", status);
    table_set_string(L, "status", http_status_reason(status));
}

static bool is_blank_body(const struct buffer *body)
{
    return strspn(buffer_string(body), " \t\r\n") == body->length;
}

/* Pushes the body as Lua values; nothing after a failure. */
static struct status push_decoded(lua_State *L, const struct call_context *context, size_t *offset)
{
    const struct buffer *body = &response_of(context)->body;
    return json_read(L, buffer_string(body), body->length, context->call->client->keep_nulls,
                     offset);
}

/* Lua tables for arrays and objects look alike, so check the first character of the text. */
static bool is_object(const struct buffer *body)
{
    const char *text = buffer_string(body);
    if (body->length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    return text[strspn(text, " \t\r\n")] == '{';
}

static bool push_body(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    size_t offset = 0;
    if (is_blank_body(&response->body)) {
        lua_pushliteral(L, "the response has no body");
        return false;
    }
    struct status status = push_decoded(L, context, &offset);
    if (status.code == STATUS_CODE_OK) {
        if (is_object(&response->body))
            return true;
        lua_pop(L, 1);
        status = status_invalid("the value is not an object");
    }
    if (status.code == STATUS_CODE_NO_STACK)
        lua_pushfstring(L, "the response nests more than %d arrays and objects", JSON_READ_DEPTH);
    else
        lua_pushfstring(L, "the response is not a JSON object: %s at byte %d", status.message,
                        (int)offset + 1);
    return false;
}

static void push_validation_error(lua_State *L, const struct call_context *context);

bool response_push_result(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    int status = response->status;
    luaL_checkstack(L, 20, "response");
    if (was_deleted_before(context->call)) {
        push_empty_result(L, 204);
    } else if (is_blank_body(&response->body) &&
               (context->call->operation->no_content_ok || status == 204 || status == 205)) {
        push_empty_result(L, status);
    } else if (!push_body(L, context)) {
        push_validation_error(L, context);
        return false;
    }
    push_response(L, context);
    return true;
}

/* --- errors --- */

/* Sets the fields of every error with a response; the error object is on top of the stack. */
static void set_response_fields(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    if (response->status == 0)
        return;
    table_set_integer(L, "status_code", response->status);
    header_table_push(L, &response->headers);
    lua_setfield(L, -2, "headers");
    set_request_id(L, &response->headers);
    if (response->body.length > 0) {
        const struct buffer *body = &response->body;
        lua_pushlstring(L, body->data,
                        secret_body_cut(body->data, body->length, LONGEST_ERROR_BODY));
        lua_setfield(L, -2, "body");
    }
    if (context->call->retry_after >= 0) {
        vault_pushwhole(L, ceil(context->call->retry_after));
        lua_setfield(L, -2, "retry_after_ms");
    }
}

/* Replaces the message on top of the stack by the error object. */
static void push_validation_error(lua_State *L, const struct call_context *context)
{
    error_new(L, ERROR_VALIDATION);
    set_response_fields(L, context);
}

/* Pushes a member of the table at `data` if it is a string that is not empty; else pushes
 * nothing. */
static bool push_text_member(lua_State *L, int data, const char *name)
{
    lua_getfield(L, data, name);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Pushes the message of the JSON body from the first member that has one. */
static bool push_server_message(lua_State *L, int data)
{
    if (push_text_member(L, data, "message"))
        return true;
    lua_getfield(L, data, "error");
    if (lua_istable(L, -1) && push_text_member(L, lua_gettop(L), "message")) {
        lua_remove(L, -2);
        return true;
    }
    lua_pop(L, 1);
    return push_text_member(L, data, "detail") || push_text_member(L, data, "error");
}

/* Pushes the redacted target of a redirect; headers.location has all of it. */
static void push_target(lua_State *L, const struct call_context *context,
                        const struct header *location)
{
    struct secret_set *set = redact_secrets(L, context);
    struct redaction *redaction = &context->call->buffers->redaction;
    buffer_wipe(&redaction->shown);
    bool appended = secret_url_append(&redaction->shown, location->value, location->value_length,
                                      SECRET_URL_LINK, set, &redaction->scratch);
    buffer_wipe(&redaction->scratch);
    if (!appended)
        error_no_memory(L);
    lua_pushlstring(L, buffer_string(&redaction->shown), redaction->shown.length);
}

/* Pushes "HTTP 502 Bad Gateway (text/html, 1234 bytes)". */
static void push_status_message(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    struct header header;
    bool typed = header_list_find(&response->headers, "content-type", &header);
    const char *reason = http_status_reason(response->status);
    lua_pushfstring(L, "HTTP %d%s%s", response->status, reason[0] != '\0' ? " " : "", reason);
    if (response->status < 400 && header_list_find(&response->headers, "location", &header)) {
        push_target(L, context, &header);
        lua_pushfstring(L, "%s: redirects to %s, which is not followed", lua_tostring(L, -2),
                        lua_tostring(L, -1));
        lua_replace(L, -3);
        lua_pop(L, 1);
    } else if (response->body.length == 0) {
        lua_pushliteral(L, " (no body)");
        lua_concat(L, 2);
    } else {
        lua_pushlstring(L, typed ? header.value : "no content type",
                        typed ? strcspn(header.value, ";") : strlen("no content type"));
        lua_pushfstring(L, "%s (%s, %d bytes)", lua_tostring(L, -2), lua_tostring(L, -1),
                        (int)response->body.length);
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
}

/* Copies the members of Apideck's error bodies into the error object at `error`. */
static void set_members(lua_State *L, const struct call_context *context, int error, int data)
{
    static const char *const members[] = {"error", "type_name", "ref", "downstream_errors"};
    for (size_t i = 0; i < COUNT(members); i++) {
        lua_getfield(L, data, members[i]);
        redact_value(L, context);
        lua_setfield(L, error, members[i]);
    }
    lua_getfield(L, data, "detail"); /* not redacted in this field */
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_pushvalue(L, -1);
        redact_text(L, context);
        error_set_remark(L, error);
    }
    lua_setfield(L, error, "detail");
}

static void push_status_error(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    size_t ignored;
    if (push_decoded(L, context, &ignored).code != STATUS_CODE_OK)
        lua_pushnil(L);
    if (lua_islightuserdata(L, -1)) { /* the body is "null" */
        lua_pop(L, 1);
        lua_pushnil(L);
    }
    int data = lua_gettop(L);
    if (!lua_istable(L, data) || response->status < 400 || !push_server_message(L, data))
        push_status_message(L, context);
    redact_text(L, context);
    error_new(L, error_name_of_status(response->status));
    set_response_fields(L, context);
    int error = lua_gettop(L);
    if (lua_istable(L, data))
        set_members(L, context, error, data);
    lua_pushvalue(L, data);
    lua_setfield(L, error, "data");
    lua_replace(L, data);
    lua_settop(L, data);
}

static void push_transfer_error(lua_State *L, const struct call_context *context, const char *name)
{
    const struct transfer_response *response = response_of(context);
    lua_pushstring(L, response->message);
    redact_text(L, context);
    error_new(L, name);
    set_response_fields(L, context);
    table_set_string(L, "code", response->phase == NULL ? response->code : NULL);
    table_set_string(L, "phase", response->phase);
}

static void push_too_large(lua_State *L, const struct call_context *context)
{
    char limit[32]; /* lua_pushfstring has no format for size_t */
    snprintf(limit, sizeof limit, "%zu",
             context->call->client->transfer_options.max_response_bytes);
    lua_pushfstring(L, "the response is larger than max_response_bytes (%s)", limit);
}

static void push_broken_response(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    if (response->outcome == TRANSFER_TOO_LARGE)
        push_too_large(L, context);
    else if (response->permanent)
        lua_pushfstring(L, "the response cannot be decoded (%s)", response->message);
    else
        lua_pushfstring(L, "the response was cut short after %d bytes (%s)",
                        (int)response->body.length, response->message);
    redact_text(L, context);
    push_validation_error(L, context);
}

void response_push_error(lua_State *L, const struct call_context *context)
{
    const struct transfer_response *response = response_of(context);
    luaL_checkstack(L, 30, "response");
    switch (response->outcome) {
    case TRANSFER_UNSENT:
    case TRANSFER_LOST:
        push_transfer_error(L, context, ERROR_CONNECTION);
        break;
    case TRANSFER_FORBIDDEN:
        push_transfer_error(L, context, ERROR_INVALID);
        break;
    case TRANSFER_TIMEOUT:
        push_transfer_error(L, context, ERROR_TIMEOUT);
        break;
    case TRANSFER_CUT:
    case TRANSFER_TOO_LARGE:
        if (response->status < 300)
            push_broken_response(L, context);
        else
            push_status_error(L, context);
        break;
    case TRANSFER_COMPLETE:
        push_status_error(L, context);
        break;
    case TRANSFER_NO_MEMORY: /* evaluate_attempt raises first. GCOVR_EXCL_LINE */
        error_no_memory(L);  /* GCOVR_EXCL_LINE */
        break;               /* GCOVR_EXCL_LINE */
    }
}
