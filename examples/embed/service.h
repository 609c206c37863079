/* A stand-in for Apideck inside the program: a transport for vault.new, in C. */
#ifndef EMBED_SERVICE_H
#define EMBED_SERVICE_H

#include <lua.h>

struct service {
    double busy_until_ms; /* on the clock of clock_ms: until then it responds with 429 */
    int answered;
    int turned_away;
};

/* Milliseconds of a monotonic clock. */
double clock_ms(void);

/* Pushes the transport, a function (request) -> response. The service must outlive the Lua state.
 */
void service_push_transport(lua_State *L, struct service *service);

#endif
