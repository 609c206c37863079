#include "redact.h"

#include "json_read.h"
#include "json_types.h"
#include "json_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SHORTEST_SECRET = 4, /* "1" or "crm" guard nothing, and would garble messages */
    SHORT_SECRET = 8,    /* shorter ones are replaced only as whole words */
    TOKEN_LENGTH = 16,
    LONGEST_NAME = 64
};

/* --- names --- */

static const char *const sensitive_parts[] = {
    "token",  "secret",  "password",    "passwd",        "credential", "api_key",
    "apikey", "api-key", "private_key", "authorization", "cookie",     "signature"};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool redact_is_sensitive(const char *name, size_t length)
{
    char text[LONGEST_NAME + 1];
    if (length > LONGEST_NAME)
        length = LONGEST_NAME;
    for (size_t i = 0; i < length; i++)
        text[i] = lower(name[i]);
    text[length] = '\0';
    if (strcmp(text, "settings") == 0)
        return true;
    for (size_t i = 0; i < sizeof sensitive_parts / sizeof sensitive_parts[0]; i++)
        if (strstr(text, sensitive_parts[i]) != NULL)
            return true;
    return false;
}

/* --- collecting --- */

static void add_secret(lua_State *L, int secrets, const char *text, size_t length)
{
    if (length < SHORTEST_SECRET)
        return;
    lua_pushlstring(L, text, length);
    lua_rawseti(L, secrets, (int)lua_rawlen(L, secrets) + 1);
}

/* The string or number on the stack's top; a number as JSON writes it, which
 * lua_tolstring does not for long ones. */
static void add_scalar(lua_State *L, int secrets)
{
    size_t length;
    if (lua_type(L, -1) == LUA_TSTRING) {
        const char *text = lua_tolstring(L, -1, &length);
        add_secret(L, secrets, text, length);
        return;
    }
    char digits[64];
    lua_Number number = lua_tonumber(L, -1);
    bool integral = floor(number) == number && fabs(number) < 1e18;
    snprintf(digits, sizeof digits, integral ? "%.0f" : "%.15g", number);
    add_secret(L, secrets, digits, strlen(digits));
#if LUA_HAS_INTEGERS
    if (lua_isinteger(L, -1)) {
        lua_pushvalue(L, -1); /* lua_tolstring changes a number in place */
        const char *text = lua_tolstring(L, -1, &length);
        add_secret(L, secrets, text, length);
        lua_pop(L, 1);
    }
#endif
}

/* The value on the stack's top, which stays there. */
static void collect(lua_State *L, int secrets, bool sensitive);

static bool is_sensitive_field(lua_State *L)
{
    lua_pushliteral(L, "sensitive");
    lua_rawget(L, -2);
    bool sensitive = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return sensitive;
}

static bool is_named(const char *name, const char *wanted)
{
    return name != NULL && strcmp(name, wanted) == 0;
}

static void collect_members(lua_State *L, int secrets, bool sensitive)
{
    bool form_field = is_sensitive_field(L);
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        size_t length = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : NULL;
        bool masked = sensitive || (name != NULL && redact_is_sensitive(name, length)) ||
                      (form_field && (is_named(name, "value") || is_named(name, "default_value")));
        collect(L, secrets, masked);
        lua_pop(L, 1);
    }
}

static void collect(lua_State *L, int secrets, bool sensitive)
{
    luaL_checkstack(L, 10, "redaction");
    if (lua_istable(L, -1)) {
        collect_members(L, secrets, sensitive);
    } else if (sensitive && (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER)) {
        add_scalar(L, secrets);
    }
}

/* Pushes the decoded body and returns true; or pushes nothing. */
static bool push_decoded(lua_State *L, const struct buffer *body)
{
    if (body == NULL || body->length == 0)
        return false;
    json_push_array_metatable(L);
    struct json_read_options options = {.keep_nulls = true, .array_metatable = lua_gettop(L)};
    struct json_read_error error;
    bool decoded = json_read(L, body->data, body->length, &options, &error);
    lua_remove(L, decoded ? -2 : -1);
    return decoded;
}

