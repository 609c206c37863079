#include "log.h"

#include "error.h"
#include "http_status.h"
#include "redact.h"
#include "user_field.h"
#include "user_function.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_BODY = 4096 };

int log_default(lua_State *L)
{
    const char *line = luaL_checkstring(L, 1);
    fprintf(stderr, "%s\n", line);
    return 0;
}

/* Hands the line on the stack's top to the logger. */
static void write_line(lua_State *L, const struct call_frame *frame)
{
    if (!frame->call->client->debug_secrets) {
        redact_push_secrets(L, frame);
        lua_insert(L, -2);
        redact_text(L, lua_gettop(L) - 1);
        lua_remove(L, -2);
    }
    error_flatten(L);
    client_push_value(L, frame->client, CLIENT_LOGGER);
    if (lua_isfunction(L, -1)) {
        lua_insert(L, -2);
        user_function_call(L, frame, "the debug logger", 1, 0);
        return;
    }
    user_field_push(L, frame, -1, "debug", "reading the debug logger");
    lua_insert(L, -3);
    lua_insert(L, -2);
    user_function_call(L, frame, "the debug logger", 2, 0);
}

/* Pushes "name: value, name: value". */
static void push_headers(lua_State *L, const struct call_frame *frame,
                         const struct header_list *headers)
{
    struct header header;
    lua_pushliteral(L, "");
    for (size_t position = 0; header_list_next(headers, &position, &header);) {
        bool mask = !frame->call->client->debug_secrets &&
                    redact_is_sensitive(header.line, header.name_length);
        lua_pushstring(L, lua_rawlen(L, -1) > 0 ? ", " : "");
        lua_pushlstring(L, header.line, header.name_length);
        lua_pushliteral(L, ": ");
        lua_pushstring(L, mask ? REDACTED : header.value);
        lua_concat(L, 5);
    }
}

static void log_body(lua_State *L, const struct call_frame *frame, const char *direction,
                     const struct buffer *body)
{
    if (body == NULL || body->length == 0)
        return;
    redact_push_body(L, frame, body);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    bool cut = length > LONGEST_BODY;
    lua_pushlstring(L, text, cut ? LONGEST_BODY : length);
    lua_remove(L, -2);
    lua_pushfstring(L, "%s %s %s%s", frame->call->operation->id, direction, lua_tostring(L, -1),
                    cut ? "..." : "");
    lua_remove(L, -2);
    write_line(L, frame);
}

void log_request(lua_State *L, const struct call_frame *frame)
{
    const struct call *call = frame->call;
    if (!call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    push_headers(L, frame, &call->exchange->headers);
    lua_pushfstring(L, "%s > %s %s attempt %d {%s}", call->operation->id, call->operation->method,
                    exchange_url(call->exchange), call->attempts, lua_tostring(L, -1));
    lua_remove(L, -2);
    write_line(L, frame);
    log_body(L, frame, ">", exchange_body(call->exchange));
}

void log_response(lua_State *L, const struct call_frame *frame)
{
    const struct call *call = frame->call;
    const struct transfer_response *response = &call->exchange->response;
    if (!call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    if (response->status == 0) {
        lua_pushfstring(L, "%s < %s", call->operation->id, response->message);
        write_line(L, frame);
        return;
    }
    push_headers(L, frame, &response->headers);
    lua_pushfstring(L, "%s < %d %s {%s}", call->operation->id, response->status,
                    http_status_reason(response->status), lua_tostring(L, -1));
    lua_remove(L, -2);
    write_line(L, frame);
    log_body(L, frame, "<", &response->body);
}

void log_retry(lua_State *L, const struct call_frame *frame)
{
    if (!frame->call->client->has_logger)
        return;
    char wait[64];
    snprintf(wait, sizeof wait, "%.0f", frame->call->wait_ms);
    lua_pushfstring(L, "%s next attempt in %s ms", frame->call->operation->id, wait);
    write_line(L, frame);
}

void log_error(lua_State *L, const struct call_frame *frame)
{
    if (!frame->call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    if (luaL_callmeta(L, -1, "__tostring"))
        write_line(L, frame);
}
