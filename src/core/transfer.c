/* The libcurl side of a transfer: options in, callbacks. transfer_blocking.c
 * performs one on the caller's thread, transfer_failure.c says what went wrong. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#endif
#include "transfer.h"

#include "descriptor.h"
#include "process.h"
#include "symbol_check.h"
#include "transfer_private.h"
#include "wipe.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifndef _WIN32
#include <sys/socket.h>
#endif

enum {
    IDLE_CONNECTION_SECONDS = 60,
    /* Enough for any honest server; libcurl bounds only a single line. */
    MAXIMUM_HEAD_BYTES = 256 * 1024,
    /* Of a content-length: how much memory is made ready for an answer that has yet to come. */
    BELIEVED_LENGTH = 1 << 20
};

/* Not pthread_once: what failed for want of memory is to be tried again. */
static pthread_mutex_t global_init_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_initialised;

bool transfer_global_init(void)
{
    /* curl_global_init(3): thread-safe by itself only since 7.84. */
    pthread_mutex_lock(&global_init_mutex);
    if (!is_initialised)
        is_initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    bool initialised = is_initialised;
    pthread_mutex_unlock(&global_init_mutex);
    return initialised;
}

const char *transfer_libcurl_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

/* --- callbacks: C only, they never touch Lua --- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    (void)purpose;
    transfer->resolved = true;
#ifdef _WIN32
    return WSASocketW(address->family, address->socktype, address->protocol, NULL, 0,
                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
#else
    int type = address->socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    int descriptor = descriptor_above_standard(socket(address->family, type, address->protocol));
#ifndef SOCK_CLOEXEC
    if (descriptor >= 0)
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
    return descriptor;
#endif
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* Called before every request is written, so also before libcurl writes one
 * again on a new connection (CURLOPT_PREREQFUNCTION(3)). That second time is
 * where a request that must not be replayed is stopped. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int before_request(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct transfer *transfer = context;
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    transfer->times_sent++;
    return transfer->times_sent > (transfer->request->replayable ? 2 : 1) ? CURL_PREREQFUNC_ABORT
                                                                          : CURL_PREREQFUNC_OK;
}
#endif

/* Of "HTTP/1.1 200 OK", which nothing terminates (CURLOPT_HEADERFUNCTION(3)). */
static int status_of(const char *line, size_t length)
{
    const char *c = memchr(line, ' ', length), *end = line + length;
    int status = 0;
    if (c != NULL)
        for (c++; c < end && *c >= '0' && *c <= '9' && status < 1000; c++)
            status = status * 10 + (*c - '0');
    return status;
}

static void begin_head(struct transfer *transfer, const char *line, size_t length)
{
    struct transfer_response *response = transfer->response;
    header_list_clear(&response->headers);
    response->status = 0;
    response->http_version = length > 5 && line[5] == '2' ? "2" : "1.1";
    transfer->head_status = status_of(line, length);
}

/* RFC 9112 6.3: such an answer is no basis for anything. libcurl believes the
 * last one. */
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
    if (transfer->head_status < 200) /* RFC 9110 15.2: an interim answer, another head follows */
        return true;
    if (has_conflicting_lengths(&response->headers)) {
        transfer->head_problem = "the answer has two content-length headers that differ";
        return false;
    }
    response->status = transfer->head_status;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length <= 0 || (size_t)length > transfer->max_response_bytes)
        return true;
    /* One allocation instead of many, as far as the length can be believed. */
    return buffer_reserve(&response->body,
                          length < BELIEVED_LENGTH ? (size_t)length : BELIEVED_LENGTH);
}

static bool collect_header(struct transfer *transfer, const char *line, size_t length)
{
    struct transfer_response *response = transfer->response;
    if (response->status != 0) /* trailers (RFC 9110 6.5): nobody asked for them */
        return true;
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n'))
        length--;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        begin_head(transfer, line, length);
        return true;
    }
    if (length == 0)
        return end_head(transfer);
    /* RFC 9112 5.2: a folded line goes on with the value before it. */
    if (memchr(line, '\0', length) != NULL)
        return true;
    if (line[0] == ' ' || line[0] == '\t')
        return header_list_fold(&response->headers, line, length);
    const char *colon = memchr(line, ':', length);
    if (colon == NULL)
        return true;
    return header_list_add(&response->headers, line, (size_t)(colon - line), colon + 1,
                           length - (size_t)(colon - line) - 1);
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t length = size * count;
    transfer->head_bytes += length;
    if (transfer->head_bytes > MAXIMUM_HEAD_BYTES) {
        transfer->head_problem = "the answer's headers are larger than 256 KiB";
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

/* --- options --- */

static CURLcode set_tls(CURL *easy, const struct transfer_options *options)
{
    CURLcode code = CURLE_OK;
    const char *bundle = NULL;
#if LIBCURL_VERSION_NUM >= 0x074600
    bundle = curl_version_info(CURLVERSION_NOW)->cainfo;
#endif
    bool own_authority =
        options->ca_file != NULL || options->ca_path != NULL || options->ca_pem != NULL;
    /* A CA directory disables libcurl's cache of the parsed CA bundle, so that
     * every connection parses it anew: leave it out where there is a bundle. */
    if (own_authority || (bundle != NULL && access(bundle, R_OK) == 0))
        code = curl_easy_setopt(easy, CURLOPT_CAPATH, options->ca_path);
    if (code == CURLE_OK && own_authority)
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
    if (code == CURLE_OK && options->ca_pem != NULL) {
#if LIBCURL_VERSION_NUM >= 0x074d00
        struct curl_blob blob = {(void *)options->ca_pem, strlen(options->ca_pem), CURL_BLOB_COPY};
        code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
#else
        code = CURLE_NOT_BUILT_IN;
#endif
    }
    if (code == CURLE_OK && options->cert_file != NULL)
        code = curl_easy_setopt(easy, CURLOPT_SSLCERT, options->cert_file);
    if (code == CURLE_OK && options->key_file != NULL)
        code = curl_easy_setopt(easy, CURLOPT_SSLKEY, options->key_file);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->verify ? 1L : 0L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->verify ? 2L : 0L);
    return code;
}

