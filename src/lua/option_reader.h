/* Reads tables of named options, each by a row that checks it. */
#ifndef VAULT_LUA_OPTION_READER_H
#define VAULT_LUA_OPTION_READER_H

#include "call/client_state.h"

/* Where the values are stored. For the options of a single call `client` is NULL and `values` is
 * unused. */
struct option_target {
    struct call_settings *settings;
    struct client *client;
    bool asynchronous; /* the call is one of client.async */
    int values;        /* absolute stack index of the client's uservalue table */
};

struct option {
    const char *name;
    /* Checks the value on top of the stack and stores it; raises InvalidRequestError. Leaves the
     * stack as it was. */
    void (*read)(lua_State *L, const struct option_target *target, const char *path);
};

/* Reads the known fields of the table at `index` in the order of the rows, including those
 * inherited by __index. Raises for an unknown field of the table itself. `prefix` precedes field
 * names in messages: "retries.backoff.". */
void options_read(lua_State *L, int index, const struct option *rows, size_t count,
                  const char *prefix, const struct option_target *target);

/* The same for the option at `path`, whose value, on top of the stack, must be a table of options.
 */
void options_read_nested(lua_State *L, const struct option *rows, size_t count, const char *path,
                         const struct option_target *target);

/* Check the value on top of the stack and return it; raise InvalidRequestError. */
double option_number(lua_State *L, const char *path, double minimum, const char *unit);
bool option_boolean(lua_State *L, const char *path);
const char *option_string(lua_State *L, const char *path);
void option_table(lua_State *L, const char *path);

#endif
