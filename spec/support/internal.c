/* vault_internal: internal functions for the specs. Each part is a group of Lua
 * functions with one open_ function that creates its table;
 * luaopen_vault_internal lists them. */
#include "api/schemas.h"
#include "base/buffer.h"
#include "base/did_you_mean.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "call/error.h"
#include "internal_connections.h"
#include "internal_core.h"
#include "internal_memory.h"
#include "internal_redaction.h"
#include "lua/array.h"
#include "lua/job_queue.h"
#include "lua_api/compat.h"
#include "json/canonical_json.h"
#include "json/json_array.h"
#include "json/json_names.h"
#include "json/json_read.h"
#include "json/json_write.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT int luaopen_vault_internal(lua_State *L);

/* json */

#define BUFFERS_METATABLE "vault_internal.buffers"

struct buffers {
    struct buffer out, message;
};

static int buffers_gc(lua_State *L)
{
    struct buffers *buffers = luaL_checkudata(L, 1, BUFFERS_METATABLE);
    buffer_free(&buffers->out);
    buffer_free(&buffers->message);
    return 0;
}

static struct buffers *push_buffers(lua_State *L)
{
    struct buffers *buffers = lua_newuserdata(L, sizeof *buffers);
    *buffers = (struct buffers){{0}, {0}};
    if (luaL_newmetatable(L, BUFFERS_METATABLE)) {
        lua_pushcfunction(L, buffers_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return buffers;
}

/* json.decode(text [, { keep_nulls = boolean }])
 * -> value | nil, message, offset, too_deep */
static int decode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    bool keep_nulls = false;
    lua_settop(L, 2);
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "keep_nulls");
        keep_nulls = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    size_t offset;
    struct status status = json_read(L, text, length, keep_nulls, &offset);
    if (status.code == STATUS_CODE_OK)
        return 1;
    lua_pushnil(L);
    lua_pushstring(L, status.message);
    lua_pushinteger(L, (lua_Integer)offset);
    lua_pushboolean(L, status.code == STATUS_CODE_NO_STACK);
    return 4;
}

/* json.kept_names() -> how many member names the state has interned */
static int kept_names(lua_State *L)
{
    lua_pushinteger(L, json_names_open(L)->count);
    return 1;
}

static const struct schema *check_schema(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return NULL;
    const char *name = luaL_checkstring(L, index);
    if (strcmp(name, schema_string.name) == 0)
        return &schema_string;
    if (strcmp(name, schema_boolean.name) == 0)
        return &schema_boolean;
    for (const struct schema *const *schema = schema_all; *schema != NULL; schema++) {
        if (strcmp((*schema)->name, name) == 0)
            return *schema;
    }
    luaL_argerror(L, index, "no schema has this name");
    return NULL;
}

static unsigned check_flags(lua_State *L, int index)
{
    static const struct {
        const char *name;
        unsigned flag;
    } rows[] = {{"nulls", JSON_WRITE_NULLS}, {"exact", JSON_WRITE_EXACT}};
    unsigned flags = 0;
    if (lua_isnoneornil(L, index))
        return flags;
    luaL_checktype(L, index, LUA_TTABLE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lua_getfield(L, index, rows[i].name);
        flags |= lua_toboolean(L, -1) ? rows[i].flag : 0;
        lua_pop(L, 1);
    }
    return flags;
}

/* json.encode(value [, schema_name [, root [, { nulls, exact }]]])
 * -> text | nil, message */
static int encode(lua_State *L)
{
    luaL_checkany(L, 1);
    const struct schema *schema = check_schema(L, 2);
    const char *root = luaL_optstring(L, 3, "value");
    unsigned flags = check_flags(L, 4);
    struct buffers *buffers = push_buffers(L);
    struct status status = json_write(L, 1, schema, root, flags, &buffers->out, &buffers->message);
    if (status.code == STATUS_CODE_OK) {
        lua_pushlstring(L, buffer_string(&buffers->out), buffers->out.length);
        return 1;
    }
    lua_pushnil(L);
    if (status.code == STATUS_CODE_NO_MEMORY)
        lua_pushliteral(L, "not enough memory");
    else
        lua_pushlstring(L, buffer_string(&buffers->message), buffers->message.length);
    return 2;
}

