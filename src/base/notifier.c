#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* eventfd, pipe2 */
#endif
#include "base/notifier.h"

#include "base/clock.h"
#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#endif

/* --- the socket that gets a byte with every signal --- */

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* set on the socket instead (SO_NOSIGPIPE) */
#endif

void notifier_forward(struct notifier *notifier, int socket)
{
    if (notifier->forward >= 0)
        close(notifier->forward);
    notifier->forward = socket;
#ifdef SO_NOSIGPIPE
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

bool notifier_is_forwarding(const struct notifier *notifier)
{
    char byte; /* the peer never writes, so only its end of file can be read */
    return notifier->forward >= 0 && recv(notifier->forward, &byte, 1, MSG_PEEK) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* If the socket is full, its reader has unread bytes anyway. If the reader is gone,
 * notifier_is_forwarding returns false. */
static void forward_signal(const struct notifier *notifier)
{
    while (notifier->forward >= 0 && send(notifier->forward, "", 1, MSG_NOSIGNAL) < 0 &&
           errno == EINTR)
        continue;
}

/* --- the descriptor --- */

#ifdef __linux__

bool notifier_open(struct notifier *notifier)
{
    notifier->forward = -1;
    notifier->read_end = notifier->write_end =
        descriptor_above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return notifier->read_end >= 0;
}

void notifier_signal(const struct notifier *notifier)
{
    uint64_t one = 1;
    /* signal(7): a call that does not block is rarely interrupted. GCOVR_EXCL_START */
    while (write(notifier->write_end, &one, sizeof one) < 0 && errno == EINTR)
        continue;
    /* GCOVR_EXCL_STOP */
    forward_signal(notifier);
}

#else

static bool set_flags(int descriptor)
{
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0;
}

bool notifier_open(struct notifier *notifier)
{
    int ends[2];
    notifier->forward = -1;
    if (pipe(ends) != 0)
        return false;
    notifier->read_end = descriptor_above_standard(ends[0]);
    notifier->write_end = descriptor_above_standard(ends[1]);
    if (set_flags(notifier->read_end) && set_flags(notifier->write_end))
        return true;
    notifier_close(notifier);
    return false;
}

void notifier_signal(const struct notifier *notifier)
{
    while (write(notifier->write_end, "", 1) < 0 && errno == EINTR)
        continue;
    forward_signal(notifier);
}

#endif

void notifier_close(struct notifier *notifier)
{
    close(notifier->read_end);
    if (notifier->write_end != notifier->read_end)
        close(notifier->write_end);
    if (notifier->forward >= 0)
        close(notifier->forward);
    notifier->read_end = notifier->write_end = notifier->forward = -1;
}

void notifier_clear(const struct notifier *notifier)
{
    char bytes[64]; /* an eventfd needs at least 8 */
    ssize_t got;
    do
        got = read(notifier->read_end, bytes, sizeof bytes);
    while (got == (ssize_t)sizeof bytes || (got < 0 && errno == EINTR));
}

bool notifier_wait(const struct notifier *notifier, double timeout_ms)
{
    double deadline = clock_monotonic_ms() + timeout_ms;
    struct pollfd descriptor = {.fd = notifier->read_end, .events = POLLIN};
    for (;;) {
        double left = timeout_ms < 0 ? -1 : deadline - clock_monotonic_ms();
        if (timeout_ms >= 0 && left < 0)
            left = 0;
        int wait = left < 0 ? -1 : (left > INT_MAX ? INT_MAX : (int)ceil(left));
        int ready = poll(&descriptor, 1, wait);
        if (ready > 0)
            return true;
        if (ready == 0 && wait >= 0 && wait != INT_MAX)
            return false;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}
