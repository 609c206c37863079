/* What libcurl's result means to a caller: which failure, where, and whether
 * the server can have seen the request. */
#include "transfer_private.h"

#include "url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_connected(const struct transfer *transfer)
{
#if LIBCURL_VERSION_NUM >= 0x075000
    return transfer->times_sent > 0;
#else
    curl_off_t time = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &time);
    return time > 0;
#endif
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
    /* Set with the TCP connection; CURLINFO_CONNECT_TIME only after the handshake. */
    long port = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_LOCAL_PORT, &port);
    return port > 0 ? "tls" : "connect";
}

static const char *code_of_refusal(struct transfer *transfer)
{
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    return number == ECONNREFUSED ? "refused" : "connect";
}

static const char *code_of(struct transfer *transfer, CURLcode code)
{
    switch (code) {
    case CURLE_OK: /* no complete head */
        return "reset";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "dns";
    case CURLE_COULDNT_CONNECT:
        return code_of_refusal(transfer);
    case CURLE_COULDNT_RESOLVE_PROXY:
#if LIBCURL_VERSION_NUM >= 0x074900
    case CURLE_PROXY:
#endif
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
#if LIBCURL_VERSION_NUM >= 0x074d00
    case CURLE_SSL_CLIENTCERT:
#endif
        return "tls";
    case CURLE_URL_MALFORMAT:
        return "url";
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: /* before_request: a second sending was stopped */
    case CURLE_PARTIAL_FILE:
        /* Between the connection and the request there is, but for TLS, which has
         * codes of its own, only a proxy's tunnel. */
        return is_connected(transfer) ? "reset" : "proxy";
    default:
        return "protocol";
    }
}

/* Certificates and configuration do not change between two attempts; a
 * handshake that broke (CURLE_SSL_CONNECT_ERROR) may go through the next time. */
static bool is_permanent(CURLcode code, const char *name)
{
    return strcmp(name, "url") == 0 ||
           (strcmp(name, "tls") == 0 && code != CURLE_SSL_CONNECT_ERROR);
}

static const char *explain(struct transfer *transfer, CURLcode code)
{
    if (transfer->head_problem != NULL)
        return transfer->head_problem;
    if (code == CURLE_OUT_OF_MEMORY)
        return "a line of the answer's head is longer than 100 KB, or there is not enough memory";
    return transfer->curl_message[0] != '\0' ? transfer->curl_message : curl_easy_strerror(code);
}

static void name_host(struct transfer *transfer, char *host, size_t size)
{
    struct url_target target;
    url_inspect(transfer->request->url, &target);
    snprintf(host, size, "%s", target.host[0] != '\0' ? target.host : "the server");
    const char *authority = strstr(transfer->request->url, "://");
    if (authority == NULL)
        return;
    /* The port as written in the URL: libcurl's may be the proxy's. */
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

/* In front of libcurl's words: they name the address, which may be a proxy's,
 * or only the call that failed. */
static const char *prefix_of(const struct transfer_response *response)
{
    if (strcmp(response->code, "refused") == 0)
        return "connection refused: ";
    if (strcmp(response->code, "reset") == 0 && response->status == 0)
        return "the connection was closed before an answer came: ";
    return "";
}

static void describe_failure(struct transfer *transfer, CURLcode code)
{
    struct transfer_response *response = transfer->response;
    char host[300];
    name_host(transfer, host, sizeof host);
    snprintf(response->message, sizeof response->message, "%s: %s%s", host, prefix_of(response),
             explain(transfer, code));
}

/* The limit that was configured, not the time that has passed: that is what a user
 * can find again. */
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

/* Only where the request can not have left: a broken TLS handshake may have
 * been somebody else's fault, but is no proof. */
static bool is_unsent(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT;
}

/* What libcurl before 8.6 calls a line of the head of more than 100 KB (CURL_MAX_HTTP_HEADER), too.
 */
static bool is_overlong_line(struct transfer *transfer, CURLcode code)
{
    return code == CURLE_OUT_OF_MEMORY && !transfer->out_of_memory && is_connected(transfer) &&
           transfer->response->status == 0;
}

static enum transfer_outcome outcome_of(struct transfer *transfer, CURLcode code)
{
    if (is_overlong_line(transfer, code))
        return TRANSFER_LOST;
    if (transfer->out_of_memory || code == CURLE_OUT_OF_MEMORY)
        return TRANSFER_NO_MEMORY;
    /* libcurl takes a connection closed within the head for a short answer. */
    if (code == CURLE_OK)
        return transfer->response->status != 0 ? TRANSFER_COMPLETE : TRANSFER_LOST;
    if (transfer->too_large)
        return TRANSFER_TOO_LARGE;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return TRANSFER_TIMEOUT;
    if (transfer->response->status != 0)
        return TRANSFER_CUT;
    return is_unsent(code) ? TRANSFER_UNSENT : TRANSFER_LOST;
}

void transfer_classify(struct transfer *transfer, CURLcode code)
{
    struct transfer_response *response = transfer->response;
    response->outcome = outcome_of(transfer, code);
    switch (response->outcome) {
    case TRANSFER_COMPLETE:
    case TRANSFER_NO_MEMORY:
        break;
    case TRANSFER_TIMEOUT:
        response->phase = phase_of(transfer);
        describe_timeout(transfer);
        break;
    case TRANSFER_UNSENT:
    case TRANSFER_LOST:
    case TRANSFER_CUT:
    case TRANSFER_TOO_LARGE:
        response->code = code_of(transfer, code);
        response->permanent = is_permanent(code, response->code);
        describe_failure(transfer, code);
        break;
    }
}
