/* The groups of vault_internal that reach the core: retry, url, headers, http. */
#include "internal_core.h"

#include "http/header_list.h"
#include "http/http_status.h"
#include "http/retry.h"
#include "http/url.h"
#include "lua_api/compat.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef VAULT_COVERAGE
void __gcov_dump(void);
#endif

static double number_field(lua_State *L, int index, const char *name, double otherwise)
{
    lua_getfield(L, index, name);
    double number = luaL_optnumber(L, -1, otherwise);
    lua_pop(L, 1);
    return number;
}

static bool boolean_field(lua_State *L, int index, const char *name, bool otherwise)
{
    lua_getfield(L, index, name);
    bool value = lua_isnil(L, -1) ? otherwise : lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return value;
}

/* --- retry --- */

static void read_policy(lua_State *L, int index, struct retry_policy *policy)
{
    *policy = retry_policy_default;
    policy->enabled = boolean_field(L, index, "enabled", policy->enabled);
    policy->unsafe = boolean_field(L, index, "unsafe", policy->unsafe);
    policy->retry_connection_errors =
        boolean_field(L, index, "retry_connection_errors", policy->retry_connection_errors);
    policy->initial_interval = number_field(L, index, "initial_interval", policy->initial_interval);
    policy->max_interval = number_field(L, index, "max_interval", policy->max_interval);
    policy->exponent = number_field(L, index, "exponent", policy->exponent);
    policy->max_elapsed_time = number_field(L, index, "max_elapsed_time", policy->max_elapsed_time);
    policy->max_attempts = (int)number_field(L, index, "max_attempts", policy->max_attempts);
}

static void read_attempt(lua_State *L, int index, struct retry_attempt *attempt)
{
    static const char *const outcomes[] = {"status", "unsent", "lost", "permanent", NULL};
    lua_getfield(L, index, "outcome");
    attempt->outcome = (enum retry_outcome)luaL_checkoption(L, -1, "status", outcomes);
    lua_pop(L, 1);
    attempt->status = (int)number_field(L, index, "status", 0);
    attempt->idempotent = boolean_field(L, index, "idempotent", true);
    attempt->attempt = (int)number_field(L, index, "attempt", 1);
    attempt->elapsed = number_field(L, index, "elapsed", 0);
    attempt->retry_after = number_field(L, index, "retry_after", -1);
    attempt->random = number_field(L, index, "random", 0);
}

/* retry.pause(policy, attempt) -> milliseconds, or nil for no retry */
static int push_pause(lua_State *L)
{
    struct retry_policy policy;
    struct retry_attempt attempt;
    read_policy(L, 1, &policy);
    read_attempt(L, 2, &attempt);
    double milliseconds;
    if (retry_is_due(&policy, &attempt, &milliseconds))
        lua_pushnumber(L, milliseconds);
    else
        lua_pushnil(L);
    return 1;
}

/* retry.maybe_processed(attempt) -> boolean */
static int maybe_processed(lua_State *L)
{
    struct retry_attempt attempt;
    read_attempt(L, 1, &attempt);
    lua_pushboolean(L, retry_maybe_processed(&attempt));
    return 1;
}

/* retry.statuses({ "5XX", ... }) -> list of statuses | nil, the code refused */
static int statuses(lua_State *L)
{
    struct retry_policy policy = {.enabled = true};
    int count = (int)lua_rawlen(L, 1);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        if (!retry_policy_add_status(&policy, luaL_checkstring(L, -1))) {
            lua_pushnil(L);
            lua_insert(L, -2);
            return 2;
        }
        lua_pop(L, 1);
    }
    lua_newtable(L);
    for (int status = 0, found = 0; status < RETRY_STATUS_LIMIT; status++)
        if (policy.statuses[status]) {
            lua_pushinteger(L, status);
            lua_rawseti(L, -2, ++found);
        }
    return 1;
}

static void read_headers(lua_State *L, int index, struct header_list *headers)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        size_t name_length, length;
        const char *name = lua_tolstring(L, -2, &name_length);
        const char *value = lua_tolstring(L, -1, &length);
        if (!header_list_add(headers, name, name_length, value, length))
            luaL_error(L, "not enough memory");
        lua_pop(L, 1);
    }
}

/* retry.after(headers, status, now_unix_ms) -> milliseconds or nil */
static int after(lua_State *L)
{
    struct header_list headers = {0};
    read_headers(L, 1, &headers);
    double milliseconds =
        retry_after(&headers, (int)luaL_checknumber(L, 2), luaL_checknumber(L, 3));
    header_list_free(&headers);
    if (milliseconds < 0)
        lua_pushnil(L);
    else
        lua_pushnumber(L, milliseconds);
    return 1;
}

/* --- url --- */

static void push_buffer(lua_State *L, struct buffer *buffer)
{
    lua_pushlstring(L, buffer_string(buffer), buffer->length);
    buffer_free(buffer);
}

