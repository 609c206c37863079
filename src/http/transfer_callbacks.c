/* The callbacks of libcurl: for sockets, before the request is sent, for head and body. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#endif
#include "http/transfer_private.h"

#include "base/clock.h"
#include "base/descriptor.h"
#include "http/socket_table.h"
#include "http/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

enum {
    /* Limit for all headers; libcurl only limits a single line. */
    MAXIMUM_HEAD_BYTES = 256 * 1024,
    /* Limit for memory reserved because of a content-length. */
    BELIEVED_LENGTH = 1 << 20
};

/* --- connections --- */

static bool is_loopback_address(const struct curl_sockaddr *address)
{
    const struct sockaddr *name = &address->addr;
    char text[INET6_ADDRSTRLEN] = "";
    if (name->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)name)->sin_addr, text,
                  sizeof text);
    else if (name->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)name)->sin6_addr, text,
                  sizeof text);
    else
        return true; /* a unix socket */
    return url_is_loopback_address(text);
}

/* Called when libcurl begins to make a connection for the transfer. */
static void begin_connecting(struct transfer *transfer)
{
    transfer->started = true;
    if (transfer->connecting)
        return;
    transfer->connecting = true;
    transfer->connecting_since = clock_monotonic_ms();
    transfer->sockets->connecting++;
}

static void end_connecting(struct transfer *transfer)
{
    transfer->connecting = false;
    transfer->sockets->connecting--;
}

void transfer_stop_connecting(struct transfer *transfer)
{
    if (!transfer->connecting)
        return;
    socket_list_remove_owned(transfer->sockets, transfer);
    end_connecting(transfer);
}

static int before_resolving(void *resolver, void *reserved, void *context)
{
    (void)resolver, (void)reserved;
    begin_connecting(context);
    return 0;
}

