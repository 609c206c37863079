/* Creates curl_multi handles whose descriptors are close-on-exec, and stores of TLS sessions. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* F_DUPFD_CLOEXEC */
#endif
#include "http/transfer_private.h"

#include "base/descriptor.h"

/* Without locks, as one thread uses the handles (libcurl-share(3)). */
CURLSH *transfer_open_sessions(void)
{
    CURLSH *sessions = curl_share_init();
    if (sessions != NULL)
        curl_share_setopt(sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return sessions;
}

#ifdef _WIN32

void transfer_prepare_for_fork(void)
{
}

CURLM *transfer_open_multi(void)
{
    return curl_multi_init();
}

#else

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* libcurl before 8.11 creates the wakeup descriptors of a multi handle, a pair of sockets or a
 * pipe, without close-on-exec, and has no function that returns them. They are found by their
 * behaviour: curl_multi_wakeup writes a byte to them, curl_multi_poll reads it, and no other code
 * does either. A descriptor on which this is seen several times is one of them, and so is its peer.
 * They stay open as long as the multi handle, whatever descriptors other threads open and close
 * meanwhile. */
enum { CLOSE_ON_EXEC_SINCE = 0x080b00, PROOFS = 3, WAKE_UP_DESCRIPTORS = 2, NEARBY = 8 };

struct search {
    CURLM *multi;
    int found;
    int proven; /* a wakeup descriptor that was found; negative: none yet */
};

/* The number of bytes that can be read from it, or that its peer has not read yet; negative:
 * unknown. */
static int pending_bytes(int descriptor)
{
    int readable = 0, unread = 0;
    bool known = ioctl(descriptor, FIONREAD, &readable) == 0;
#if defined(FIONWRITE)
    known = ioctl(descriptor, FIONWRITE, &unread) == 0 || known;
#elif defined(SO_NWRITE)
    socklen_t length = sizeof unread;
    known = getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &unread, &length) == 0 || known;
#elif defined(TIOCOUTQ) /* as SIOCOUTQ of unix(7) */
    known = ioctl(descriptor, TIOCOUTQ, &unread) == 0 || known;
#endif
    return known ? readable + unread : -1;
}

static bool may_be_ours(int descriptor)
{
    struct stat status;
    int flags = fcntl(descriptor, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0 && fstat(descriptor, &status) == 0 &&
           (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode));
}

static bool follows_wake_up(CURLM *multi, int descriptor)
{
    for (int i = 0; i < PROOFS; i++) {
        if (pending_bytes(descriptor) != 0)
            return false;
        curl_multi_wakeup(multi);
        bool rises = pending_bytes(descriptor) > 0;
        curl_multi_poll(multi, NULL, 0, 0, NULL);
        if (!rises || pending_bytes(descriptor) != 0)
            return false;
    }
    return true;
}

typedef int name_function(int, struct sockaddr *, socklen_t *);

static bool is_same_address(int a, name_function *name_a, int b, name_function *name_b)
{
    struct sockaddr_in first = {0}, second = {0};
    socklen_t first_length = sizeof first, second_length = sizeof second;
    return name_a(a, (struct sockaddr *)&first, &first_length) == 0 &&
           name_b(b, (struct sockaddr *)&second, &second_length) == 0 &&
           first.sin_family == AF_INET && second.sin_family == AF_INET &&
           first.sin_port == second.sin_port && first.sin_addr.s_addr == second.sin_addr.s_addr;
}

/* Whether the descriptor is the other end of a TCP connection, which some libcurl builds use
 * instead of a pair of Unix sockets. */
static bool is_other_end(int descriptor, int proven)
{
    return proven >= 0 && is_same_address(descriptor, getsockname, proven, getpeername) &&
           is_same_address(descriptor, getpeername, proven, getsockname);
}

static void mark_if_ours(struct search *search, int descriptor)
{
    if (!may_be_ours(descriptor) ||
        (!is_other_end(descriptor, search->proven) && !follows_wake_up(search->multi, descriptor)))
        return;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    search->proven = descriptor;
    search->found++;
}

/* A new descriptor gets the lowest free number (POSIX.1-2017 section 2.14), so they are probably
 * just below the next one. */
static void search_nearby(struct search *search)
{
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (next < 0)
        return;
    close(next);
    for (int i = next > NEARBY ? next - NEARBY : 0; i < next; i++)
        if (search->found < WAKE_UP_DESCRIPTORS)
            mark_if_ours(search, i);
}

/* Searches all descriptors, as other threads may have opened or closed some. */
static void search_anywhere(struct search *search)
{
    DIR *directory = opendir("/dev/fd");
    const struct dirent *entry;
    if (directory == NULL)
        return;
    while (search->found < WAKE_UP_DESCRIPTORS && (entry = readdir(directory)) != NULL) {
        char *end;
        long descriptor = strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '\0')
            mark_if_ours(search, (int)descriptor);
    }
    closedir(directory);
}

/* One search at a time, so that the descriptors of another one are not candidates. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t handlers_once = PTHREAD_ONCE_INIT;

static void lock(void)
{
    pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

static void register_fork_handlers(void)
{
    pthread_atfork(lock, unlock, unlock);
}

void transfer_prepare_for_fork(void)
{
    pthread_once(&handlers_once, register_fork_handlers);
}

static CURLM *open_marked(void)
{
    struct standard_descriptors standard;
    descriptor_reserve_standard(&standard);
    CURLM *multi = curl_multi_init();
    descriptor_release_standard(&standard);
    if (multi == NULL || curl_version_info(CURLVERSION_NOW)->version_num >= CLOSE_ON_EXEC_SINCE)
        return multi;
    struct search search = {.multi = multi, .proven = -1};
    search_nearby(&search);
    /* A second pass finds an end whose peer was found later. */
    for (int i = 0; i < 2 && search.found < WAKE_UP_DESCRIPTORS; i++)
        search_anywhere(&search);
    return multi;
}

CURLM *transfer_open_multi(void)
{
    lock();
    CURLM *multi = open_marked();
    unlock();
    return multi;
}

#endif
