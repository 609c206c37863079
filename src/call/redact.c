#include "call/redact.h"

#include "base/count.h"
#include "call/error.h"
#include "redact/secret_collect.h"
#include "redact/secret_url.h"
#include "json/json_number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- numbers --- */

/* Adds the number as printf writes it, with the locale's decimal point and with '.'. */
static bool add_printed(struct secret_set *set, const char *format, double number)
{
    char text[64];
    int length = snprintf(text, sizeof text, format, number);
    if (length <= 0 || (size_t)length >= sizeof text)
        return true;
    if (!secret_set_add(set, text, (size_t)length))
        return false;
    size_t kept = 0;
    bool replaced = false;
    for (const char *c = text; *c != '\0'; c++) {
        bool plain = (*c >= '0' && *c <= '9') || strchr("+-e.", *c) != NULL;
        if (plain)
            text[kept++] = *c;
        else if (kept > 0 && text[kept - 1] != '.')
            text[kept++] = '.';
        replaced = replaced || !plain;
    }
    return !replaced || secret_set_add(set, text, kept);
}

/* Adds the number in the forms that JSON writers use: the shortest, the digits of an integer, and
 * those of printf with the usual precisions (Lua 5.1 to 5.4: 14 digits). */
static bool add_number_spellings(struct secret_set *set, const char *text, size_t length)
{
    static const char *const formats[] = {"%.14g", "%.15g", "%.16g", "%.17g"};
    char digits[64], written[JSON_NUMBER_SIZE];
    struct json_number number;
    if (length >= sizeof digits)
        return true;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (json_number_read(digits, &number) == NULL || !isfinite(number.real))
        return true;
    for (size_t i = 0; i < COUNT(formats); i++)
        if (!add_printed(set, formats[i], number.real))
            return false;
    if (floor(number.real) == number.real && fabs(number.real) < 1e18 &&
        !add_printed(set, "%.0f", number.real))
        return false;
    if (number.is_integer &&
        !secret_set_add(set, written, json_integer_write(number.integer, written)))
        return false;
    return secret_set_add(set, written, json_real_write(number.real, written));
}

/* --- the secrets of a call --- */

static bool collect_body(struct secret_set *set, const struct buffer *body, struct buffer *scratch)
{
    return secret_collect_json(set, buffer_string(body), body->length, add_number_spellings,
                               scratch);
}

static bool collect_request(struct redaction *redaction, const struct call_buffers *buffers)
{
    struct secret_set *set = &redaction->set;
    struct buffer *scratch = &redaction->scratch;
    const struct buffer *url = &buffers->url, *changed = &buffers->changed_url;
    return secret_collect_headers(set, &buffers->call_headers, scratch) &&
           secret_collect_headers(set, &buffers->headers, scratch) &&
           secret_collect_url(set, buffer_string(url), url->length, scratch) &&
           (!buffers->url_changed ||
            secret_collect_url(set, buffer_string(changed), changed->length, scratch)) &&
           (!buffers->has_body || collect_body(set, &buffers->body, scratch)) &&
           (!buffers->body_changed || collect_body(set, &buffers->changed_body, scratch));
}

static bool collect_response(struct redaction *redaction, const struct call_buffers *buffers)
{
    return secret_collect_headers(&redaction->set, &buffers->response.headers,
                                  &redaction->scratch) &&
           collect_body(&redaction->set, &buffers->response.body, &redaction->scratch);
}

/* The secrets of the client's configuration that are not in the headers of the request. */
static bool collect_client(lua_State *L, const struct call_context *context,
                           struct redaction *redaction)
{
    size_t length;
    bool collected = true;
    client_push_value(L, context->client, CLIENT_API_KEY);
    if (lua_type(L, -1) == LUA_TSTRING) {
        const char *key = lua_tolstring(L, -1, &length);
        collected = secret_set_add_spellings(&redaction->set, key, length, &redaction->scratch);
    }
    client_push_value(L, context->client, CLIENT_PROXY);
    if (collected && lua_type(L, -1) == LUA_TSTRING) {
        const char *proxy = lua_tolstring(L, -1, &length);
        collected = secret_collect_proxy(&redaction->set, proxy, length, &redaction->scratch);
    }
    client_push_value(L, context->client, CLIENT_KEY_PASSWORD);
    if (collected && lua_type(L, -1) == LUA_TSTRING) {
        const char *password = lua_tolstring(L, -1, &length);
        collected =
            secret_set_add_spellings(&redaction->set, password, length, &redaction->scratch);
    }
    lua_pop(L, 3);
    return collected;
}

