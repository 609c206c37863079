#include "http/url.h"

#include "base/ascii.h"
#include "base/count.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_unreserved(char c)
{
    return ascii_is_alphanumeric(c) || (c != '\0' && strchr("-_.!~*()", c) != NULL);
}

static bool append_byte(struct buffer *url, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned byte = (unsigned char)c;
    char encoded[3] = {'%', digits[byte >> 4], digits[byte & 15]};
    return buffer_append(url, encoded, sizeof encoded);
}

static bool append_encoded(struct buffer *url, const char *text, size_t length, char also)
{
    for (size_t i = 0; i < length; i++) {
        bool plain = is_unreserved(text[i]) || (also != '\0' && text[i] == also);
        if (!(plain ? buffer_append_char(url, text[i]) : append_byte(url, text[i])))
            return false;
    }
    return true;
}

bool url_append_path_segment(struct buffer *url, const char *text, size_t length)
{
    return append_encoded(url, text, length, '\'');
}

bool url_append_query_text(struct buffer *url, const char *text, size_t length)
{
    return append_encoded(url, text, length, '\0');
}

static bool is_loopback(const char *host)
{
    static const char suffix[] = ".localhost";
    size_t length = strlen(host);
    /* CURLUPART_HOST has brackets around an IPv6 address, and writes IPv4 addresses of any numeric
     * form with dots. */
    if (strcmp(host, "[::1]") == 0 || curl_strequal(host, "localhost"))
        return true;
    if (length >= sizeof suffix && curl_strequal(host + length - (sizeof suffix - 1), suffix))
        return true;
    unsigned part[4];
    char rest;
    /* With a part above 255 it is a name, which DNS may resolve to any address. */
    /* NOLINTNEXTLINE(cert-err34-c): three digits fit into any unsigned */
    return sscanf(host, "%3u.%3u.%3u.%3u%c", &part[0], &part[1], &part[2], &part[3], &rest) == 4 &&
           part[0] == 127 && part[1] <= 255 && part[2] <= 255 && part[3] <= 255;
}

bool url_is_loopback_address(const char *address)
{
    static const char mapped[] = "::ffff:"; /* IPv4 on an IPv6 socket, RFC 4291 2.5.5.2 */
    if (strncmp(address, mapped, sizeof mapped - 1) == 0)
        address += sizeof mapped - 1;
    return strcmp(address, "::1") == 0 || is_loopback(address);
}

bool url_has_scheme(const char *url, const char *scheme)
{
    size_t length = strlen(scheme);
    return curl_strnequal(url, scheme, length) && url[length] == ':';
}

static const char not_a_url[] = "is not a URL such as https://unify.apideck.com";
static const char unknown_scheme[] = "must begin with https:// or http://";
static const char no_host[] = "has no host; expected https://host/path";
static const char unprintable[] = "must not contain spaces or control characters";

/* Sets *text to the part, which the caller frees with curl_free, or to NULL if the URL has none. */
static struct status get_part(CURLU *url, CURLUPart part, char **text)
{
    *text = NULL;
    return curl_url_get(url, part, text, 0) == CURLUE_OUT_OF_MEMORY ? status_no_memory()
                                                                    : status_ok();
}

static struct status check_scheme(CURLU *url, struct url_target *target)
{
    char *scheme;
    struct status status = get_part(url, CURLUPART_SCHEME, &scheme);
    if (status.code != STATUS_CODE_OK)
        return status;
    if (scheme == NULL)
        return status_invalid(not_a_url);
    target->secure = curl_strequal(scheme, "https") != 0;
    bool known = target->secure || curl_strequal(scheme, "http");
    curl_free(scheme);
    return known ? status_ok() : status_invalid(unknown_scheme);
}

/* Returns the text after "://", or NULL if something else follows the scheme's colon. */
static const char *find_authority(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon != NULL && strncmp(colon, "://", 3) == 0 ? colon + 3 : NULL;
}

static struct status check_host(CURLU *url, const char *text, struct url_target *target)
{
    /* Like browsers, libcurl accepts "http:/host" and "http:///host" as well. */
    const char *authority = find_authority(text);
    if (authority == NULL || authority[0] == '/' || authority[0] == '?' || authority[0] == '\0')
        return status_invalid(no_host);
    char *host;
    struct status status = get_part(url, CURLUPART_HOST, &host);
    if (status.code == STATUS_CODE_OK && (host == NULL || host[0] == '\0'))
        status = status_invalid(no_host);
    if (status.code != STATUS_CODE_OK) {
        curl_free(host);
        return status;
    }
    target->loopback = is_loopback(host);
    snprintf(target->host, sizeof target->host, "%s", host);
    curl_free(host);
    return status_ok();
}