/* json.canonical(text [, keep_arrays [, depth]]) -> text | nil, "invalid" | "too deep" */
static int canonical(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct canonical_json json = {0};
    struct buffer out = {0};
    enum status_code code =
        canonical_json_read(&json, text, length, (int)luaL_optinteger(L, 3, 1000)).code;
    bool written = code == STATUS_CODE_OK &&
                   canonical_json_write(&json,
                                        lua_toboolean(L, 2) ? CANONICAL_JSON_KEEP_ARRAYS
                                                            : CANONICAL_JSON_SORT_IN_ARRAYS,
                                        &out);
    canonical_json_free(&json);
    if (written)
        lua_pushlstring(L, buffer_string(&out), out.length);
    else
        lua_pushnil(L);
    buffer_free(&out);
    lua_pushstring(L, written ? NULL : code == STATUS_CODE_NO_STACK ? "too deep" : "invalid");
    return 2;
}

/* sha256(text) -> 64 hex digits; in pieces of that many bytes */
static int sha256(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    size_t piece = (size_t)luaL_optinteger(L, 2, 1 << 20);
    struct sha256 hash;
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_SIZE * 2 + 1];
    sha256_init(&hash);
    for (size_t at = 0; at < length; at += piece)
        sha256_update(&hash, text + at, length - at < piece ? length - at : piece);
    sha256_final(&hash, digest);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    lua_pushstring(L, hex);
    return 1;
}

static int is_array(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, json_is_array(L, 1));
    return 1;
}

static int array_metatable(lua_State *L)
{
    json_push_array_metatable(L);
    return 1;
}

static void open_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"decode", decode},
        {"encode", encode},
        {"kept_names", kept_names},
        {"array", array_mark},
        {"canonical", canonical},
        {"is_array", is_array},
        {"array_metatable", array_metatable},
        {NULL, NULL},
    };
    json_array_open(L);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}

/* utf8 */

static int valid_length(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_pushinteger(L, (lua_Integer)utf8_valid_length(text, length));
    return 1;
}

/* utf8.character_length(text) -> length, valid */
static int character_length(lua_State *L)
{
    size_t length;
    bool valid;
    const char *text = luaL_checklstring(L, 1, &length);
    luaL_argcheck(L, length > 0, 1, "must not be empty");
    lua_pushinteger(L, (lua_Integer)utf8_character_length(text, length, &valid));
    lua_pushboolean(L, valid);
    return 2;
}

/* utf8.encode(code_point) -> bytes */
static int encode_character(lua_State *L)
{
    char bytes[4];
    size_t length = utf8_encode((uint32_t)luaL_checkinteger(L, 1), bytes);
    lua_pushlstring(L, bytes, length);
    return 1;
}

static void open_utf8(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"valid_length", valid_length},
        {"character_length", character_length},
        {"encode", encode_character},
        {NULL, NULL},
    };
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
}

/* did_you_mean(given, { candidate, ... }) -> best | nil, "spelling" | "near" | nil */
static int nearest_name(lua_State *L)
{
    struct suggestion suggestion = {.given = luaL_checkstring(L, 1)};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    int count = (int)lua_rawlen(L, 2);
    luaL_checkstack(L, count + 4, "too many candidates");
    /* They stay on the stack, since `best` points into one. */
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        did_you_mean_consider(&suggestion, luaL_checkstring(L, -1));
    }
    lua_pushstring(L, suggestion.best);
    if (did_you_mean_is_spelling(&suggestion))
        lua_pushliteral(L, "spelling");
    else if (did_you_mean_is_near(&suggestion))
        lua_pushliteral(L, "near");
    else
        lua_pushnil(L);
    return 2;
}

/* allocations */

struct allowance {
    lua_Alloc original;
    void *original_data;
    lua_Integer left; /* allocations that still succeed */
};

/* Shrinking and freeing always succeed, as Lua demands (manual, lua_Alloc). */
static void *limited(void *data, void *block, size_t old_size, size_t new_size)
{
    struct allowance *allowance = data;
    if (new_size > 0 && (block == NULL || new_size > old_size) && allowance->left-- <= 0)
        return NULL;
    return allowance->original(allowance->original_data, block, old_size, new_size);
}