static struct secret_set *require_secrets(lua_State *L, const struct call_context *context,
                                          unsigned wanted)
{
    struct call_buffers *buffers = context->call->buffers;
    struct redaction *redaction = &buffers->redaction;
    if ((redaction->collected & wanted) == wanted)
        return &redaction->set;
    redaction_reset(redaction);
    luaL_checkstack(L, 10, "redaction");
    bool collected = collect_client(L, context, redaction) && collect_request(redaction, buffers) &&
                     ((wanted & REDACTION_RESPONSE) == 0 || collect_response(redaction, buffers)) &&
                     secret_set_prepare(&redaction->set);
    buffer_wipe(&redaction->scratch);
    if (!collected) {
        redaction_reset(redaction);
        error_no_memory(L);
    }
    redaction->collected = wanted;
    return &redaction->set;
}

struct secret_set *redact_secrets(lua_State *L, const struct call_context *context)
{
    return require_secrets(L, context, REDACTION_REQUEST | REDACTION_RESPONSE);
}

struct secret_exemption redact_exemption(const struct call *call)
{
    const char *url = call_buffers_url(call->buffers);
    struct secret_url parts;
    secret_url_parse(&parts, url, strlen(url));
    return (struct secret_exemption){url + parts.host, parts.host_end - parts.host};
}

/* --- text --- */

void redact_text(lua_State *L, const struct call_context *context)
{
    struct secret_set *set = redact_secrets(L, context);
    struct secret_exemption exemption = redact_exemption(context->call);
    struct buffer *shown = &context->call->buffers->redaction.shown;
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    luaL_checkstack(L, 10, "redaction");
    if (!secret_set_occurs_in(set, text, length, &exemption))
        return;
    buffer_wipe(shown);
    error_require_memory(L, secret_set_replace(set, text, length, &exemption, shown));
    lua_pushlstring(L, buffer_string(shown), shown->length);
    lua_replace(L, -2);
}

void redact_push_url(lua_State *L, const struct call_context *context)
{
    struct secret_set *set = require_secrets(L, context, REDACTION_REQUEST);
    struct redaction *redaction = &context->call->buffers->redaction;
    const char *url = call_buffers_url(context->call->buffers);
    buffer_wipe(&redaction->shown);
    error_require_memory(L, secret_url_append(&redaction->shown, url, strlen(url),
                                              SECRET_URL_REQUEST, set, &redaction->scratch));
    buffer_wipe(&redaction->scratch);
    lua_pushlstring(L, buffer_string(&redaction->shown), redaction->shown.length);
}

/* --- decoded values --- */

/* Pushes a number as text, to search it for secrets. */
static void push_number_text(lua_State *L, int index)
{
    char text[JSON_NUMBER_SIZE];
    lua_Number number = lua_tonumber(L, index);
    size_t length;
#if LUA_HAS_INTEGERS
    if (lua_isinteger(L, index)) {
        length = json_integer_write(lua_tointeger(L, index), text);
        lua_pushlstring(L, text, length);
        return;
    }
#endif
    length = isfinite(number) ? json_real_write(number, text) : 0;
    lua_pushlstring(L, text, length);
}

static void copy_redacted(lua_State *L, const struct call_context *context)
{
    luaL_checkstack(L, 10, "redaction");
    int source = lua_gettop(L);
    if (lua_type(L, source) == LUA_TSTRING) {
        redact_text(L, context);
    } else if (lua_type(L, source) == LUA_TNUMBER) {
        push_number_text(L, source);
        lua_pushvalue(L, -1);
        redact_text(L, context);
        if (!lua_rawequal(L, -1, -2))
            lua_replace(L, source);
        lua_settop(L, source);
    }
    if (!lua_istable(L, source))
        return;
    lua_newtable(L);
    if (lua_getmetatable(L, source))
        lua_setmetatable(L, -2);
    lua_pushnil(L);
    while (lua_next(L, source)) {
        copy_redacted(L, context);
        lua_pushvalue(L, -2);
        if (lua_type(L, -1) == LUA_TSTRING)
            redact_text(L, context);
        lua_insert(L, -2);
        lua_rawset(L, source + 1);
    }
    lua_replace(L, source);
}

void redact_value(lua_State *L, const struct call_context *context)
{
    copy_redacted(L, context);
}
