/* A unix socket on which a process reaches itself: for event loops that can
 * watch only sockets that they have connected themselves (nginx's). It lies in
 * a directory that only this user may enter, and only until the connection is
 * there. */
#ifndef VAULT_BASE_WAKEUP_SOCKET_H
#define VAULT_BASE_WAKEUP_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

struct wakeup_socket {
    int listener; /* -1: not listening, and nothing below means anything */
    pid_t process;
    size_t directory_length; /* of the path's part that is the directory */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

void wakeup_socket_init(struct wakeup_socket *socket);
/* Begins to listen on a new path, instead of on any earlier one. False: errno
 * says why. */
bool wakeup_socket_listen(struct wakeup_socket *socket);
/* The connection that this process has made to the path, and the path is gone;
 * -1: it has made none. Close-on-exec, non-blocking; the caller's. */
int wakeup_socket_accept(struct wakeup_socket *socket);
/* Stops listening and removes the path. May be called again. */
void wakeup_socket_close(struct wakeup_socket *socket);

#endif
