#include "call/error.h"

#include "base/count.h"
#include "base/did_you_mean.h"
#include "base/one_line.h"
#include "base/utf8.h"
#include "lua_api/metatable.h"

#include <stdarg.h>
#include <string.h>

#define METATABLE "vault.error"
/* Registry key of a table with weak keys: error → remark. Not a field of the error, where programs
 * that iterate over it would find it. */
#define REMARKS "vault.error.remarks"

enum { LONGEST_REMARK = 200 }; /* characters */

static const char *const status_names[] = {
    [0] = "BadRequestResponse", [1] = "UnauthorizedResponse", [2] = "PaymentRequiredResponse",
    [4] = "NotFoundResponse",   [9] = "ConflictResponse",     [22] = "UnprocessableResponse",
};

const char *error_name_of_status(int status)
{
    int index = status - 400;
    if (index >= 0 && index < (int)(COUNT(status_names)) && status_names[index] != NULL)
        return status_names[index];
    return ERROR_API;
}

void error_new(lua_State *L, const char *name)
{
    lua_createtable(L, 0, 16);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
}

bool error_is(lua_State *L, int index)
{
    if (!lua_istable(L, index) || !lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, METATABLE);
    bool same = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return same;
}

_Noreturn int error_raise(lua_State *L)
{
    /* ngx.thread.wait returns all values on the stack of a thread that ended with an error. */
    if (lua_gettop(L) > 1) {
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    for (;;) /* lua_error does not return, but is not declared so */
        lua_error(L);
}

_Noreturn int error_invalid(lua_State *L, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    error_new(L, ERROR_INVALID);
    error_raise(L);
}

_Noreturn int error_no_memory(lua_State *L)
{
    lua_pushliteral(L, ERROR_NO_MEMORY);
    error_raise(L);
}

void error_require_memory(lua_State *L, bool succeeded)
{
    if (!succeeded)
        error_no_memory(L);
}

void error_check_status(lua_State *L, struct status status, const char *what)
{
    if (status.code == STATUS_CODE_NO_MEMORY)
        error_no_memory(L);
    if (status.code != STATUS_CODE_OK)
        error_invalid(L, "%s: %s", what, status.message);
}

const char *error_type_name(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return "nil";
    case LUA_TLIGHTUSERDATA:
        return lua_touserdata(L, index) == NULL ? "null" : "a light userdata";
    case LUA_TBOOLEAN:
        return "a boolean";
    case LUA_TNUMBER:
        return "a number";
    case LUA_TSTRING:
        return "a string";
    case LUA_TTABLE:
        return "a table";
    case LUA_TFUNCTION:
        return "a function";
    case LUA_TTHREAD:
        return "a thread";
    default:
        return "a userdata";
    }
}

static const char *const other_names[] = {ERROR_API,        ERROR_VALIDATION, ERROR_CONNECTION,
                                          ERROR_TIMEOUT,    ERROR_ABORTED,    ERROR_INVALID,
                                          ERROR_UNEXPECTED, ERROR_SIGNATURE};

/* The error name nearest to this one, or one that contains it; or NULL. */
static const char *nearest_name(const char *name)
{
    enum { STATUSES = COUNT(status_names) };
    enum { NAMES = STATUSES + COUNT(other_names) };
    const char *container = NULL;
    struct suggestion suggestion = {.given = name};
    for (int i = 0; i < NAMES; i++) {
        const char *known = i < STATUSES ? status_names[i] : other_names[i - STATUSES];
        if (known == NULL)
            continue;
        did_you_mean_consider(&suggestion, known);
        if (strlen(name) >= 4 && strstr(known, name) != NULL)
            container = known;
    }
    return did_you_mean_is_near(&suggestion) ? suggestion.best : container;
}

/* With a misspelled name vault.is_error would always return false. */
static void check_error_name(lua_State *L, const char *name)
{
    const char *nearest = nearest_name(name);
    if (nearest == NULL)
        error_invalid(L, "vault.is_error: no error has the name '%s'", name);
    if (strcmp(nearest, name) != 0)
        error_invalid(L, "vault.is_error: no error has the name '%s'; did you mean '%s'?", name,
                      nearest);
}

int error_is_error(lua_State *L)
{
    if (lua_isnone(L, 1))
        error_invalid(L, "vault.is_error: expected a value");
    bool is = error_is(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        if (lua_type(L, 2) != LUA_TSTRING)
            error_invalid(L, "vault.is_error: expected the name of an error, got %s",
                          error_type_name(L, 2));
        check_error_name(L, lua_tostring(L, 2));
    }
    if (is && !lua_isnoneornil(L, 2)) {
        lua_pushliteral(L, "name");
        lua_rawget(L, 1);
        is = lua_rawequal(L, -1, 2) != 0;
    }
    lua_pushboolean(L, is);
    return 1;
}

/* --- tostring(err): one line --- */

/* Pushes the field of the error at index 1 if it is a string or number; else pushes nothing and
 * returns NULL. */
static const char *push_printable_field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER)
        return lua_tostring(L, -1);
    lua_pop(L, 1);
    return NULL;
}

