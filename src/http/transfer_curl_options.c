/* Sets the options that all transfers of a client have in libcurl, and checks that the loaded
 * libcurl supports them. */
#include "http/transfer_private.h"

#include "base/count.h"
#include "http/url.h"

#include <string.h>
#include <unistd.h>

enum { IDLE_CONNECTION_SECONDS = 60 };

static bool has_feature(int feature)
{
    return (curl_version_info(CURLVERSION_NOW)->features & feature) != 0;
}

bool transfer_has_tls(void)
{
    return has_feature(CURL_VERSION_SSL);
}

/* --- missing features, checked before any option is set --- */

static struct status check_tls(const struct transfer_options *options)
{
    static const char *const names[] = {
        "tls.ca_file: this libcurl was built without TLS",
        "tls.ca_path: this libcurl was built without TLS",
        "tls.ca_pem: this libcurl was built without TLS",
        "tls.cert_file: this libcurl was built without TLS",
        "tls.key_file: this libcurl was built without TLS",
        "tls.key_password: this libcurl was built without TLS",
    };
    const char *const values[] = {options->ca_file,   options->ca_path,  options->ca_pem,
                                  options->cert_file, options->key_file, options->key_password};
    for (size_t i = 0; !transfer_has_tls() && i < COUNT(values); i++)
        if (values[i] != NULL)
            return status_unavailable(names[i]);
    return status_ok();
}

static struct status check_features(const struct transfer_options *options)
{
    if (curl_version_info(CURLVERSION_NOW)->version_num < LEAST_LIBCURL)
        return status_unavailable(
            "the loaded libcurl is older than 7.81, the oldest supported version");
    if (options->http_version == TRANSFER_HTTP_2 && !has_feature(CURL_VERSION_HTTP2))
        return status_unavailable("http_version: this libcurl was built without HTTP/2 (nghttp2)");
    if (options->proxy != NULL && url_has_scheme(options->proxy, "https") &&
        !has_feature(CURL_VERSION_HTTPS_PROXY))
        return status_unavailable(
            "proxy: this libcurl was built without https proxies; use an http one");
    return check_tls(options);
}

/* --- options --- */

/* The status of setting an option; `problem` is the message if libcurl does not support it. */
static struct status status_of(CURLcode code, const char *problem)
{
    if (code == CURLE_OK)
        return status_ok();
    return code == CURLE_OUT_OF_MEMORY ? status_no_memory() : status_unavailable(problem);
}

/* For options that every libcurl has. */
static struct status set_long(CURL *easy, CURLoption option, long value)
{
    CURLcode code = curl_easy_setopt(easy, option, value);
    return status_of(code, curl_easy_strerror(code));
}

/* For options that the client may have. */
static struct status set_given(CURL *easy, CURLoption option, const char *value,
                               const char *problem)
{
    if (value == NULL)
        return status_ok();
    return status_of(curl_easy_setopt(easy, option, value), problem);
}

static struct status set_authorities(CURL *easy, const struct transfer_options *options)
{
    struct status status = status_ok();
    const char *bundle = curl_version_info(CURLVERSION_NOW)->cainfo;
    bool own_authority =
        options->ca_file != NULL || options->ca_path != NULL || options->ca_pem != NULL;
    /* A CA directory disables libcurl's cache of the parsed CA bundle, so that every connection
     * would parse it again: clear the directory if there is a bundle. Not every TLS library
     * supports directories. */
    if (own_authority || (bundle != NULL && access(bundle, R_OK) == 0))
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (own_authority) {
        CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
        status = status_of(code, curl_easy_strerror(code));
    }
    if (status.code == STATUS_CODE_OK)
        status = set_given(easy, CURLOPT_CAPATH, options->ca_path,
                           "tls.ca_path: the TLS library of this libcurl cannot read directories; "
                           "use tls.ca_file");
    if (status.code != STATUS_CODE_OK || options->ca_pem == NULL)
        return status;
    struct curl_blob blob = {(void *)options->ca_pem, strlen(options->ca_pem), CURL_BLOB_COPY};
    return status_of(curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob),
                     "tls.ca_pem: the TLS library of this libcurl can read certificates only from "
                     "a file; use tls.ca_file");
}