static CURLcode set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
#if LIBCURL_VERSION_NUM >= 0x075000
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
#endif
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_message);
}

static CURLcode set_lasting_options(struct transfer *transfer,
                                    const struct transfer_options *options)
{
    CURL *easy = transfer->easy;
    set_callbacks(transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_SECONDS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, options->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Without it a cancelled or timed out transfer waits for its resolver
     * thread: ten seconds in a DNS outage (CURLOPT_QUICK_EXIT(3)). */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    CURLcode code = set_protocols(easy);
    if (code == CURLE_OK) /* "": every coding this libcurl can undo */
        code = curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    if (code == CURLE_OK && options->proxy != NULL)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy);
    return code == CURLE_OK ? set_tls(easy, options) : code;
}

#ifdef _WIN32

CURLM *transfer_open_multi(void)
{
    return curl_multi_init();
}

#else

/* libcurl up to 8.10 makes the wake-up sockets of a multi handle without
 * close-on-exec, and offers no way to reach them. A new descriptor has the
 * lowest number that is free (POSIX.1-2017 2.14), so they are the Unix sockets
 * under the numbers that were free just before. */
enum { EXPECTED_DESCRIPTORS = 4 };

static void find_free_descriptors(int numbers[EXPECTED_DESCRIPTORS])
{
    for (int i = 0; i < EXPECTED_DESCRIPTORS; i++)
        numbers[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < EXPECTED_DESCRIPTORS; i++)
        if (numbers[i] >= 0)
            close(numbers[i]);
}

