/* Messages for failures. Uses libcurl's messages if they help a user; removes the URL of a proxy
 * from them, as it may have a password. */
#include "http/transfer_private.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool transfer_has_bad_proxy(const struct transfer *transfer)
{
    return begins_with(transfer->curl_message, "Unsupported proxy");
}

bool transfer_has_unknown_coding(const struct transfer *transfer, CURLcode code)
{
    /* libcurl uses the same code for invalid data of a known coding, which may have been damaged on
     * the way. */
    return code == CURLE_BAD_CONTENT_ENCODING &&
           (begins_with(transfer->curl_message, "Unrecognized content encoding") ||
            begins_with(transfer->curl_message, "Reject response"));
}

bool transfer_has_bad_key(const struct transfer *transfer)
{
    return transfer->times_sent == 0 &&
           (strstr(transfer->curl_message, "key file") != NULL ||
            begins_with(transfer->curl_message, "error reading X.509"));
}

/* The user information of a URL ends at the last @. */
static void mask_user(char *text)
{
    char *end = strrchr(text, '@');
    if (end == NULL)
        return;
    char *start = strstr(text, "://");
    if (start != NULL && start < end)
        start += 3;
    else {
        start = strchr(text, '\'');
        start = start != NULL && start < end ? start + 1 : text;
    }
    memmove(start, end, strlen(end) + 1);
}

static void name_coding(struct transfer *transfer, char *text, size_t size)
{
    struct header header;
    char name[41];
    size_t length = 0;
    if (header_list_find(&transfer->response->headers, "content-encoding", &header) ||
        header_list_find(&transfer->response->headers, "transfer-encoding", &header))
        for (const char *c = header.value; *c != '\0' && length < sizeof name - 1; c++)
            name[length++] = (unsigned char)*c > 0x20 && (unsigned char)*c < 0x7f ? *c : ' ';
    name[length] = '\0';
    snprintf(text, size,
             "its content-encoding '%s' is unknown to this libcurl, or has too many parts", name);
}

/* libcurl before 8 reports all of them as "Couldn't connect to server". */
static const char *reason_of_system(struct transfer *transfer)
{
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (number == 0)
        number = transfer->socket_error;
    switch (number) {
    case EADDRNOTAVAIL:
        return "no local address or port is left for the connection; use fewer connections at a "
               "time: ";
    case ENOBUFS:
    case ENOMEM:
        return "the system has no memory left for a socket: ";
    case EACCES:
    case EPERM:
        return "the system does not permit the connection; look at firewall and sandbox rules: ";
    case ENETUNREACH:
        return "the network is unreachable: ";
    case EHOSTUNREACH:
        return "the host is unreachable: ";
    case EAFNOSUPPORT:
        return "the system does not support that address family (IPv4, IPv6): ";
    default:
        return "";
    }
}

/* Returns a message in place of libcurl's if that says nothing useful, or too much; else NULL. */
static const char *replace(struct transfer *transfer, CURLcode code)
{
    if (transfer->head_problem != NULL)
        return transfer->head_problem;
    if (transfer->leaves_machine)
        return "the key is not encrypted, and the connection would go to another host (a proxy, or "
               "an address that the name resolves to); use https://, proxy = \"\" for none, or set "
               "allow_insecure = true";
    if (transfer->out_of_descriptors)
        return "no file descriptor is left in this process; raise its limit (ulimit -n), or open "
               "fewer files and connections";
    if (transfer_has_bad_proxy(transfer))
        return "the proxy's URL, from the option or the environment, has a syntax error, or names "
               "a kind of proxy that this libcurl does not know";
    if (code == CURLE_OUT_OF_MEMORY)
        return "a line of the response's head is longer than 100 KB, or there is not enough memory";
    if (transfer_is_refused(transfer, code))
        return "the server refused the request without processing it (HTTP/2 REFUSED_STREAM or "
               "GOAWAY), more than once";
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return "a kept connection was lost as the request was sent over it";
    if (code == CURLE_HTTP2 && transfer->curl_message[0] == '\0')
        return "the HTTP/2 connection was lost, or closed after a protocol error, before the "
               "response was complete";
    return NULL;
}

void transfer_explain(struct transfer *transfer, CURLcode code, char *text, size_t size)
{
    const char *replacement = replace(transfer, code);
    if (replacement != NULL) {
        snprintf(text, size, "%s", replacement);
        return;
    }
    if (transfer_has_unknown_coding(transfer, code)) {
        name_coding(transfer, text, size);
        return;
    }
    const char *prefix = code == CURLE_COULDNT_CONNECT ? reason_of_system(transfer) : "";
    const char *suffix =
        transfer_has_bad_key(transfer) ? "; if the key is encrypted, check tls.key_password" : "";
    char words[CURL_ERROR_SIZE];
    snprintf(words, sizeof words, "%s",
             transfer->curl_message[0] != '\0' ? transfer->curl_message : curl_easy_strerror(code));
    mask_user(words);
    snprintf(text, size, "%s%s%s", prefix, words, suffix);
}

void transfer_clean_message(char *text)
{
    size_t length = strlen(text);
    /* The text may be cut within a character, or contain bytes of the server. */
    for (size_t valid = utf8_valid_length(text, length); valid < length;
         valid += utf8_valid_length(text + valid, length - valid))
        text[valid++] = '?';
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
}