static curl_socket_t new_socket(struct transfer *transfer, const struct curl_sockaddr *address)
{
    if (transfer->request != NULL && transfer->request->local_only &&
        !is_loopback_address(address)) {
        transfer->leaves_machine = true;
        return CURL_SOCKET_BAD;
    }
#ifdef _WIN32
    return WSASocketW(address->family, address->socktype, address->protocol, NULL, 0,
                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
#else
    int type = address->socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    int descriptor = descriptor_above_standard(socket(address->family, type, address->protocol));
    if (descriptor < 0)
        transfer->socket_error = errno; /* libcurl does not keep errno */
#ifndef SOCK_CLOEXEC
    if (descriptor >= 0)
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
    return descriptor;
#endif
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    (void)purpose;
    transfer->resolved = true;
    begin_connecting(transfer);
    curl_socket_t socket = new_socket(transfer, address);
    if (socket != CURL_SOCKET_BAD &&
        !socket_list_add(transfer->sockets, socket, transfer, clock_monotonic_ms())) {
        socket_list_close(transfer->sockets, socket);
        transfer->out_of_memory = true;
        socket = CURL_SOCKET_BAD;
    }
    transfer->socket = socket;
    return socket;
}

/* Called when the connection is established and TLS begins (CURLOPT_SSL_CTX_FUNCTION(3)). libcurl 8
 * itself reports the connection only after the handshake. */
static CURLcode on_tls_context(CURL *easy, void *tls_context, void *context)
{
    struct transfer *transfer = context;
    (void)easy, (void)tls_context;
    transfer->tls_begun = true;
    return CURLE_OK;
}

/* --- sending --- */

static bool contains(const char *text, size_t length, const char *part)
{
    size_t part_length = strlen(part);
    for (size_t i = 0; i + part_length <= length; i++)
        if (memcmp(text + i, part, part_length) == 0)
            return true;
    return false;
}

static long number_after(const char *text, size_t length, const char *part)
{
    size_t part_length = strlen(part);
    for (size_t i = 0; i + part_length <= length; i++) {
        if (memcmp(text + i, part, part_length) != 0)
            continue;
        long number = 0;
        for (i += part_length; i < length && text[i] >= '0' && text[i] <= '9'; i++)
            number = number * 10 + (text[i] - '0');
        return number;
    }
    return -1;
}

/* Reads libcurl's log, the only place where it reports that a server refused a stream, that it sent
 * GOAWAY without processing the last ones (RFC 9113 sections 8.7 and 6.8), and the stream of a
 * request. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int on_log(CURL *easy, curl_infotype type, char *text, size_t length, void *context)
{
    struct transfer *transfer = context;
    (void)easy;
    if (type != CURLINFO_TEXT)
        return 0;
    if (contains(text, length, "] OPENED stream"))
        transfer->stream = number_after(text, length, "] [");
    else if (contains(text, length, "Using Stream ID: "))
        transfer->stream = number_after(text, length, "Using Stream ID: ");
    else if (contains(text, length, "GOAWAY, error="))
        transfer->last_stream = number_after(text, length, "last_stream=");
    else if (contains(text, length, "refused by server, try again") ||
             contains(text, length, "REFUSED_STREAM, retrying"))
        transfer->stream_refused = true;
    return 0;
}

/* Whether the server refused the stream of the request. libcurl logs that since 8.19; before, only
 * if the connection was new. Otherwise it follows from what is missing: libcurl's two other reasons
 * to send a request again log a message (http2.c of those versions), and do not concern a stream
 * (multi.c). From 8.0 to 8.6 a lost connection leaves no message either. */
bool transfer_was_refused(const struct transfer *transfer)
{
    unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
    bool logs_losses = version < 0x080000 || (version >= 0x080700 && version < 0x081300);
    return transfer->stream_refused ||
           (logs_losses && transfer->stream >= 0 &&
            (transfer->curl_message[0] == '\0' ||
             contains(transfer->curl_message, strlen(transfer->curl_message), "Connection died")));
}

/* Data that a server sends on a kept connection before the request is not a response to it: it
 * sends 408 when it does not want to wait longer (RFC 9110 section 15.5.9). Some versions of
 * libcurl close such a connection, 7.88 uses it. */
static bool has_unread_bytes(struct transfer *transfer, int local_port, int remote_port)
{
    char byte;
    if (transfer->socket != CURL_SOCKET_BAD) { /* a new connection; record it for later requests */
        socket_table_add(transfer->socket, local_port, remote_port);
        return false;
    }
    curl_socket_t socket = socket_table_find(local_port, remote_port);
    /* Does not block: libcurl's sockets are non-blocking. */
    return socket != CURL_SOCKET_BAD && !transfer->request->replayable &&
           recv(socket, &byte, 1, MSG_PEEK) == 1;
}

/* Called each time before the request is written, so also before libcurl sends it again on a new
 * connection (CURLOPT_PREREQFUNCTION(3)): a request that must not be replayed is stopped here. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int before_request(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct transfer *transfer = context;
    (void)local;
    /* A kept connection may have been made for a request that is not local_only. */
    if (transfer->request->local_only && !url_is_loopback_address(remote)) {
        transfer->leaves_machine = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->times_sent++;
    transfer->started = true;
    if (transfer->connecting) {
        transfer->sockets->made++;
        transfer->sockets->last_connect_ms = clock_monotonic_ms() - transfer->connecting_since;
        end_connecting(transfer);
    }
    transfer->refused = transfer->times_sent > 1 && transfer_was_refused(transfer);
    transfer->stream = transfer->last_stream = -1;
    transfer->stream_refused = false;
    if (transfer->times_sent == 1) {
        transfer->received_before_send = has_unread_bytes(transfer, local_port, remote_port);
        return CURL_PREREQFUNC_OK;
    }
    return transfer->times_sent == 2 && (transfer->request->replayable || transfer->refused)
               ? CURL_PREREQFUNC_OK
               : CURL_PREREQFUNC_ABORT;
}

/* --- head and body --- */

/* The status in "HTTP/1.1 200 OK", which has no NUL at its end (CURLOPT_HEADERFUNCTION(3)); 0 if it
 * is not the three digits of RFC 9112 section 4. */
static int parse_status(const char *line, size_t length)
{
    const char *c = memchr(line, ' ', length), *end = line + length;
    int status = 0, digits = 0;
    if (c != NULL)
        for (c++; c < end && *c >= '0' && *c <= '9' && digits < 4; c++, digits++)
            status = status * 10 + (*c - '0');
    return digits == 3 ? status : 0;
}

/* Checked here, as not all versions of libcurl do. */
static bool reject_head(struct transfer *transfer, const char *problem)
{
    transfer->head_problem = problem;
    return false;
}

static bool begin_head(struct transfer *transfer, const char *line, size_t length)
{
    struct transfer_response *response = transfer->response;
    header_list_clear(&response->headers);
    response->status = 0;
    response->http_version = length > 5 && line[5] == '2' ? "2" : "1.1";
    transfer->head_status = parse_status(line, length);
    return transfer->head_status != 0 ||
           reject_head(transfer, "the response's status is not a number of three digits");
}

/* RFC 9112 section 6.3: such a response must be rejected; libcurl uses the last length. */
static bool has_conflicting_lengths(const struct header_list *headers)
{
    struct header first, header;
    if (!header_list_find(headers, "content-length", &first))
        return false;
    for (size_t position = 0; header_list_next(headers, &position, &header);)
        if (header.name_length == first.name_length &&
            memcmp(header.line, first.line, first.name_length) == 0 &&
            strcmp(header.value, first.value) != 0)
            return true;
    return false;
}

static bool end_head(struct transfer *transfer)
{
    struct transfer_response *response = transfer->response;
    if (transfer->head_status <
        200) /* RFC 9110 section 15.2: an interim response; another head follows */
        return true;
    if (has_conflicting_lengths(&response->headers))
        return reject_head(transfer, "the response has two content-length headers that differ");
    response->status = transfer->head_status;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length <= 0 || (size_t)length > transfer->max_response_bytes)
        return true;
    /* One allocation instead of many, but not for any length that a server claims. */
    return buffer_reserve(&response->body,
                          length < BELIEVED_LENGTH ? (size_t)length : BELIEVED_LENGTH);
}

