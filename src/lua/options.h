/* Tables of named options, checked row by row. */
#ifndef VAULT_LUA_OPTIONS_H
#define VAULT_LUA_OPTIONS_H

#include "call/client_state.h"

/* Where values go. `client` is NULL while the options of a single call are
 * read; `values` is then unused. */
struct option_target {
    struct call_settings *settings;
    struct client *client;
    bool asynchronous; /* the single call is one of client.async */
    int values;        /* absolute stack index of the client's uservalue table */
};

struct option {
    const char *name;
    /* Checks the value on the stack's top and stores it; raises
     * InvalidRequestError. Leaves the stack as it was. */
    void (*read)(lua_State *L, const struct option_target *target, const char *path);
};

/* Reads the known fields of the table at `index` in the order of the rows, also
 * those it inherits by __index; an unknown one of its own raises. `prefix` is
 * what stands before a field's name in messages: "retries.backoff.". */
void options_read(lua_State *L, int index, const struct option *rows, size_t count,
                  const char *prefix, const struct option_target *target);

/* The value on the stack's top as ...; raise InvalidRequestError otherwise. */
double option_number(lua_State *L, const char *path, double minimum, const char *unit);
bool option_boolean(lua_State *L, const char *path);
const char *option_string(lua_State *L, const char *path);
void option_table(lua_State *L, const char *path);

#endif
