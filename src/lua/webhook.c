#include "lua/webhook.h"

#include "base/ascii.h"
#include "base/constant_time.h"
#include "base/count.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/wipe.h"
#include "call/error.h"
#include "call/field_names.h"
#include "lua/operations.h"
#include "lua_api/metatable.h"
#include "json/canonical_json.h"
#include "json/json_array.h"
#include "json/json_read.h"

#include <string.h>

#define METATABLE "vault.webhook"
#define SIGNATURE_HEADER "x-apideck-signature"
#define IDEMPOTENCY_HEADER "x-apideck-idempotency-key"

enum { LARGEST_BODY = 1 << 20 };

/* The memory of a check outside Lua. */
struct check {
    struct canonical_json json;
    struct buffer text; /* the body in canonical form */
    struct hmac_sha256_key key;
};

static int m__gc(lua_State *L)
{
    struct check *check = luaL_checkudata(L, 1, METATABLE);
    canonical_json_free(&check->json);
    buffer_free(&check->text);
    wipe_memory(&check->key, sizeof check->key);
    return 0;
}

void webhook_open_type(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {NULL, NULL}};
    static const struct metatable_description description = {.name = METATABLE,
                                                             .metamethods = metamethods};
    metatable_register(L, &description);
}

static struct check *push_check(lua_State *L)
{
    struct check *check = vault_newuserdata(L, sizeof *check);
    memset(check, 0, sizeof *check);
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    return check;
}

static _Noreturn void raise_invalid_signature(lua_State *L, const char *message)
{
    lua_pushstring(L, message);
    error_new(L, ERROR_SIGNATURE);
    error_raise(L);
}

/* --- arguments --- */

enum { ARGUMENT_TABLE = 1, ARGUMENT_BODY, ARGUMENT_HEADERS, ARGUMENT_SECRET, ARGUMENT_CHECK };

static const char *const fields[] = {"body", "headers", "secret", NULL};
enum { FIELD_COUNT = COUNT(fields) - 1 };

static void check_field_name(lua_State *L)
{
    if (lua_type(L, -2) != LUA_TSTRING)
        error_invalid(L, "webhook.parse takes named fields: body, headers and secret");
    const char *name = lua_tostring(L, -2);
    const struct field_names names = {field_names_of_list, fields};
    if (!field_names_have(&names, name))
        field_names_raise_unknown(L, &names, "", name, "known are");
}

static void check_secret(lua_State *L, const char *path)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        error_invalid(L, "%s: expected a string, got %s", path, error_type_name(L, -1));
    if (lua_rawlen(L, -1) == 0)
        error_invalid(L, "%s: must not be empty: anyone could sign with that", path);
}

/* Replaces a single secret at ARGUMENT_SECRET by a list of one. */
static void read_secrets(lua_State *L)
{
    if (!lua_istable(L, ARGUMENT_SECRET)) {
        lua_pushvalue(L, ARGUMENT_SECRET);
        check_secret(L, "secret");
        lua_createtable(L, 1, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
        lua_replace(L, ARGUMENT_SECRET);
        return;
    }
    int count = (int)lua_rawlen(L, ARGUMENT_SECRET);
    if (count == 0)
        error_invalid(L, "secret: the list is empty");
    for (int i = 1; i <= count; i++) {
        const char *path = lua_pushfstring(L, "secret[%d]", i);
        lua_rawgeti(L, ARGUMENT_SECRET, i);
        check_secret(L, path);
        lua_pop(L, 2);
    }
}

/* Leaves the fields at the stack indexes ARGUMENT_BODY to ARGUMENT_SECRET. */
static void read_arguments(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_istable(L, ARGUMENT_TABLE))
        error_invalid(L, "webhook.parse: expected a table { body, headers, secret }, got %s",
                      error_type_name(L, ARGUMENT_TABLE));
    for (lua_pushnil(L); lua_next(L, ARGUMENT_TABLE) != 0; lua_pop(L, 1))
        check_field_name(L);
    for (int i = 0; i < FIELD_COUNT; i++) {
        lua_pushstring(L, fields[i]);
        lua_rawget(L, ARGUMENT_TABLE);
        if (lua_isnil(L, -1))
            error_invalid(L, "%s: required field is missing", fields[i]);
    }
    if (lua_type(L, ARGUMENT_BODY) != LUA_TSTRING)
        error_invalid(L, "body: expected the raw text of the request, got %s",
                      error_type_name(L, ARGUMENT_BODY));
    if (!lua_istable(L, ARGUMENT_HEADERS))
        error_invalid(L, "headers: expected a table, got %s", error_type_name(L, ARGUMENT_HEADERS));
    read_secrets(L);
}

/* --- headers --- */

static bool is_header_named(lua_State *L, int index, const char *name)
{
    if (lua_type(L, index) != LUA_TSTRING)
        return false;
    size_t length;
    const char *given = lua_tolstring(L, index, &length);
    if (length != strlen(name))
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(given[i]) != name[i])
            return false;
    return true;
}

/* Pushes the header's value, or nil. Refuses a repeated header: an intermediary and the application
 * might each use another value. */
static void push_header(lua_State *L, const char *name)
{
    lua_pushnil(L);
    int found = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, ARGUMENT_HEADERS) != 0; lua_pop(L, 1)) {
        if (!is_header_named(L, -2, name))
            continue;
        if (lua_type(L, -1) != LUA_TSTRING ||
            (!lua_isnil(L, found) && !lua_rawequal(L, found, -1))) {
            lua_pushfstring(L, "the request has more than one header %s", name);
            error_new(L, ERROR_SIGNATURE);
            error_raise(L);
        }
        lua_pushvalue(L, -1);
        lua_replace(L, found);
    }
}