static bool collect_header(struct transfer *transfer, const char *line, size_t length)
{
    struct transfer_response *response = transfer->response;
    if (response->status != 0) /* trailers (RFC 9110 section 6.5) are ignored */
        return true;
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n'))
        length--;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0)
        return begin_head(transfer, line, length);
    if (length == 0)
        return end_head(transfer);
    /* RFC 9112 section 5.2: a folded line continues the value before it. */
    if (memchr(line, '\0', length) != NULL)
        return reject_head(transfer, "a header of the response contains a NUL");
    if (line[0] == ' ' || line[0] == '\t')
        return header_list_fold(&response->headers, line, length);
    const char *colon = memchr(line, ':', length);
    if (colon == NULL)
        return reject_head(transfer, "a line of the response's head is not a header");
    return header_list_add(&response->headers, line, (size_t)(colon - line), colon + 1,
                           length - (size_t)(colon - line) - 1);
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t length = size * count;
    transfer->head_bytes += length;
    if (transfer->head_bytes > MAXIMUM_HEAD_BYTES) {
        transfer->head_problem = "the response's headers are larger than 256 KiB";
        return 0;
    }
    if (!collect_header(transfer, line, length)) {
        transfer->out_of_memory = transfer->head_problem == NULL;
        return 0;
    }
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct buffer *body = &transfer->response->body;
    size_t length = size * count, room = transfer->max_response_bytes - body->length;
    transfer->too_large = length > room;
    if (!buffer_append(body, bytes, length > room ? room : length)) {
        transfer->out_of_memory = true;
        return 0;
    }
    return transfer->too_large ? 0 : length;
}

void transfer_set_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, socket_list_close);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, before_resolving);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    /* TLS libraries other than OpenSSL do not support this. */
    if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context) == CURLE_OK)
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_log);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_message);
}
