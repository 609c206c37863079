#include "lua/config_retries.h"

#include "base/count.h"
#include "call/error.h"

#include <limits.h>
#include <math.h>
#include <string.h>

void config_read_retry_codes(lua_State *L, const struct option_target *target, const char *path)
{
    option_table(L, path);
    struct retry_policy *policy = &target->settings->retries;
    memset(policy->statuses, 0, sizeof policy->statuses);
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        count++;
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (int)i);
        if (lua_isnil(L, -1)) /* the table has keys other than 1, 2, 3, ... */
            error_invalid(L, "%s: expected a list such as { \"503\", \"5XX\" }", path);
        if ((lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER) ||
            !retry_policy_add_status(policy, lua_tostring(L, -1)))
            error_invalid(L, "%s[%d]: expected a status such as \"503\" or \"5XX\"", path, (int)i);
        lua_pop(L, 1);
    }
}

static void read_initial_interval(lua_State *L, const struct option_target *target,
                                  const char *path)
{
    target->settings->retries.initial_interval = option_number(L, path, 0, " of milliseconds");
}

static void read_max_interval(lua_State *L, const struct option_target *target, const char *path)
{
    target->settings->retries.max_interval = option_number(L, path, 0, " of milliseconds");
}

static void read_backoff_exponent(lua_State *L, const struct option_target *target,
                                  const char *path)
{
    target->settings->retries.exponent = option_number(L, path, 1, "");
}

static void read_max_elapsed_time(lua_State *L, const struct option_target *target,
                                  const char *path)
{
    target->settings->retries.max_elapsed_time = option_number(L, path, 0, " of milliseconds");
}

static const struct option backoff_rows[] = {
    {"initial_interval", read_initial_interval},
    {"max_interval", read_max_interval},
    {"exponent", read_backoff_exponent},
    {"max_elapsed_time", read_max_elapsed_time},
};

static void read_backoff(lua_State *L, const struct option_target *target, const char *path)
{
    options_read_nested(L, backoff_rows, COUNT(backoff_rows), path, target);
}

static void read_strategy(lua_State *L, const struct option_target *target, const char *path)
{
    const char *strategy = option_string(L, path);
    if (strcmp(strategy, "backoff") != 0 && strcmp(strategy, "none") != 0)
        error_invalid(L, "%s: expected \"backoff\" or \"none\"", path);
    target->settings->retries.enabled = strcmp(strategy, "backoff") == 0;
}

static void read_max_attempts(lua_State *L, const struct option_target *target, const char *path)
{
    double number = option_number(L, path, 1, "");
    if (number != floor(number))
        error_invalid(L, "%s: expected an integer", path);
    target->settings->retries.max_attempts = number > INT_MAX ? INT_MAX : (int)number;
}

static void read_retry_connection_errors(lua_State *L, const struct option_target *target,
                                         const char *path)
{
    target->settings->retries.retry_connection_errors = option_boolean(L, path);
}

static void read_unsafe(lua_State *L, const struct option_target *target, const char *path)
{
    target->settings->retries.unsafe = option_boolean(L, path);
}

static const struct option retries_rows[] = {
    {"strategy", read_strategy},
    {"backoff", read_backoff},
    {"max_attempts", read_max_attempts},
    {"retry_connection_errors", read_retry_connection_errors},
    {"unsafe", read_unsafe},
};

void config_read_retries(lua_State *L, const struct option_target *target, const char *path)
{
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        target->settings->retries.enabled = false;
        return;
    }
    if (!lua_istable(L, -1))
        error_invalid(L, "%s: expected a table or false, got %s", path, error_type_name(L, -1));
    /* A table enables retries even if the client disables them; strategy = "none" in it disables
     * them again. */
    target->settings->retries.enabled = true;
    options_read_nested(L, retries_rows, COUNT(retries_rows), path, target);
}
