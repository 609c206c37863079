#include "lua/links.h"

#include "base/buffer.h"
#include "base/constant_time.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/sha256.h"
#include "call/error.h"
#include "call/field_names.h"
#include "embedded/confirm_script.h"
#include "http/url.h"
#include "lua/operations.h"
#include "lua_api/metatable.h"

#include <string.h>

#define METATABLE "vault.link"

/* --- memory for building a URL --- */

static int m__gc(lua_State *L)
{
    buffer_free(luaL_checkudata(L, 1, METATABLE));
    return 0;
}

static struct buffer *push_buffer(lua_State *L)
{
    struct buffer *buffer = vault_newuserdata(L, sizeof *buffer);
    *buffer = (struct buffer){0};
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    return buffer;
}

/* --- arguments --- */

enum { ARGUMENT_CONNECTION = 1, ARGUMENT_OPTIONS };

/* A kind of link: the field of the connection that has its URL, and the parameters that can be
 * added to it. */
struct link {
    const char *function; /* its name in messages */
    const char *field;
    const char *absent; /* reason for a missing field */
    const char *const *parameters;
};

static void check_names(lua_State *L, const struct link *link)
{
    const struct field_names names = {field_names_of_list, link->parameters};
    for (lua_pushnil(L); lua_next(L, ARGUMENT_OPTIONS) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            error_invalid(L, "%s takes named options, such as redirect_uri", link->function);
        const char *name = lua_tostring(L, -2);
        if (!field_names_have(&names, name))
            field_names_raise_unknown(L, &names, "", name,
                                      lua_pushfstring(L, "%s takes", link->function));
    }
}

/* Replaces the list on top of the stack by its items, joined by spaces. */
static void join_list(lua_State *L, const char *name)
{
    int list = lua_gettop(L), count = (int)lua_rawlen(L, list);
    luaL_Buffer text;
    luaL_checkstack(L, LUA_MINSTACK, name);
    luaL_buffinit(L, &text);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        if (lua_type(L, -1) != LUA_TSTRING)
            error_invalid(L, "%s[%d]: expected a string, got %s", name, i, error_type_name(L, -1));
        if (i > 1) {
            lua_pushliteral(L, " ");
            lua_insert(L, -2);
            lua_concat(L, 2);
        }
        luaL_addvalue(&text);
    }
    luaL_pushresult(&text);
    lua_replace(L, list);
    lua_settop(L, list);
}

/* Pushes the option as a string, or nil. */
static void push_option(lua_State *L, const char *name)
{
    bool is_list = strcmp(name, "scope") == 0;
    lua_pushstring(L, name);
    lua_rawget(L, ARGUMENT_OPTIONS);
    if (lua_isnil(L, -1))
        return;
    if (is_list && lua_istable(L, -1))
        join_list(L, name);
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L,
                      is_list ? "%s: expected a list of strings, or a string with spaces, got %s"
                              : "%s: expected a string, got %s",
                      name, error_type_name(L, -1));
    if (lua_rawlen(L, -1) == 0)
        error_invalid(L, "%s: must not be empty", name);
}

static void check_arguments(lua_State *L, const struct link *link)
{
    lua_settop(L, 2);
    if (!lua_istable(L, ARGUMENT_CONNECTION))
        error_invalid(L, "connection: expected a table, got %s",
                      error_type_name(L, ARGUMENT_CONNECTION));
    if (!lua_istable(L, ARGUMENT_OPTIONS))
        error_invalid(L, "%s: expected a table with redirect_uri, got %s", link->function,
                      error_type_name(L, ARGUMENT_OPTIONS));
    check_names(L, link);
    push_option(L, "redirect_uri");
    if (lua_isnil(L, -1))
        error_invalid(L, "redirect_uri: required field is missing");
    lua_pop(L, 1);
}

/* --- links --- */

static int refuse(lua_State *L, const char *field, const char *reason)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", field, reason);
    return 2;
}

/* STATUS_CODE_INVALID where a browser must not be sent to this URL. The fragment is left out of the
 * copy, since url_inspect accepts none. */
static struct status check_url(const char *url, size_t length, struct buffer *copy)
{
    struct url_target target;
    if (strlen(url) != length)
        return status_invalid("is not a URL");
    if (!buffer_append(copy, url, strcspn(url, "#")))
        return status_no_memory();
    struct status status = url_inspect(buffer_string(copy), &target);
    buffer_clear(copy);
    if (status.code == STATUS_CODE_OK && !target.secure && !target.loopback)
        return status_invalid("is not https");
    return status;
}

static void append_parameters(lua_State *L, const struct link *link, struct buffer *out,
                              bool has_query)
{
    char separator = has_query ? '&' : '?';
    /* "path?" and "path?a=1&" need no separator. */
    if (has_query && strchr("?&", out->data[out->length - 1]) != NULL)
        separator = '\0';
    for (const char *const *name = link->parameters; *name != NULL; name++) {
        push_option(L, *name);
        if (!lua_isnil(L, -1)) {
            size_t length;
            const char *text = lua_tolstring(L, -1, &length);
            error_require_memory(L, (separator == '\0' || buffer_append_char(out, separator)) &&
                                        buffer_append_string(out, *name) &&
                                        buffer_append_char(out, '=') &&
                                        url_append_query_text(out, text, length));
            separator = '&';
        }
        lua_pop(L, 1);
    }
}

