/* A transfer: one request and its response on a libcurl easy handle. transfer_curl_options.c sets
 * the options of the handle, transfer_callbacks.c has libcurl's callbacks, transfer_blocking.c
 * performs a transfer on the caller's thread, transfer_failure.c classifies failures. */
#include "http/transfer.h"

#include "base/fork_generation.h"
#include "base/wipe.h"
#include "http/symbol_check.h"
#include "http/transfer_private.h"
#include "http/url.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Not pthread_once, so that it is tried again after it has failed for lack of memory. */
static pthread_mutex_t global_init_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_initialised;

bool transfer_global_init(void)
{
    /* curl_global_init(3) is thread-safe only since 7.84. */
    pthread_mutex_lock(&global_init_mutex);
    if (!is_initialised) {
        transfer_prepare_for_fork();
        is_initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }
    bool initialised = is_initialised;
    pthread_mutex_unlock(&global_init_mutex);
    return initialised;
}

const char *transfer_libcurl_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

static struct status init(struct transfer *transfer, const struct transfer_options *options)
{
    transfer->process = fork_generation();
    /* From then on libcurl writes OpenSSL's data itself, with MSG_NOSIGNAL; before, OpenSSL wrote
     * to the socket. */
    transfer->may_raise_sigpipe = curl_version_info(CURLVERSION_NOW)->version_num < 0x075801;
    transfer->max_response_bytes = options->max_response_bytes;
    transfer->http_version = options->http_version;
    transfer->max_connections = options->max_connections;
    transfer->connect_timeout_ms = options->connect_timeout_ms;
    transfer->connection_lifetime_ms = options->connection_lifetime_ms;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !trust_files_open(&transfer->trust_files, options))
        return status_no_memory();
    return transfer_set_options(transfer, options);
}

struct status transfer_new(const struct transfer_options *options, struct transfer **transfer)
{
    *transfer = NULL;
    if (!transfer_global_init())
        return status_no_memory();
    struct status status = symbol_check();
    if (status.code != STATUS_CODE_OK)
        return status;
    struct transfer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return status_no_memory();
    status = init(made, options);
    if (status.code == STATUS_CODE_OK)
        *transfer = made;
    else
        transfer_free(made);
    return status;
}

bool transfer_belongs_to_parent(const struct transfer *transfer)
{
    return transfer->process != fork_generation();
}

void transfer_free(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    /* In a forked child the sockets are shared with the parent: closing a TLS connection would send
     * close_notify on the parent's. So the handles are leaked instead. */
    if (!transfer_belongs_to_parent(transfer)) {
        curl_easy_cleanup(transfer->easy);
        curl_multi_cleanup(transfer->multi);
        curl_share_cleanup(transfer->own_sessions);
    }
    trust_files_close(&transfer->trust_files);
    socket_list_free(&transfer->own_sockets);
    free(transfer->nodes);
    free(transfer);
}

/* --- one request --- */

static long curl_http_version(const struct transfer *transfer, const char *url)
{
    switch (transfer->http_version) {
    case TRANSFER_HTTP_1_1:
        return CURL_HTTP_VERSION_1_1;
    case TRANSFER_HTTP_2:
        /* Without TLS, HTTP/2 cannot be negotiated. */
        return url_has_scheme(url, "https") ? CURL_HTTP_VERSION_2TLS
                                            : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    case TRANSFER_HTTP_NEGOTIATED:
        break;
    }
    return CURL_HTTP_VERSION_2TLS;
}

/* Header fields that libcurl adds if the list has none of that name; these entries prevent that
 * (CURLOPT_HTTPHEADER(3)). Without "expect" it does not wait for "100 Continue" before it sends a
 * body (RFC 9110 section 10.1.1). */
static char no_accept[] = "accept:", no_type[] = "content-type:", no_expect[] = "expect:";
enum { MOST_ABSENT = 3 };

/* Only the ones that this request needs: libcurl searches the whole list for each field that it
 * might add. */
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

/* libcurl only reads the list, so its nodes are in one array and point to the lines of the header
 * list. */
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

bool transfer_may_share(enum transfer_http_version version, const char *url)
{
    return version == TRANSFER_HTTP_2 ||
           (version == TRANSFER_HTTP_NEGOTIATED && url_has_scheme(url, "https"));
}

void transfer_use_connections(struct transfer *transfer, struct socket_list *sockets,
                              CURLSH *sessions)
{
    if (transfer->sockets == sockets && transfer->sessions == sessions)
        return;
    transfer->sockets = sockets;
    transfer->sessions = sessions;
    curl_easy_setopt(transfer->easy, CURLOPT_CLOSESOCKETDATA, sockets);
    curl_easy_setopt(transfer->easy, CURLOPT_SHARE, sessions);
}

static CURLcode set_request(struct transfer *transfer, const struct transfer_request *request)
{
    CURL *easy = transfer->easy;
    bool get = strcmp(request->method, "GET") == 0;
    CURLcode code = link_headers(transfer, request);
    if (code != CURLE_OK)
        return code;
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* undoes POSTFIELDS of the previous request */
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
    /* libcurl 7.88 breaks the framing of the next request on an HTTP/2 connection without TLS after
     * one with a body. */
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
                     version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && request->body != NULL ? 1L
                                                                                             : 0L);
    /* For on_log, which only reads messages about HTTP/2. */
    curl_easy_setopt(easy, CURLOPT_VERBOSE,
                     transfer_may_share(transfer->http_version, request->url) ? 1L : 0L);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_URL, request->url) : code;
}

CURLcode transfer_begin(struct transfer *transfer, const struct transfer_request *request,
                        struct transfer_response *response)
{
    transfer->response = response;
    transfer->request = request;
    transfer->started = transfer->resolved = transfer->tls_begun = transfer->leaves_machine = false;
    transfer->socket = CURL_SOCKET_BAD;
    transfer->socket_error = 0;
    transfer->too_large = transfer->out_of_memory = false;
    transfer->head_problem = NULL;
    transfer->times_sent = 0;
    transfer->received_before_send = transfer->refused = transfer->stream_refused = false;
    transfer->stream = transfer->last_stream = -1;
    transfer->head_bytes = 0;
    transfer->head_status = 0;
    transfer->curl_message[0] = '\0';
    transfer_response_clear(response);
    return set_request(transfer, request);
}

void transfer_end(struct transfer *transfer, CURLcode code)
{
    transfer_classify(transfer, code);
    transfer_stop_connecting(transfer);
    transfer->response = NULL;
    transfer->request = NULL;
}

void transfer_response_clear(struct transfer_response *response)
{
    header_list_clear(&response->headers);
    buffer_wipe(&response->body);
    response->status = 0;
    response->http_version = response->code = response->phase = NULL;
    response->permanent = response->unprocessed = false;
    wipe_memory(response->message,
                sizeof response->message); /* the message of a transport may contain a secret */
}

void transfer_response_free(struct transfer_response *response)
{
    header_list_free(&response->headers);
    buffer_free(&response->body);
}