/* OpenSSL or one of its forks. */
static bool is_openssl(void)
{
    static const char *const names[] = {"OpenSSL", "LibreSSL", "BoringSSL", "AWS-LC", "quictls"};
    const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;
    for (size_t i = 0; name != NULL && i < COUNT(names); i++)
        if (strstr(name, names[i]) != NULL)
            return true;
    return false;
}

static struct status set_client_certificate(CURL *easy, const struct transfer_options *options)
{
    struct status status =
        set_given(easy, CURLOPT_SSLCERT, options->cert_file,
                  "tls.cert_file: this libcurl does not support client certificates");
    if (status.code == STATUS_CODE_OK)
        status = set_given(easy, CURLOPT_SSLKEY, options->key_file,
                           "tls.key_file: this libcurl does not support client certificates");
    if (status.code != STATUS_CODE_OK || (options->cert_file == NULL && options->key_file == NULL))
        return status;
    /* Without a password OpenSSL asks for one on the terminal, or reads standard input
     * (PEM_read_bio_PrivateKey(3)); the empty one simply fails. GnuTLS does not ask, and assumes an
     * encrypted key if there is a password. */
    const char *none = is_openssl() ? "" : NULL;
    return set_given(easy, CURLOPT_KEYPASSWD,
                     options->key_password != NULL ? options->key_password : none,
                     "tls.key_password: this libcurl does not support encrypted keys");
}

static struct status set_tls(CURL *easy, const struct transfer_options *options)
{
    if (!transfer_has_tls())
        return status_ok();
    struct status status = set_authorities(easy, options);
    if (status.code == STATUS_CODE_OK)
        status = set_client_certificate(easy, options);
    /* GnuTLS's default allows TLS 1.0, which RFC 8996 forbids. */
    if (status.code == STATUS_CODE_OK)
        status = set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (status.code == STATUS_CODE_OK && has_feature(CURL_VERSION_HTTPS_PROXY))
        status = set_long(easy, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (status.code == STATUS_CODE_OK)
        status = set_long(easy, CURLOPT_SSL_VERIFYPEER, options->verify ? 1 : 0);
    if (status.code == STATUS_CODE_OK)
        status = set_long(easy, CURLOPT_SSL_VERIFYHOST, options->verify ? 2 : 0);
    return status;
}

/* Must not name a protocol that is not built in (CURLOPT_PROTOCOLS_STR(3)). */
static CURLcode set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                            transfer_has_tls() ? "http,https" : "http");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

struct status transfer_set_options(struct transfer *transfer,
                                   const struct transfer_options *options)
{
    CURL *easy = transfer->easy;
    struct status status = check_features(options);
    if (status.code != STATUS_CODE_OK)
        return status;
    transfer_set_callbacks(transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_SECONDS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, options->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Without this a cancelled or timed out transfer waits for its resolver thread, in a DNS outage
     * for ten seconds (CURLOPT_QUICK_EXIT(3)). */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    CURLcode code = set_protocols(easy);
    if (code == CURLE_OK) /* "": all codings that this libcurl supports */
        code = curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    status = status_of(code, curl_easy_strerror(code));
    if (status.code == STATUS_CODE_OK)
        status = set_given(easy, CURLOPT_PROXY, options->proxy,
                           "proxy: this libcurl was built without proxies");
    if (status.code == STATUS_CODE_OK)
        status = set_tls(easy, options);
    return status;
}

struct status transfer_check_options(const struct transfer_options *options)
{
    struct transfer probe = {.easy = curl_easy_init()};
    if (probe.easy == NULL)
        return status_no_memory();
    struct status status = transfer_set_options(&probe, options);
    curl_easy_cleanup(probe.easy);
    return status;
}
