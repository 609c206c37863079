/* The open sockets of one curl_multi, oldest first, and what its transfers do with them. libcurl
 * has no functions that tell how old a connection is, or whether one is being made. */
#ifndef VAULT_HTTP_SOCKET_LIST_H
#define VAULT_HTTP_SOCKET_LIST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct listed_socket {
    curl_socket_t socket;
    unsigned long long identity; /* no other socket has it, whatever its number */
    const void *owner;           /* who had it opened */
    double opened;               /* clock_monotonic_ms() */
    bool retired;                /* shut down, libcurl has yet to close it */
};

/* Zeroed memory is an empty list. */
struct socket_list {
    struct listed_socket *items;
    size_t count, capacity;
    /* Where it is set: called before a socket is closed. libcurl may tell later that the socket
     * need not be waited for, when its number is somebody else's. */
    void (*before_close)(void *context, curl_socket_t socket);
    void *context;
    long connecting;        /* transfers that wait for a connection of their own */
    unsigned long made;     /* connections that became usable, ever */
    double last_connect_ms; /* from the start of the last one of them */
};

/* False: no memory. */
bool socket_list_add(struct socket_list *list, curl_socket_t socket, const void *owner, double now);
/* libcurl's CURLOPT_CLOSESOCKETFUNCTION; its data is the list. */
int socket_list_close(void *context, curl_socket_t socket);
/* libcurl is about to close what the owner has had opened, or has done so: of sockets that were
 * never connected it does not tell. */
void socket_list_remove_owned(struct socket_list *list, const void *owner);
/* False, and the item is gone: libcurl has closed it without telling. */
bool socket_list_check(struct socket_list *list, size_t index);
/* Whether a connection has been open for that long. */
bool socket_list_has_older(const struct socket_list *list, double now, double age_ms);
/* Ends the connection without closing the descriptor, which is libcurl's: libcurl finds the
 * connection dead when it is about to use it. */
void socket_list_retire(struct listed_socket *item);
void socket_list_free(struct socket_list *list);

#endif