static void collect_body(lua_State *L, int secrets, const struct buffer *body)
{
    if (push_decoded(L, body)) {
        collect(L, secrets, false);
        lua_pop(L, 1);
    }
}

/* The whole value, and what follows the scheme in "Bearer sk_...". */
static void collect_header(lua_State *L, int secrets, const struct header *header)
{
    add_secret(L, secrets, header->value, header->value_length);
    const char *space = memchr(header->value, ' ', header->value_length);
    if (space != NULL)
        add_secret(L, secrets, space + 1,
                   header->value_length - (size_t)(space + 1 - header->value));
}

static void collect_key(lua_State *L, const struct call_frame *frame, int secrets)
{
    client_push_value(L, frame->client, CLIENT_API_KEY);
    size_t length;
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    if (key != NULL)
        add_secret(L, secrets, key, length);
    lua_pop(L, 1);
}

void redact_push_secrets(lua_State *L, const struct call_frame *frame)
{
    luaL_checkstack(L, 20, "redaction");
    lua_newtable(L);
    int secrets = lua_gettop(L);
    struct exchange *exchange = frame->call->exchange;
    collect_key(L, frame, secrets);
    struct header header;
    for (size_t position = 0; header_list_next(&exchange->headers, &position, &header);)
        if (redact_is_sensitive(header.line, header.name_length))
            collect_header(L, secrets, &header);
    collect_body(L, secrets, exchange->has_body ? &exchange->body : NULL);
    collect_body(L, secrets, exchange->body_changed ? &exchange->changed_body : NULL);
    collect_body(L, secrets, &exchange->response.body);
}

/* --- replacing --- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

static bool is_token_character(char c)
{
    return is_word(c) || (c != '\0' && strchr("-.~+/=", c) != NULL);
}

static size_t token_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && is_token_character(text[i]))
        i++;
    return i;
}

/* Length of a text at `at` that is a token by its looks: a JSON Web Token
 * (they all begin with {" in base64), or what follows "Bearer ". */
static size_t match_shape(const char *text, size_t length, size_t at)
{
    static const char scheme[] = "bearer ";
    size_t scheme_length = sizeof scheme - 1;
    size_t rest = length - at;
    if (rest > 3 && memcmp(text + at, "eyJ", 3) == 0) {
        size_t token = token_length(text + at, rest);
        return token >= TOKEN_LENGTH ? token : 0;
    }
    if (at < scheme_length)
        return 0;
    for (size_t i = 0; i < scheme_length; i++)
        if (lower(text[at - scheme_length + i]) != scheme[i])
            return 0;
    size_t token = token_length(text + at, rest);
    return token >= TOKEN_LENGTH ? token : 0;
}

static bool is_whole_word(const char *text, size_t length, size_t at, size_t size)
{
    return (at == 0 || !is_word(text[at - 1])) &&
           (at + size == length || !is_word(text[at + size]));
}

/* Length of the longest secret that stands at `at`, or 0. */
static size_t match_secret(lua_State *L, int secrets, const char *text, size_t length, size_t at)
{
    size_t longest = match_shape(text, length, at);
    int count = (int)lua_rawlen(L, secrets);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, secrets, i);
        size_t size;
        const char *secret = lua_tolstring(L, -1, &size);
        if (size > longest && size <= length - at && memcmp(text + at, secret, size) == 0 &&
            (size >= SHORT_SECRET || is_whole_word(text, length, at, size)))
            longest = size;
        lua_pop(L, 1);
    }
    return longest;
}

/* True when the string at `index` holds a secret. */
static bool holds_secret(lua_State *L, int secrets, int index)
{
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    for (size_t at = 0; at < length; at++)
        if (match_secret(L, secrets, text, length, at) > 0)
            return true;
    return false;
}