/* Makes the string on top of the stack a single line. */
static void flatten(lua_State *L)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    char *line = lua_newuserdata(L, length + 1);
    memcpy(line, text, length);
    lua_pushlstring(L, line, one_line(line, length));
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static void append_separated(lua_State *L, int line, bool *first, const char *prefix,
                             const char *text)
{
    lua_pushvalue(L, line);
    lua_pushstring(L, *first ? " [" : ", ");
    lua_pushstring(L, prefix);
    lua_pushstring(L, text);
    lua_concat(L, 4);
    lua_replace(L, line);
    *first = false;
}

/* "[EntityNotFoundError, request req_123, 1 attempt]" */
static void append_details(lua_State *L, int line)
{
    static const char *const rows[][2] = {
        {"type_name", ""}, {"code", ""}, {"phase", "phase "}, {"request_id", "request "}};
    bool first = true;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *text = push_printable_field(L, rows[i][0]);
        if (text != NULL) {
            append_separated(L, line, &first, rows[i][1], text);
            lua_pop(L, 1);
        }
    }
    const char *attempts = push_printable_field(L, "attempts");
    if (attempts != NULL) {
        const char *unit = lua_tonumber(L, -1) == 1 ? " attempt" : " attempts";
        lua_pushfstring(L, "%d%s", (int)lua_tonumber(L, -1), unit);
        append_separated(L, line, &first, "", lua_tostring(L, -1));
        lua_pop(L, 2);
    }
    if (!first) {
        lua_pushliteral(L, "]");
        lua_concat(L, 2);
    }
}

/* The number of bytes of the first LONGEST_REMARK characters. *cut is false if these are all. */
static size_t remark_length(const char *text, size_t length, bool *cut)
{
    size_t bytes = 0;
    for (int characters = 0; characters < LONGEST_REMARK && bytes < length; characters++) {
        bool valid;
        bytes += utf8_character_length(text + bytes, length - bytes, &valid);
    }
    *cut = bytes < length;
    return bytes;
}

void error_set_remark(lua_State *L, int index)
{
    int remark = lua_gettop(L);
    luaL_checkstack(L, 10, "error");
    lua_getfield(L, index, "message");
    size_t length, message_length;
    const char *text = lua_tolstring(L, remark, &length);
    const char *message = lua_tolstring(L, -1, &message_length);
    if (message == NULL || strstr(message, text) == NULL) {
        if (message != NULL && strncmp(text, message, message_length) == 0) {
            size_t repeated = message_length + strspn(text + message_length, " .:;,-");
            text += repeated;
            length -= repeated;
        }
        bool cut;
        length = remark_length(text, length, &cut);
        lua_getfield(L, LUA_REGISTRYINDEX, REMARKS);
        lua_pushvalue(L, index);
        lua_pushlstring(L, text, length);
        lua_pushstring(L, cut ? "..." : "");
        lua_concat(L, 2);
        lua_rawset(L, -3);
    }
    lua_settop(L, remark - 1);
}

/* Appends a colon and the text on top of the stack to the line. Not with lua_pushfstring, since the
 * text may contain a NUL. */
static void append_after_colon(lua_State *L, int line)
{
    lua_pushvalue(L, line);
    lua_pushliteral(L, ": ");
    lua_pushvalue(L, -3);
    lua_concat(L, 3);
    lua_replace(L, line);
    lua_settop(L, line);
}

static void append_remark(lua_State *L, int line)
{
    lua_getfield(L, LUA_REGISTRYINDEX, REMARKS);
    lua_pushvalue(L, 1);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0)
        append_after_colon(L, line);
    lua_settop(L, line);
}

static int m__tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    const char *name = push_printable_field(L, "name");
    lua_pushstring(L, name != NULL ? name : "error");
    int line = lua_gettop(L);
    const char *status = push_printable_field(L, "status_code");
    if (status != NULL) {
        lua_pushfstring(L, "%s (%d)", lua_tostring(L, line), (int)lua_tonumber(L, -1));
        lua_replace(L, line);
    }
    const char *operation = push_printable_field(L, "operation");
    if (operation != NULL) {
        lua_pushfstring(L, "%s in %s", lua_tostring(L, line), operation);
        lua_replace(L, line);
    }
    if (push_printable_field(L, "message") != NULL)
        append_after_colon(L, line);
    lua_settop(L, line);
    append_remark(L, line);
    append_details(L, line);
    flatten(L);
    return 1;
}

/* Pushes an operand of .. as a string. */
static void push_operand(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER)
        lua_pushvalue(L, index);
    else if (!luaL_callmeta(L, index, "__tostring"))
        luaL_error(L, "attempt to concatenate an error with %s", error_type_name(L, index));
}

static int m__concat(lua_State *L)
{
    lua_settop(L, 2);
    push_operand(L, 1);
    push_operand(L, 2);
    lua_concat(L, 2);
    return 1;
}

void error_open(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        {"__tostring", m__tostring}, {"__concat", m__concat}, {NULL, NULL}};
    static const struct metatable_description description = {.name = METATABLE,
                                                             .metamethods = metamethods};
    metatable_register(L, &description);
    lua_getfield(L, LUA_REGISTRYINDEX, REMARKS);
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (present)
        return;
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, REMARKS);
}