static int push_link(lua_State *L, const struct link *link)
{
    check_arguments(L, link);
    lua_pushstring(L, link->field);
    lua_rawget(L, ARGUMENT_CONNECTION);
    if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) == 0)
        return refuse(L, link->field, link->absent);
    size_t length;
    const char *url = lua_tolstring(L, -1, &length);
    struct buffer *out = push_buffer(L);
    struct status status = check_url(url, length, out);
    error_require_memory(L, status.code != STATUS_CODE_NO_MEMORY);
    if (status.code != STATUS_CODE_OK)
        return refuse(L, link->field, status.message);
    size_t before_fragment = strcspn(url, "#");
    error_require_memory(L, buffer_append(out, url, before_fragment));
    append_parameters(L, link, out, memchr(url, '?', before_fragment) != NULL);
    error_require_memory(L, buffer_append(out, url + before_fragment, length - before_fragment));
    lua_pushlstring(L, out->data, out->length);
    return 1;
}

/* vault.authorize_url(connection, { redirect_uri, nonce, scope }) */
static int authorize_url(lua_State *L)
{
    static const char *const parameters[] = {"redirect_uri", "nonce", "scope", NULL};
    static const struct link link = {"authorize_url", "authorize_url",
                                     "the connection has none; only OAuth connections do",
                                     parameters};
    return push_link(L, &link);
}

/* vault.revoke_url(connection, { redirect_uri }) */
static int revoke_url(lua_State *L)
{
    static const char *const parameters[] = {"redirect_uri", NULL};
    static const struct link link = {
        "revoke_url", "revoke_url",
        "the connection has none; only OAuth connections that are authorized do", parameters};
    return push_link(L, &link);
}

/* --- nonces --- */

/* vault.nonce(): 32 hex digits */
static int nonce(lua_State *L)
{
    unsigned char bytes[16];
    char text[sizeof bytes * 2];
    if (!random_bytes(bytes, sizeof bytes)) {
        lua_pushliteral(L, "nonce: the system has no random bytes");
        error_new(L, ERROR_UNEXPECTED);
        error_raise(L);
    }
    hex_write(bytes, sizeof bytes, text);
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

/* vault.secure_compare(a, b). nil, such as a missing field of a form, equals nothing, not even
 * nil. */
static int secure_compare(lua_State *L)
{
    lua_settop(L, 2);
    for (int i = 1; i <= 2; i++)
        if (!lua_isnil(L, i) && lua_type(L, i) != LUA_TSTRING)
            error_invalid(L, "secure_compare: expected two strings, got %s", error_type_name(L, i));
    size_t length_a = 0, length_b = 0;
    const char *a = lua_tolstring(L, 1, &length_a), *b = lua_tolstring(L, 2, &length_b);
    lua_pushboolean(L, a != NULL && b != NULL && length_a == length_b &&
                           constant_time_equal(a, b, length_a));
    return 1;
}

/* --- the script of the confirmation page --- */

/* Pushes 'sha256-...' with its quotes: the source expression for the script in a Content Security
 * Policy (CSP Level 3, 2.3.1). */
static void push_script_hash(lua_State *L)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct sha256 hash;
    unsigned char digest[SHA256_SIZE + 1] = {0}; /* padded to a multiple of three bytes */
    char text[(SHA256_SIZE + 1) / 3 * 4];
    sha256_init(&hash);
    sha256_update(&hash, confirm_script, sizeof confirm_script - 1);
    sha256_final(&hash, digest);
    for (size_t i = 0; i < SHA256_SIZE; i += 3) {
        unsigned group = (unsigned)digest[i] << 16 | (unsigned)digest[i + 1] << 8 | digest[i + 2];
        for (size_t j = 0; j < 4; j++)
            text[i / 3 * 4 + j] = alphabet[group >> (18 - 6 * j) & 63];
    }
    text[sizeof text - 1] = '='; /* for the byte of padding */
    lua_pushliteral(L, "'sha256-");
    lua_pushlstring(L, text, sizeof text);
    lua_pushliteral(L, "'");
    lua_concat(L, 3);
}

void links_register(lua_State *L, bool safe)
{
    static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {NULL, NULL}};
    static const struct metatable_description description = {.name = METATABLE,
                                                             .metamethods = metamethods};
    static const luaL_Reg functions[] = {{"authorize_url", authorize_url},
                                         {"revoke_url", revoke_url},
                                         {"nonce", nonce},
                                         {"secure_compare", secure_compare},
                                         {NULL, NULL}};
    metatable_register(L, &description);
    for (const luaL_Reg *function = functions; function->name != NULL; function++) {
        lua_pushcfunction(L, function->func);
        if (safe)
            operations_make_safe(L);
        lua_setfield(L, -2, function->name);
    }
    lua_pushlstring(L, confirm_script, sizeof confirm_script - 1);
    lua_setfield(L, -2, "confirm_script");
    push_script_hash(L);
    lua_setfield(L, -2, "confirm_script_hash");
}