static bool is_inheritable_unix_socket(int descriptor)
{
    struct sockaddr_storage name = {0};
    socklen_t length = sizeof name;
    int flags = fcntl(descriptor, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0 &&
           getsockname(descriptor, (struct sockaddr *)&name, &length) == 0 &&
           name.ss_family == AF_UNIX;
}

CURLM *transfer_open_multi(void)
{
    int numbers[EXPECTED_DESCRIPTORS];
    struct standard_descriptors standard;
    descriptor_take_standard(&standard);
    find_free_descriptors(numbers);
    CURLM *multi = curl_multi_init();
    descriptor_free_standard(&standard);
    for (int i = 0; i < EXPECTED_DESCRIPTORS; i++)
        if (numbers[i] >= 0 && is_inheritable_unix_socket(numbers[i]))
            fcntl(numbers[i], F_SETFD, FD_CLOEXEC);
    return multi;
}

#endif

struct transfer *transfer_new(const struct transfer_options *options, const char **error)
{
    *error = NULL;
    if (!transfer_global_init())
        return NULL;
    *error = symbol_check_problem();
    if (*error != NULL)
        return NULL;
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return NULL;
    transfer->process = process_generation();
    /* From then on libcurl itself writes what OpenSSL has to send, with
     * MSG_NOSIGNAL; before, OpenSSL wrote to the socket. */
    transfer->may_raise_sigpipe = curl_version_info(CURLVERSION_NOW)->version_num < 0x075801;
    transfer->max_response_bytes = options->max_response_bytes;
    transfer->http_version = options->http_version;
    transfer->max_connections = options->max_connections;
    transfer->connect_timeout_ms = options->connect_timeout_ms;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL) {
        transfer_free(transfer);
        return NULL;
    }
    CURLcode code = set_lasting_options(transfer, options);
    if (code != CURLE_OK) {
        *error = code != CURLE_OUT_OF_MEMORY ? curl_easy_strerror(code) : NULL;
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

bool transfer_is_foreign(const struct transfer *transfer)
{
    return transfer->process != process_generation();
}

void transfer_free(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    /* In a forked child the sockets are shared with the parent: closing a TLS
     * connection would send close_notify into the parent's. The handles are
     * given up instead, as memory that the child never needs. */
    if (!transfer_is_foreign(transfer)) {
        curl_easy_cleanup(transfer->easy);
        curl_multi_cleanup(transfer->multi);
    }
    free(transfer->nodes);
    free(transfer);
}

/* --- one exchange --- */

static long curl_http_version(const struct transfer *transfer, const char *url)
{
    switch (transfer->http_version) {
    case TRANSFER_HTTP_1_1:
        return CURL_HTTP_VERSION_1_1;
    case TRANSFER_HTTP_2:
        /* Without TLS there is nothing to negotiate by. */
        return strncmp(url, "https:", 6) == 0 ? CURL_HTTP_VERSION_2TLS
                                              : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    case TRANSFER_HTTP_NEGOTIATED:
        break;
    }
    return CURL_HTTP_VERSION_2TLS;
}

/* Fields that libcurl would add by itself where the list has none of that name: one that was taken
 * out stays out (CURLOPT_HTTPHEADER(3)). Of a body there is no waiting for "100 Continue" (RFC
 * 9110 10.1.1). */
static char no_accept[] = "accept:", no_type[] = "content-type:", no_expect[] = "expect:";
enum { MOST_ABSENT = 3 };

/* Only those that matter to this request: libcurl goes through the whole list for each field that
 * it might add. */
static int find_absent(const struct transfer_request *request, char *absent[MOST_ABSENT])
{
    struct header ignored;
    int count = 0;
    if (!header_list_find(request->headers, "accept", &ignored))
        absent[count++] = no_accept;
    if (request->body == NULL)
        return count;
    if (!header_list_find(request->headers, "content-type", &ignored))
        absent[count++] = no_type;
    if (!header_list_find(request->headers, "expect", &ignored))
        absent[count++] = no_expect;
    return count;
}

static bool reserve_nodes(struct transfer *transfer, size_t needed)
{
    if (needed <= transfer->node_capacity)
        return true;
    struct curl_slist *nodes = realloc(transfer->nodes, needed * sizeof *nodes);
    if (nodes == NULL)
        return false;
    transfer->nodes = nodes;
    transfer->node_capacity = needed;
    return true;
}

/* libcurl only reads the list, so its nodes live in one array and point into
 * the lines of the header list. */
static CURLcode link_headers(struct transfer *transfer, const struct transfer_request *request)
{
    const struct header_list *headers = request->headers;
    char *absent[MOST_ABSENT];
    int absent_count = find_absent(request, absent);
    if (!reserve_nodes(transfer, headers->count + MOST_ABSENT))
        return CURLE_OUT_OF_MEMORY;
    struct curl_slist *nodes = transfer->nodes;
    struct header header;
    size_t count = 0;
    for (size_t position = 0; header_list_next(headers, &position, &header);)
        nodes[count++].data = headers->lines.data + (header.line - headers->lines.data);
    for (int i = 0; i < absent_count; i++)
        nodes[count++].data = absent[i];
    for (size_t i = 0; i < count; i++)
        nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
    return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, count > 0 ? nodes : NULL);
}

static CURLcode set_request(struct transfer *transfer, const struct transfer_request *request)
{
    CURL *easy = transfer->easy;
    bool get = strcmp(request->method, "GET") == 0;
    CURLcode code = link_headers(transfer, request);
    if (code != CURLE_OK)
        return code;
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* undoes POSTFIELDS of the request before */
    if (request->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                            get && request->body == NULL ? NULL : request->method);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    long version = curl_http_version(transfer, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
    /* libcurl 7.88 breaks the framing of the next request on an HTTP/2 connection
     * without TLS that has carried a body. */
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
                     version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && request->body != NULL ? 1L
                                                                                             : 0L);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_URL, request->url) : code;
}

CURLcode transfer_begin(struct transfer *transfer, const struct transfer_request *request,
                        struct transfer_response *response)
{
    transfer->response = response;
    transfer->request = request;
    transfer->resolved = transfer->too_large = false;
    transfer->head_problem = NULL;
    transfer->out_of_memory = false;
    transfer->times_sent = 0;
    transfer->head_bytes = 0;
    transfer->head_status = 0;
    transfer->curl_message[0] = '\0';
    transfer_response_clear(response);
    return set_request(transfer, request);
}

void transfer_end(struct transfer *transfer, CURLcode code)
{
    transfer_classify(transfer, code);
    transfer->response = NULL;
    transfer->request = NULL;
}

void transfer_response_clear(struct transfer_response *response)
{
    header_list_clear(&response->headers);
    buffer_wipe(&response->body);
    response->status = 0;
    response->http_version = response->code = response->phase = NULL;
    response->permanent = false;
    wipe_memory(response->message,
                sizeof response->message); /* a transport may have quoted a secret */
}

void transfer_response_free(struct transfer_response *response)
{
    header_list_free(&response->headers);
    buffer_free(&response->body);
}
