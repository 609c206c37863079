#include "call/log.h"

#include "base/count.h"
#include "base/descriptor.h"
#include "base/one_line.h"
#include "call/error.h"
#include "call/redact.h"
#include "call/user_field.h"
#include "call/user_function.h"
#include "http/http_status.h"
#include "redact/secret_body.h"
#include "redact/secret_name.h"
#include "redact/secret_url.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_BODY = 4096 };

/* Registry key: true if standard error was closed at luaopen. A file that gets its descriptor
 * number later must not receive log lines. */
#define CLOSED "vault.log.closed"

void log_open(lua_State *L)
{
    lua_pushboolean(L, !descriptor_standard_error_is_open());
    lua_setfield(L, LUA_REGISTRYINDEX, CLOSED);
}

int log_default(lua_State *L)
{
    const char *line = luaL_checkstring(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, CLOSED);
    if (!lua_toboolean(L, -1))
        fprintf(stderr, "%s\n", line);
    return 0;
}

/* --- the line; built in C memory, and passed to Lua without secrets --- */

static struct redaction *redaction_of(const struct call_context *context)
{
    return &context->call->buffers->redaction;
}

static bool shows_secrets(const struct call_context *context)
{
    return context->call->client->debug_secrets;
}

static struct buffer *begin_line(lua_State *L, const struct call_context *context)
{
    struct buffer *line = &redaction_of(context)->line;
    buffer_wipe(line);
    error_require_memory(L, buffer_append_string(line, context->call->operation->id));
    return line;
}

/* Passes the line to the logger. */
static void write_line(lua_State *L, const struct call_context *context)
{
    struct redaction *redaction = redaction_of(context);
    struct buffer *text = &redaction->line;
    if (!shows_secrets(context)) {
        struct secret_set *set = redact_secrets(L, context);
        struct secret_exemption exemption = redact_exemption(context->call);
        buffer_wipe(&redaction->shown);
        error_require_memory(
            L, secret_set_replace(set, text->data, text->length, &exemption, &redaction->shown));
        text = &redaction->shown;
    }
    lua_pushlstring(L, buffer_string(text), one_line(text->data, text->length));
    client_push_value(L, context->client, CLIENT_LOGGER);
    if (lua_isfunction(L, -1)) {
        lua_insert(L, -2);
        user_function_call(L, context, "the debug logger", 1, 0);
        return;
    }
    user_field_push(L, context, -1, "debug", "reading the debug logger");
    lua_insert(L, -3);
    lua_insert(L, -2);
    user_function_call(L, context, "the debug logger", 2, 0);
}

/* --- parts of the line --- */

static bool append_url(struct buffer *line, const char *url, size_t length,
                       enum secret_url_kind kind, const struct call_context *context,
                       struct secret_set *set)
{
    if (set == NULL)
        return buffer_append(line, url, length);
    return secret_url_append(line, url, length, kind, set, &redaction_of(context)->scratch);
}

static bool is_url_header(const struct header *header)
{
    static const char *const names[] = {"location", "content-location", "referer"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strlen(names[i]) == header->name_length &&
            memcmp(names[i], header->line, header->name_length) == 0)
            return true;
    return false;
}

static bool append_header_value(struct buffer *line, const struct header *header,
                                const struct call_context *context, struct secret_set *set)
{
    if (set != NULL && secret_name_is_secret(header->line, header->name_length))
        return buffer_append_string(line, REDACTED);
    if (is_url_header(header))
        return append_url(line, header->value, header->value_length, SECRET_URL_LINK, context, set);
    return buffer_append(line, header->value, header->value_length);
}

/* Appends " {name: value, name: value}"; redacts if there is a set. */
static bool append_headers(struct buffer *line, const struct header_list *headers,
                           const struct call_context *context, struct secret_set *set)
{
    struct header header;
    bool appended = buffer_append_string(line, " {");
    for (size_t position = 0; appended && header_list_next(headers, &position, &header);)
        appended = (line->data[line->length - 1] == '{' || buffer_append_string(line, ", ")) &&
                   buffer_append(line, header.line, header.name_length) &&
                   buffer_append_string(line, ": ") &&
                   append_header_value(line, &header, context, set);
    return appended && buffer_append_char(line, '}');
}

