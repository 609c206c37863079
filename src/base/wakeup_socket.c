#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* struct ucred, mkdtemp */
#endif
#include "base/wakeup_socket.h"

#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char directory_name[] = "/vault-XXXXXX";
static const char file_name[] = "/wake";

void wakeup_socket_init(struct wakeup_socket *socket)
{
    socket->listener = -1;
}

static bool set_flags(int descriptor)
{
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0;
}

/* Close-on-exec from the start if the system supports that. */
static int new_listener(void)
{
#ifdef SOCK_CLOEXEC
    return descriptor_above_standard(
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#else
    int descriptor = descriptor_above_standard(socket(AF_UNIX, SOCK_STREAM, 0));
    if (descriptor >= 0 && !set_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
#endif
}

/* Creates the directory in `parent`, with the mode 0700 (mkdtemp). False: that failed, or the path
 * is too long for an address. */
static bool make_directory(struct wakeup_socket *socket, const char *parent)
{
    size_t length = strlen(parent);
    if (length + sizeof directory_name + sizeof file_name > sizeof socket->path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(socket->path, parent, length);
    memcpy(socket->path + length, directory_name, sizeof directory_name);
    socket->directory_length = length + sizeof directory_name - 1;
    return mkdtemp(socket->path) != NULL;
}

/* An address only has room for about a hundred bytes, so a longer TMPDIR is skipped. */
static bool make_path(struct wakeup_socket *socket)
{
    const char *parent = getenv("TMPDIR");
    bool made = parent != NULL && parent[0] == '/' && make_directory(socket, parent);
    if (!made && !make_directory(socket, "/tmp"))
        return false;
    memcpy(socket->path + socket->directory_length, file_name, sizeof file_name);
    return true;
}

static void remove_path(struct wakeup_socket *socket)
{
    unlink(socket->path);
    socket->path[socket->directory_length] = '\0';
    rmdir(socket->path);
}

static bool bind_and_listen(const struct wakeup_socket *socket)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, socket->path, sizeof address.sun_path);
    return bind(socket->listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
           listen(socket->listener, 1) == 0;
}

bool wakeup_socket_listen(struct wakeup_socket *socket)
{
    wakeup_socket_close(socket);
    memset(socket->path, 0, sizeof socket->path);
    socket->process = getpid();
    socket->listener = new_listener();
    if (socket->listener < 0)
        return false;
    if (make_path(socket)) {
        if (bind_and_listen(socket))
            return true;
        int reason = errno;
        remove_path(socket);
        errno = reason;
    }
    int reason = errno;
    close(socket->listener);
    socket->listener = -1;
    errno = reason;
    return false;
}

/* Whether the peer is this process; on systems that do not tell, whether it is this user. */
static bool is_own(int connection)
{
#if defined(SO_PEERCRED) && defined(__linux__)
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           peer.pid == getpid();
#elif defined(LOCAL_PEERPID)
    pid_t peer;
    socklen_t length = sizeof peer;
    return getsockopt(connection, SOL_LOCAL, LOCAL_PEERPID, &peer, &length) == 0 &&
           peer == getpid();
#else
    uid_t user;
    gid_t group;
    return getpeereid(connection, &user, &group) == 0 && user == geteuid();
#endif
}

static int accept_any(int listener)
{
    int connection;
    do
#ifdef SOCK_CLOEXEC
        connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
        connection = accept(listener, NULL, NULL);
#endif
    while (connection < 0 && errno == EINTR);
    return descriptor_above_standard(connection);
}

int wakeup_socket_accept(struct wakeup_socket *socket)
{
    int connection = -1;
    while (socket->listener >= 0 && (connection = accept_any(socket->listener)) >= 0) {
        if (is_own(connection) && set_flags(connection))
            break;
        close(connection);
    }
    wakeup_socket_close(socket);
    return connection;
}

void wakeup_socket_close(struct wakeup_socket *socket)
{
    if (socket->listener < 0)
        return;
    close(socket->listener);
    socket->listener = -1;
    if (socket->process == getpid()) /* else the path belongs to the parent */
        remove_path(socket);
}
