/* Classifies a failure by libcurl's result: its code and phase, and whether the server may have
 * processed the request. */
#include "http/transfer_private.h"

#include "base/fork_generation.h"
#include "http/url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_connected(const struct transfer *transfer)
{
    return transfer->times_sent > 0;
}

static bool is_uploading(struct transfer *transfer)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return transfer->request->body != NULL &&
           (unsigned long long)sent < transfer->request->body_length;
}

static const char *phase_of(struct transfer *transfer)
{
    if (is_connected(transfer)) {
        if (transfer->response->status != 0)
            return "body";
        return is_uploading(transfer) ? "send" : "first_byte";
    }
    if (!transfer->resolved)
        return "dns";
    if (transfer->tls_begun)
        return "tls";
    /* Before libcurl 8 set after the TCP connection, while CURLINFO_CONNECT_TIME is set only after
     * the handshake. */
    long port = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_LOCAL_PORT, &port);
    return port > 0 ? "tls" : "connect";
}

/* Whether a proxy responded to CONNECT with a status other than 2xx: libcurl 8 reports that as a
 * failure to connect. */
static bool is_refused_by_proxy(struct transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status >= 300 && !is_connected(transfer);
}

static const char *code_of_refusal(struct transfer *transfer)
{
    if (is_refused_by_proxy(transfer))
        return "proxy";
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (number == EADDRNOTAVAIL || number == ENOBUFS || number == ENOMEM)
        return "resources";
    return number == ECONNREFUSED ? "refused" : "connect";
}

/* Whether the server sent GOAWAY with a last stream before this one (RFC 9113 section 6.8), or did
 * so before the request was written. */
static bool is_after_goaway(struct transfer *transfer, CURLcode code)
{
    if (code != CURLE_HTTP2 || transfer->response->status != 0 || transfer->stream < 0)
        return false;
    long written = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &written);
    return (transfer->last_stream >= 0 && transfer->stream > transfer->last_stream) ||
           (written == 0 && transfer->times_sent == 1);
}

/* Also if it was refused after libcurl had sent it again: see before_request. */
bool transfer_is_refused(struct transfer *transfer, CURLcode code)
{
    return (code == CURLE_ABORTED_BY_CALLBACK && transfer->refused) ||
           is_after_goaway(transfer, code);
}

/* Whether the response is a 408 that the server sent before it got the request. */
static bool is_unsolicited_timeout(const struct transfer *transfer)
{
    return transfer->received_before_send && transfer->response->status == 408 &&
           strcmp(transfer->response->http_version, "1.1") == 0;
}

static const char *code_of(struct transfer *transfer, CURLcode code)
{
    if (transfer->out_of_descriptors)
        return "resources";
    if (transfer_has_bad_proxy(transfer))
        return "proxy";
    if (transfer_has_bad_key(transfer)) /* libcurl 8.21 returns an unspecific code for it */
        return "tls";
    if (transfer->head_problem != NULL || transfer_is_refused(transfer, code))
        return "protocol";
    switch (code) {
    case CURLE_OK: /* the head is not complete */
        return "reset";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "dns";
    case CURLE_COULDNT_CONNECT:
        return code_of_refusal(transfer);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return "proxy";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CLIENTCERT:
        return "tls";
    case CURLE_URL_MALFORMAT:
        return "url";
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: /* before_request has prevented sending it again */
    case CURLE_PARTIAL_FILE:
        /* Except for TLS, which has codes of its own, only the tunnel of a proxy comes between the
         * connection and the request. */
        return is_connected(transfer) ? "reset" : "proxy";
    default:
        return "protocol";
    }
}

/* Certificates and configuration do not change between two attempts; a failed handshake
 * (CURLE_SSL_CONNECT_ERROR) may succeed the next time. */
static bool is_permanent(const struct transfer *transfer, CURLcode code, const char *name)
{
    if (transfer->out_of_descriptors)
        return false;
    if (strcmp(name, "tls") == 0)
        return code != CURLE_SSL_CONNECT_ERROR || transfer_has_bad_key(transfer);
    /* CURLE_UNSUPPORTED_PROTOCOL is also the result of an HTTP/0.9 response. */
    return strcmp(name, "url") == 0 || code == CURLE_NOT_BUILT_IN ||
           (code == CURLE_UNSUPPORTED_PROTOCOL && !is_connected(transfer)) ||
           transfer_has_bad_proxy(transfer) || transfer_has_unknown_coding(transfer, code);
}

static void name_host(struct transfer *transfer, char *host, size_t size)
{
    struct url_target target;
    url_inspect(transfer->request->url, &target);
    snprintf(host, size, "%s", target.host[0] != '\0' ? target.host : "the server");
    const char *authority = strstr(transfer->request->url, "://");
    if (authority == NULL)
        return;
    /* The port from the URL: libcurl's may be that of the proxy. */
    authority += 3;
    size_t length = strcspn(authority, "/?#");
    const char *colon = NULL;
    for (size_t i = 0; i < length; i++)
        if (authority[i] == ':')
            colon = authority + i;
        else if (authority[i] == ']')
            colon = NULL;
    if (colon != NULL) {
        size_t used = strlen(host);
        snprintf(host + used, size - used, "%.*s", (int)(authority + length - colon), colon);
    }
}

/* Precedes libcurl's message, which names an address (maybe of a proxy) or only the system call
 * that failed. */
static const char *prefix_of(const struct transfer_response *response)
{
    if (strcmp(response->code, "refused") == 0)
        return "connection refused: ";
    if (strcmp(response->code, "reset") == 0 && response->status == 0)
        return "the connection was closed before a response arrived: ";
    return "";
}