static void read_signature(lua_State *L, unsigned char digest[SHA256_SIZE])
{
    enum { BASE64_LENGTH = 44 }; /* RFC 4648 section 4, of 32 bytes */
    push_header(L, SIGNATURE_HEADER);
    if (lua_isnil(L, -1))
        raise_invalid_signature(L, "the request has no header " SIGNATURE_HEADER);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (length == (size_t)SHA256_SIZE * 2 && hex_read(text, digest, SHA256_SIZE)) {
        lua_pop(L, 1);
        return;
    }
    if (length == BASE64_LENGTH && text[BASE64_LENGTH - 1] == '=')
        raise_invalid_signature(L, SIGNATURE_HEADER
                                " is base64; expected an HMAC-SHA256 as 64 hex digits");
    raise_invalid_signature(L, SIGNATURE_HEADER " is not an HMAC-SHA256: expected 64 hex digits");
}

/* --- the check --- */

static bool is_signed_by_any(lua_State *L, struct check *check, const char *text, size_t length,
                             const unsigned char signature[SHA256_SIZE])
{
    bool matches = false;
    int count = (int)lua_rawlen(L, ARGUMENT_SECRET);
    for (int i = 1; i <= count; i++) {
        unsigned char digest[SHA256_SIZE];
        size_t secret_length;
        lua_rawgeti(L, ARGUMENT_SECRET, i);
        const char *secret = lua_tolstring(L, -1, &secret_length);
        hmac_sha256_key_init(&check->key, secret, secret_length);
        lua_pop(L, 1);
        hmac_sha256(&check->key, text, length, digest);
        matches = constant_time_equal(digest, signature, sizeof digest) || matches;
    }
    return matches;
}

/* Apideck's guide, OpenAPI document and skill file describe three ways to sign. Each covers all of
 * the data, so any of them is proof. */
static bool is_signed(lua_State *L, struct check *check, const char *body, size_t length,
                      const unsigned char signature[SHA256_SIZE])
{
    static const enum canonical_json_arrays forms[] = {CANONICAL_JSON_SORT_IN_ARRAYS,
                                                       CANONICAL_JSON_KEEP_ARRAYS};
    if (is_signed_by_any(L, check, body, length, signature))
        return true;
    for (size_t i = 0; i < COUNT(forms); i++) {
        buffer_clear(&check->text);
        if (!canonical_json_write(&check->json, forms[i], &check->text))
            error_no_memory(L);
        if (is_signed_by_any(L, check, check->text.data, check->text.length, signature))
            return true;
    }
    return false;
}

static void check_structure(lua_State *L, struct check *check, const char *body, size_t length)
{
    struct status status = canonical_json_read(&check->json, body, length, JSON_READ_DEPTH);
    if (status.code == STATUS_CODE_NO_MEMORY)
        error_no_memory(L);
    if (status.code != STATUS_CODE_OK) {
        lua_pushfstring(L, "the body %s", status.message);
        error_new(L, ERROR_SIGNATURE);
        error_raise(L);
    }
}

/* Pushes the event: the payload, with the idempotency key of its delivery added. */
static void push_webhook_event(lua_State *L, const char *body, size_t length)
{
    size_t offset;
    struct status status = json_read(L, body, length, false, &offset);
    if (status.code != STATUS_CODE_OK) {
        lua_pushfstring(L, "the body is not JSON: %s at byte %d", status.message, (int)offset + 1);
        error_new(L, ERROR_SIGNATURE);
        error_raise(L);
    }
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "payload");
        lua_rawget(L, -2);
    }
    if (!lua_istable(L, -1) || json_is_array(L, lua_gettop(L)))
        raise_invalid_signature(L, "the body is not an event: it has no object 'payload'");
    push_header(L, IDEMPOTENCY_HEADER);
    lua_setfield(L, -2, "idempotency_key");
}

static int webhook_parse(lua_State *L)
{
    unsigned char signature[SHA256_SIZE];
    read_arguments(L);
    struct check *check = push_check(L);
    size_t length;
    const char *body = lua_tolstring(L, ARGUMENT_BODY, &length);
    if (length > LARGEST_BODY)
        raise_invalid_signature(L, "the body is larger than 1 MiB");
    read_signature(L, signature);
    check_structure(L, check, body, length);
    if (!is_signed(L, check, body, length, signature))
        raise_invalid_signature(
            L, SIGNATURE_HEADER
            " does not match the body; check that this is the secret of the application, "
            "and the body the raw text of the request");
    push_webhook_event(L, body, length);
    return 1;
}

static int webhook_sign(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING)
        error_invalid(L, "body: expected a string, got %s", error_type_name(L, 1));
    check_secret(L, "secret");
    struct check *check = push_check(L);
    unsigned char digest[SHA256_SIZE];
    char text[SHA256_SIZE * 2];
    size_t length, secret_length;
    const char *body = lua_tolstring(L, 1, &length);
    const char *secret = lua_tolstring(L, 2, &secret_length);
    hmac_sha256_key_init(&check->key, secret, secret_length);
    hmac_sha256(&check->key, body, length, digest);
    hex_write(digest, sizeof digest, text);
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

void webhook_push(lua_State *L, bool safe)
{
    static const luaL_Reg functions[] = {
        {"parse", webhook_parse}, {"sign", webhook_sign}, {NULL, NULL}};
    lua_newtable(L);
    for (const luaL_Reg *function = functions; function->name != NULL; function++) {
        lua_pushcfunction(L, function->func);
        if (safe)
            operations_make_safe(L);
        lua_setfield(L, -2, function->name);
    }
}