static bool append_plain_body(struct buffer *line, const struct buffer *body)
{
    size_t length = secret_body_cut(body->data, body->length, LONGEST_BODY);
    return buffer_append(line, body->data, length) &&
           (length == body->length || buffer_append_string(line, "..."));
}

static bool append_body(struct buffer *line, const struct buffer *body,
                        const struct call_context *context, struct secret_set *set)
{
    char text[64];
    struct secret_exemption exemption = redact_exemption(context->call);
    if (set == NULL)
        return append_plain_body(line, body);
    struct status status =
        secret_body_append(line, body->data, body->length, LONGEST_BODY, set, &exemption);
    if (status.code != STATUS_CODE_INVALID)
        return status.code == STATUS_CODE_OK;
    snprintf(text, sizeof text, "(%zu bytes, not JSON)", body->length);
    return buffer_append_string(line, text);
}

static void log_body(lua_State *L, const struct call_context *context, const char *direction,
                     const struct buffer *body)
{
    if (body == NULL || body->length == 0)
        return;
    struct secret_set *set = shows_secrets(context) ? NULL : redact_secrets(L, context);
    struct buffer *line = begin_line(L, context);
    error_require_memory(L, buffer_append_string(line, direction) &&
                                append_body(line, body, context, set));
    write_line(L, context);
}

/* --- log entries --- */

void log_request(lua_State *L, const struct call_context *context)
{
    const struct call *call = context->call;
    if (!call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    char attempt[32];
    const char *url = call_buffers_url(call->buffers);
    struct secret_set *set = shows_secrets(context) ? NULL : redact_secrets(L, context);
    struct buffer *line = begin_line(L, context);
    snprintf(attempt, sizeof attempt, " attempt %d", call->attempts);
    error_require_memory(L,
                         buffer_append_string(line, " > ") &&
                             buffer_append_string(line, call->operation->method) &&
                             buffer_append_char(line, ' ') &&
                             append_url(line, url, strlen(url), SECRET_URL_REQUEST, context, set) &&
                             buffer_append_string(line, attempt) &&
                             append_headers(line, &call->buffers->headers, context, set));
    write_line(L, context);
    log_body(L, context, " > ", call_buffers_body(call->buffers));
}

void log_response(lua_State *L, const struct call_context *context)
{
    const struct call *call = context->call;
    const struct transfer_response *response = &call->buffers->response;
    if (!call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    struct secret_set *set = shows_secrets(context) ? NULL : redact_secrets(L, context);
    struct buffer *line = begin_line(L, context);
    if (response->status == 0) {
        error_require_memory(L, buffer_append_string(line, " < ") &&
                                    buffer_append_string(line, response->message));
        write_line(L, context);
        return;
    }
    char status[32];
    snprintf(status, sizeof status, " < %d ", response->status);
    error_require_memory(L, buffer_append_string(line, status) &&
                                buffer_append_string(line, http_status_reason(response->status)) &&
                                append_headers(line, &response->headers, context, set));
    write_line(L, context);
    log_body(L, context, " < ", &response->body);
}

void log_retry(lua_State *L, const struct call_context *context)
{
    if (!context->call->client->has_logger)
        return;
    char wait[64];
    snprintf(wait, sizeof wait, " next attempt in %.0f ms", context->call->wait_ms);
    error_require_memory(L, buffer_append_string(begin_line(L, context), wait));
    write_line(L, context);
}

void log_error(lua_State *L, const struct call_context *context)
{
    if (!context->call->client->has_logger)
        return;
    luaL_checkstack(L, 20, "log");
    if (!luaL_callmeta(L, -1, "__tostring"))
        return;
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    struct buffer *line = &redaction_of(context)->line;
    buffer_wipe(line);
    error_require_memory(L, buffer_append(line, text, length));
    lua_pop(L, 1);
    write_line(L, context);
}