static void describe_failure(struct transfer *transfer, CURLcode code)
{
    struct transfer_response *response = transfer->response;
    char host[300];
    name_host(transfer, host, sizeof host);
    char reason[400];
    transfer_explain(transfer, code, reason, sizeof reason);
    snprintf(response->message, sizeof response->message, "%s: %s%s", host, prefix_of(response),
             reason);
    transfer_clean_message(response->message);
}

/* The configured limit, not the elapsed time, as a user can find that in the configuration. */
static long limit_of(const struct transfer *transfer)
{
    long whole = transfer->request->timeout_ms, connecting = transfer->connect_timeout_ms;
    return !is_connected(transfer) && connecting < whole ? connecting : whole;
}

static void describe_timeout(struct transfer *transfer)
{
    struct transfer_response *response = transfer->response;
    char host[300];
    name_host(transfer, host, sizeof host);
    snprintf(response->message, sizeof response->message, "%s: no complete response within %ld ms",
             host, limit_of(transfer));
}

/* True only if the request cannot have been sent, including on a kept connection that was lost
 * before. A failed TLS handshake does not prove that. */
static bool is_unsent(struct transfer *transfer, CURLcode code)
{
    if (transfer_is_refused(transfer, code))
        return true;
    if (is_connected(transfer) && !transfer->refused)
        return false;
    return transfer->out_of_descriptors || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY ||
           (code == CURLE_COULDNT_CONNECT && !is_refused_by_proxy(transfer));
}

/* If opening a socket failed, decides by its errno; if another descriptor was needed, by trying to
 * open one. */
static bool is_out_of_descriptors(const struct transfer *transfer, CURLcode code)
{
    if (transfer->socket_error != 0)
        return transfer->socket_error == EMFILE || transfer->socket_error == ENFILE;
    switch (code) {
    case CURLE_OUT_OF_MEMORY: /* curl_multi_init(3) has failed */
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR:
        return transfer->times_sent == 0 && !process_can_open_descriptor();
    default:
        return false;
    }
}

/* libcurl before 8.6 also reports CURLE_OUT_OF_MEMORY for a header line of more than 100 KB
 * (CURL_MAX_HTTP_HEADER). */
static bool is_overlong_line(struct transfer *transfer, CURLcode code)
{
    return code == CURLE_OUT_OF_MEMORY && !transfer->out_of_memory && is_connected(transfer) &&
           transfer->response->status == 0;
}

/* A server may reset the stream after a complete response, to stop the rest of the request; the
 * response is valid (RFC 9113 section 8.1). libcurl 7.81 reports an error. */
static bool is_complete_before_reset(struct transfer *transfer, CURLcode code)
{
    if (transfer->response->status == 0 || (code != CURLE_HTTP2_STREAM && code != CURLE_HTTP2))
        return false;
    curl_off_t expected = -1, received = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    return expected >= 0 && received == expected;
}

static enum transfer_outcome transfer_outcome_of(struct transfer *transfer, CURLcode code)
{
    if (is_overlong_line(transfer, code))
        return TRANSFER_LOST;
    if (!transfer->out_of_descriptors && (transfer->out_of_memory || code == CURLE_OUT_OF_MEMORY))
        return TRANSFER_NO_MEMORY;
    /* libcurl returns CURLE_OK if the connection is closed within the head. */
    if (code == CURLE_OK)
        return transfer->response->status != 0 ? TRANSFER_COMPLETE : TRANSFER_LOST;
    if (transfer->leaves_machine)
        return TRANSFER_FORBIDDEN;
    if (transfer->too_large)
        return TRANSFER_TOO_LARGE;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return TRANSFER_TIMEOUT;
    if (is_complete_before_reset(transfer, code))
        return TRANSFER_COMPLETE;
    if (transfer->response->status != 0)
        return TRANSFER_CUT;
    return is_unsent(transfer, code) ? TRANSFER_UNSENT : TRANSFER_LOST;
}

/* libcurl counts how often a handle has sent a request again, over all of its transfers, and
 * refuses every sixth time. */
static bool hit_resend_limit(const struct transfer *transfer)
{
    return strncmp(transfer->curl_message, "Connection died, tried", 22) == 0 &&
           (transfer->request->replayable || transfer_was_refused(transfer));
}

static bool is_unprocessed(struct transfer *transfer, CURLcode code)
{
    if (transfer->times_sent != 1)
        return false;
    return is_unsolicited_timeout(transfer) || transfer_is_refused(transfer, code) ||
           hit_resend_limit(transfer);
}

void transfer_classify(struct transfer *transfer, CURLcode code)
{
    struct transfer_response *response = transfer->response;
    transfer->out_of_descriptors = is_out_of_descriptors(transfer, code);
    response->outcome = transfer_outcome_of(transfer, code);
    response->unprocessed = is_unprocessed(transfer, code);
    switch (response->outcome) {
    case TRANSFER_COMPLETE:
    case TRANSFER_NO_MEMORY:
        break;
    case TRANSFER_TIMEOUT:
        response->phase = phase_of(transfer);
        describe_timeout(transfer);
        break;
    case TRANSFER_UNSENT:
    case TRANSFER_FORBIDDEN:
    case TRANSFER_LOST:
    case TRANSFER_CUT:
    case TRANSFER_TOO_LARGE:
        response->code = code_of(transfer, code);
        response->permanent = is_permanent(transfer, code, response->code);
        describe_failure(transfer, code);
        break;
    }
}
