#include "http/socket_table.h"

#ifdef _WIN32

void socket_table_add(curl_socket_t socket, int local_port, int remote_port)
{
    (void)socket, (void)local_port, (void)remote_port;
}

curl_socket_t socket_table_find(int local_port, int remote_port)
{
    (void)local_port, (void)remote_port;
    return CURL_SOCKET_BAD;
}

#else

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Indexed by local port. Entries are never removed: before use, the system is asked whether the
 * descriptor has both of these ports. 0: no entry, as no connection has the descriptor of standard
 * input. */
enum { ENTRIES = 4096 };
static atomic_int table[ENTRIES];

typedef int (*name_function)(int, struct sockaddr *, socklen_t *);

static bool has_port(int descriptor, name_function name_of, int port)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    memset(&name, 0, sizeof name);
    if (name_of(descriptor, (struct sockaddr *)&name, &length) != 0)
        return false;
    if (name.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)(void *)&name)->sin_port) == port;
    return name.ss_family == AF_INET6 &&
           ntohs(((struct sockaddr_in6 *)(void *)&name)->sin6_port) == port;
}

static bool connects(int descriptor, int local_port, int remote_port)
{
    return descriptor > 0 && has_port(descriptor, getsockname, local_port) &&
           has_port(descriptor, getpeername, remote_port);
}

void socket_table_add(curl_socket_t socket, int local_port, int remote_port)
{
    if (local_port > 0 && connects(socket, local_port, remote_port))
        atomic_store(&table[local_port % ENTRIES], socket);
}

curl_socket_t socket_table_find(int local_port, int remote_port)
{
    if (local_port <= 0)
        return CURL_SOCKET_BAD;
    int descriptor = atomic_load(&table[local_port % ENTRIES]);
    return connects(descriptor, local_port, remote_port) ? descriptor : CURL_SOCKET_BAD;
}

#endif
