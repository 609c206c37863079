/* The open sockets of one curl_multi, oldest first. libcurl has no functions that return the age of
 * a connection, or whether one is being made. */
#ifndef VAULT_HTTP_SOCKET_LIST_H
#define VAULT_HTTP_SOCKET_LIST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct listed_socket {
    curl_socket_t socket;
    unsigned long long identity; /* unique, even when the descriptor number is reused */
    const void *owner;           /* the transfer it was opened for */
    double opened;               /* clock_monotonic_ms() */
    bool retired;                /* shut down, but not yet closed by libcurl */
};

/* A zeroed list is empty. */
struct socket_list {
    struct listed_socket *items;
    size_t count, capacity;
    /* If set, called before a socket is closed: libcurl may report the end of waiting for it only
     * later, when its number is in use again. */
    void (*before_close)(void *context, curl_socket_t socket);
    void *context;
    long connecting;        /* number of transfers that are making a connection */
    unsigned long made;     /* number of connections made so far */
    double last_connect_ms; /* how long the last one took */
};

/* False: no memory. */
bool socket_list_add(struct socket_list *list, curl_socket_t socket, const void *owner, double now);
/* libcurl's CURLOPT_CLOSESOCKETFUNCTION; its data is the list. */
int socket_list_close(void *context, curl_socket_t socket);
/* Removes the sockets of the owner that libcurl closes without calling socket_list_close: it does
 * not call that for sockets that were never connected. */
void socket_list_remove_owned(struct socket_list *list, const void *owner);
/* False: libcurl has closed the socket without calling socket_list_close, and the item was
 * removed. */
bool socket_list_check(struct socket_list *list, size_t index);
/* Whether a connection is older than that. */
bool socket_list_has_older(const struct socket_list *list, double now, double age_ms);
/* Shuts the connection down without closing the descriptor, which belongs to libcurl: libcurl finds
 * it dead when it is about to use it. */
void socket_list_retire(struct listed_socket *item);
void socket_list_free(struct socket_list *list);

#endif