/* url.base(text) -> { prefix, query, secure, loopback, host } | nil, problem */
static int base(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct base_url parsed;
    struct status status = base_url_parse(text, length, &parsed);
    if (status.code != STATUS_CODE_OK) {
        lua_pushnil(L);
        lua_pushstring(L, status.message);
        return 2;
    }
    lua_newtable(L);
    push_buffer(L, &parsed.prefix);
    lua_setfield(L, -2, "prefix");
    push_buffer(L, &parsed.query);
    lua_setfield(L, -2, "query");
    lua_pushboolean(L, parsed.target.secure);
    lua_setfield(L, -2, "secure");
    lua_pushboolean(L, parsed.target.loopback);
    lua_setfield(L, -2, "loopback");
    lua_pushstring(L, parsed.target.host);
    lua_setfield(L, -2, "host");
    return 1;
}

static int encode(lua_State *L, bool (*append)(struct buffer *, const char *, size_t))
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct buffer buffer = {0};
    if (!append(&buffer, text, length))
        return luaL_error(L, "not enough memory");
    push_buffer(L, &buffer);
    return 1;
}

static int segment(lua_State *L)
{
    return encode(L, url_append_path_segment);
}

static int query(lua_State *L)
{
    return encode(L, url_append_query_text);
}

static int check_proxy(lua_State *L)
{
    lua_pushstring(L, url_check_proxy(luaL_checkstring(L, 1)).message);
    return 1;
}

/* --- headers, http --- */

static int name_is_valid(lua_State *L)
{
    size_t length;
    const char *name = luaL_checklstring(L, 1, &length);
    lua_pushboolean(L, header_name_is_valid(name, length));
    return 1;
}

static int value_is_valid(lua_State *L)
{
    size_t length;
    const char *value = luaL_checklstring(L, 1, &length);
    lua_pushboolean(L, header_value_is_valid(value, length));
    return 1;
}

/* headers.edit({ { "add" | "set" | "fold", name, value }, ... }) -> list of lines */
static int edit(lua_State *L)
{
    struct header_list headers = {0};
    int count = (int)lua_rawlen(L, 1);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        for (int part = 1; part <= 3; part++)
            lua_rawgeti(L, -part, part);
        size_t length;
        const char *value = lua_tolstring(L, -1, &length), *name = lua_tostring(L, -2);
        if (strcmp(lua_tostring(L, -3), "add") == 0)
            header_list_add(&headers, name, strlen(name), value, length);
        else if (strcmp(lua_tostring(L, -3), "fold") == 0)
            header_list_fold(&headers, value, length);
        else
            header_list_set(&headers, name, value, length);
        lua_pop(L, 4);
    }
    lua_newtable(L);
    struct header header;
    int lines = 0;
    for (size_t position = 0; header_list_next(&headers, &position, &header);) {
        lua_pushstring(L, header.line);
        lua_rawseti(L, -2, ++lines);
    }
    lua_pushinteger(L, (lua_Integer)headers.count);
    header_list_free(&headers);
    return 2;
}

static int reason(lua_State *L)
{
    lua_pushstring(L, http_status_reason((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* --- process --- */

static int fork_process(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)fork());
    return 1;
}

static int wait_for_process(lua_State *L)
{
    waitpid((pid_t)luaL_checkinteger(L, 1), NULL, 0);
    return 0;
}

/* process.exit(status): without finalizers and exit handlers. */
static int exit_process(lua_State *L)
{
#ifdef VAULT_COVERAGE
    __gcov_dump(); /* an exit handler would do it */
#endif
    _exit((int)luaL_optinteger(L, 1, 0));
}

static void set_group(lua_State *L, const char *name, const luaL_Reg *functions)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_setfield(L, -2, name);
}

void internal_core_open(lua_State *L)
{
    static const luaL_Reg retry_functions[] = {{"pause", push_pause},
                                               {"after", after},
                                               {"statuses", statuses},
                                               {"maybe_processed", maybe_processed},
                                               {NULL, NULL}};
    static const luaL_Reg url_functions[] = {{"base", base},
                                             {"segment", segment},
                                             {"query", query},
                                             {"check_proxy", check_proxy},
                                             {NULL, NULL}};
    static const luaL_Reg header_functions[] = {{"name_is_valid", name_is_valid},
                                                {"value_is_valid", value_is_valid},
                                                {"edit", edit},
                                                {NULL, NULL}};
    static const luaL_Reg http_functions[] = {{"reason", reason}, {NULL, NULL}};
    static const luaL_Reg process_functions[] = {
        {"fork", fork_process}, {"wait", wait_for_process}, {"exit", exit_process}, {NULL, NULL}};
    set_group(L, "process", process_functions);
    set_group(L, "retry", retry_functions);
    set_group(L, "url", url_functions);
    set_group(L, "headers", header_functions);
    set_group(L, "http", http_functions);
}
