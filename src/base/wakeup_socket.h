/* A unix socket on which a process reaches itself: for event loops that can
 * watch only sockets that they have connected themselves (nginx's). It lies in
 * a directory that only this user may enter, and only until the connection is
 * there. */
#ifndef VAULT_BASE_WAKEUP_SOCKET_H
#define VAULT_BASE_WAKEUP_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

struct wake_socket {
    int listener; /* -1: not listening, and nothing below means anything */
    pid_t process;
    size_t directory_length; /* of the path's part that is the directory */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

void wake_socket_init(struct wake_socket *socket);
/* Begins to listen on a new path, instead of on any earlier one. False: errno
 * says why. */
bool wake_socket_listen(struct wake_socket *socket);
/* The connection that this process has made to the path, and the path is gone;
 * -1: it has made none. Close-on-exec, non-blocking; the caller's. */
int wake_socket_accept(struct wake_socket *socket);
/* Stops listening and removes the path. May be called again. */
void wake_socket_close(struct wake_socket *socket);

#endif