void redact_text(lua_State *L, int secrets)
{
    luaL_checkstack(L, 10, "redaction");
    int source = lua_gettop(L);
    if (!holds_secret(L, secrets, source))
        return;
    size_t length;
    const char *text = lua_tolstring(L, source, &length);
    lua_pushliteral(L, "");
    /* Not a luaL_Buffer: match_secret needs the stack between two additions. */
    for (size_t at = 0, plain = 0; at <= length;) {
        size_t secret = at < length ? match_secret(L, secrets, text, length, at) : 0;
        if (secret > 0 || at == length) {
            lua_pushlstring(L, text + plain, at - plain);
            lua_pushstring(L, secret > 0 ? REDACTED : "");
            lua_concat(L, 3);
            plain = at + secret;
        }
        at += secret > 0 ? secret : 1;
    }
    lua_replace(L, source);
}

/* --- decoded values --- */

static bool value_holds_secret(lua_State *L, int secrets)
{
    luaL_checkstack(L, 10, "redaction");
    if (lua_type(L, -1) == LUA_TSTRING)
        return holds_secret(L, secrets, lua_gettop(L));
    if (!lua_istable(L, -1))
        return false;
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (value_holds_secret(L, secrets)) {
            lua_settop(L, table);
            return true;
        }
        lua_pop(L, 1);
    }
    return false;
}

static void copy_redacted(lua_State *L, int secrets)
{
    luaL_checkstack(L, 10, "redaction");
    if (lua_type(L, -1) == LUA_TSTRING)
        redact_text(L, secrets);
    if (!lua_istable(L, -1))
        return;
    int source = lua_gettop(L);
    lua_newtable(L);
    if (lua_getmetatable(L, source))
        lua_setmetatable(L, -2);
    lua_pushnil(L);
    while (lua_next(L, source)) {
        copy_redacted(L, secrets);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, source + 1);
    }
    lua_replace(L, source);
}

void redact_value(lua_State *L, int secrets)
{
    if (value_holds_secret(L, secrets))
        copy_redacted(L, secrets);
}

/* --- bodies in log lines --- */

/* Masks, in place, every value under a sensitive name in the table on top; what
 * form fields hold are settings by another name. */
static void mask_members(lua_State *L)
{
    luaL_checkstack(L, 10, "redaction");
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        size_t length = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : NULL;
        bool masked =
            name != NULL && (redact_is_sensitive(name, length) || is_named(name, "value") ||
                             is_named(name, "default_value") || is_named(name, "authorize_url") ||
                             is_named(name, "revoke_url"));
        if (masked) {
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            lua_pushliteral(L, REDACTED);
            lua_rawset(L, table); /* an existing key: lua_next allows it */
        } else {
            if (lua_istable(L, -1))
                mask_members(L);
            lua_pop(L, 1);
        }
    }
}

void redact_push_body(lua_State *L, const struct call_frame *frame, const struct buffer *body)
{
    struct exchange *exchange = frame->call->exchange;
    bool plain = frame->call->client->debug_secrets;
    if (!plain && push_decoded(L, body)) {
        if (lua_istable(L, -1))
            mask_members(L);
        /* Before it is JSON again: escapes would hide a secret from the search. */
        redact_push_secrets(L, frame);
        lua_insert(L, -2);
        redact_value(L, lua_gettop(L) - 1);
        lua_remove(L, -2);
        buffer_wipe(&exchange->scratch);
        struct buffer *text = &exchange->scratch;
        if (json_write(L, -1, NULL, "body", text, text) == JSON_WRITE_OK) {
            lua_pop(L, 1);
            lua_pushlstring(L, buffer_string(text), text->length);
            return;
        }
        lua_pop(L, 1);
    }
    if (plain)
        lua_pushlstring(L, buffer_string(body), body->length);
    else
        lua_pushfstring(L, "(%d bytes that are not JSON)", (int)body->length);
}
