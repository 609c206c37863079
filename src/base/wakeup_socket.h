/* A unix socket that a process connects to itself: for event loops (nginx's) that can only watch
 * sockets they have connected themselves. It is in a directory that only this user can enter, and
 * only until the connection is made. */
#ifndef VAULT_BASE_WAKEUP_SOCKET_H
#define VAULT_BASE_WAKEUP_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

struct wakeup_socket {
    int listener; /* -1: not listening; the other fields are unset */
    pid_t process;
    size_t directory_length; /* length of the directory in the path */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

void wakeup_socket_init(struct wakeup_socket *socket);
/* Listens on a new path, and no longer on an earlier one. False: errno has the reason. */
bool wakeup_socket_listen(struct wakeup_socket *socket);
/* Accepts the connection that this process has made, and removes the path. Returns its descriptor,
 * close-on-exec and non-blocking, which belongs to the caller; -1: there is no connection. */
int wakeup_socket_accept(struct wakeup_socket *socket);
/* Stops listening and removes the path. May be called more than once. */
void wakeup_socket_close(struct wakeup_socket *socket);

#endif