/* with_allocations(n, f, ...): calls f like pcall, with Lua's allocations failing
 * after the first n. */
static int with_allocations(lua_State *L)
{
    struct allowance allowance = {.left = luaL_checkinteger(L, 1)};
    luaL_checktype(L, 2, LUA_TFUNCTION);
    allowance.original = lua_getallocf(L, &allowance.original_data);
    lua_setallocf(L, limited, &allowance);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    lua_setallocf(L, allowance.original, allowance.original_data);
    lua_pushboolean(L, status == 0);
    lua_replace(L, 1);
    return lua_gettop(L);
}

/* Fails every other large allocation. Lua 5.2 and later then collect all garbage and try once more
 * (lmem.c); what is freed is overwritten. */
static void *collecting(void *data, void *block, size_t old_size, size_t new_size)
{
    enum { LARGE = 600 };
    struct allowance *allowance = data;
    if (block != NULL && new_size == 0)
        memset(block, 0xDD, old_size);
    if (new_size >= LARGE && (block == NULL || new_size > old_size)) {
        allowance->left = 1 - allowance->left;
        if (allowance->left == 0)
            return NULL;
    }
    return allowance->original(allowance->original_data, block, old_size, new_size);
}

/* with_collections(f, ...): calls f like pcall, with a full collection before each large
 * allocation. */
static int with_collections(lua_State *L)
{
    struct allowance allowance = {.left = 1};
    luaL_checktype(L, 1, LUA_TFUNCTION);
    allowance.original = lua_getallocf(L, &allowance.original_data);
    lua_setallocf(L, collecting, &allowance);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    lua_setallocf(L, allowance.original, allowance.original_data);
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
    return lua_gettop(L);
}

/* set_last_job_id(id): the state is as after that many jobs. */
static int set_last_job_id(lua_State *L)
{
    struct job_queue *port = job_queue_push_existing(L);
    luaL_argcheck(L, port != NULL, 1, "the module vault is not loaded");
    port->last_id = (uint64_t)luaL_checknumber(L, 1);
    return 0;
}

struct count {
    lua_Alloc original;
    void *original_data;
    lua_Integer allocations;
};

static void *counting(void *data, void *block, size_t old_size, size_t new_size)
{
    struct count *count = data;
    if (new_size > 0 && (block == NULL || new_size > old_size))
        count->allocations++;
    return count->original(count->original_data, block, old_size, new_size);
}

/* count_allocations(f, ...): calls f like pcall; the first result is the number
 * of Lua's allocations. */
static int count_allocations(lua_State *L)
{
    struct count count = {.allocations = 0};
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_pushboolean(L, 0); /* for the count */
    lua_insert(L, 1);
    count.original = lua_getallocf(L, &count.original_data);
    lua_setallocf(L, counting, &count);
    lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    lua_setallocf(L, count.original, count.original_data);
    lua_pushnumber(L, (lua_Number)count.allocations);
    lua_replace(L, 1);
    return lua_gettop(L);
}

int luaopen_vault_internal(lua_State *L)
{
    error_open(L); /* json.array raises error objects */
    lua_newtable(L);
    open_json(L);
    lua_setfield(L, -2, "json");
    open_utf8(L);
    lua_setfield(L, -2, "utf8");
    internal_core_open(L);
    internal_connections_open(L);
    internal_memory_open(L);
    internal_redaction_open(L);
    lua_pushcfunction(L, nearest_name);
    lua_setfield(L, -2, "did_you_mean");
    lua_pushcfunction(L, with_allocations);
    lua_setfield(L, -2, "with_allocations");
    lua_pushcfunction(L, with_collections);
    lua_setfield(L, -2, "with_collections");
    lua_pushcfunction(L, sha256);
    lua_setfield(L, -2, "sha256");
    lua_pushcfunction(L, set_last_job_id);
    lua_setfield(L, -2, "set_last_job_id");
    lua_pushcfunction(L, count_allocations);
    lua_setfield(L, -2, "count_allocations");
    /* In place of OpenResty's: a light userdata that is not NULL. */
    lua_pushlightuserdata(L, L);
    lua_setfield(L, -2, "light_userdata");
    return 1;
}