static struct status check_absence(CURLU *url, CURLUPart part)
{
    char *text;
    struct status status = get_part(url, part, &text);
    if (text != NULL)
        status =
            status_invalid("must not contain a user name or password; give the key as api_key");
    curl_free(text);
    return status;
}

static struct status inspect(CURLU *url, const char *text, struct url_target *target)
{
    switch (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME)) {
    case CURLUE_OK:
        break;
    case CURLUE_OUT_OF_MEMORY:
        return status_no_memory();
    case CURLUE_BAD_SCHEME:
        return status_invalid(unknown_scheme);
    default:
        return status_invalid(not_a_url);
    }
    struct status status = check_scheme(url, target);
    if (status.code == STATUS_CODE_OK)
        status = check_host(url, text, target);
    if (status.code == STATUS_CODE_OK)
        status = check_absence(url, CURLUPART_USER);
    if (status.code == STATUS_CODE_OK)
        status = check_absence(url, CURLUPART_PASSWORD);
    if (status.code == STATUS_CODE_OK && strchr(text, '#') != NULL)
        status = status_invalid("must not have a fragment (#...); leave it out");
    return status;
}

struct status url_inspect(const char *text, struct url_target *target)
{
    *target = (struct url_target){0};
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f)
            return status_invalid(unprintable);
    CURLU *url = curl_url();
    if (url == NULL)
        return status_no_memory();
    struct status status = inspect(url, text, target);
    curl_url_cleanup(url);
    return status;
}

static bool is_proxy_scheme(const char *scheme)
{
    static const char *const known[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
    for (size_t i = 0; i < COUNT(known); i++)
        if (curl_strequal(known[i], scheme))
            return true;
    return false;
}

struct status url_check_proxy(const char *text)
{
    CURLU *url = curl_url();
    if (url == NULL)
        return status_no_memory();
    char *scheme = NULL;
    /* Accepts any scheme, as libcurl does for a proxy; the list above has those that libcurl
     * supports. */
    CURLUcode code =
        curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    struct status status = status_ok();
    if (code == CURLUE_OUT_OF_MEMORY)
        status = status_no_memory();
    else if (code != CURLUE_OK)
        status = status_invalid("is neither host:port nor a URL such as http://proxy:3128");
    else if (!is_proxy_scheme(scheme))
        status = status_invalid("must be an http, https or socks proxy");
    curl_free(scheme);
    curl_url_cleanup(url);
    return status;
}

/* A proxy that libcurl cannot parse counts as none: libcurl sends nothing then. */
static bool is_foreign_proxy(const char *proxy)
{
    char *host = NULL;
    CURLU *url = curl_url();
    bool foreign = url != NULL &&
                   curl_url_set(url, CURLUPART_URL, proxy,
                                CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK && !is_loopback(host);
    curl_free(host);
    curl_url_cleanup(url);
    return foreign;
}

static const char *find_variable(const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

bool url_has_foreign_proxy(const char *url, const char *proxy)
{
    /* libcurl-env(3): HTTP_PROXY is ignored, as the client of a CGI program can set it. */
    static const char *const proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    static const char *const exceptions[] = {"no_proxy", "NO_PROXY"};
    /* Only libcurl can tell whether an exception applies; the transfer checks where it connects to.
     */
    if (!url_has_scheme(url, "http") || find_variable(exceptions, 2) != NULL)
        return false;
    if (proxy == NULL)
        proxy = find_variable(proxies, 3);
    return proxy != NULL && proxy[0] != '\0' && is_foreign_proxy(proxy);
}

/* Bytes outside ASCII are not allowed in a request target (RFC 9112 section 3.2), but users paste
 * them: percent-encode them. */
static bool append_ascii(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((unsigned char)text[i] < 0x80 ? buffer_append_char(out, text[i])
                                            : append_byte(out, text[i])))
            return false;
    return true;
}

struct status base_url_parse(const char *text, size_t length, struct base_url *base)
{
    *base = (struct base_url){0};
    if (strlen(text) != length)
        return status_invalid(unprintable);
    struct status status = url_inspect(text, &base->target);
    if (status.code != STATUS_CODE_OK)
        return status;
    size_t path_end = strcspn(text, "?");
    const char *query = text + path_end + (text[path_end] == '?');
    size_t host_end =
        (size_t)(find_authority(text) - text); /* url_inspect has checked that it is there */
    host_end += strcspn(text + host_end, "/?");
    while (path_end > host_end && text[path_end - 1] == '/')
        path_end--;
    if (!buffer_append(&base->prefix, text, host_end) ||
        !append_ascii(&base->prefix, text + host_end, path_end - host_end) ||
        !append_ascii(&base->query, query, strlen(query))) {
        base_url_free(base);
        return status_no_memory();
    }
    return status;
}

void base_url_free(struct base_url *base)
{
    buffer_free(&base->prefix);
    buffer_free(&base->query);
}
