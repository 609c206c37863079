#include "http/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-_.!~*()", c) != NULL);
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
    /* CURLUPART_HOST has brackets around an IPv6 address, and writes every
     * numeric form of an IPv4 address in dots. */
    if (strcmp(host, "[::1]") == 0 || curl_strequal(host, "localhost"))
        return true;
    if (length >= sizeof suffix && curl_strequal(host + length - (sizeof suffix - 1), suffix))
        return true;
    unsigned part[4];
    char rest;
    /* What has a part beyond 255 is a name, for whoever answers in the DNS. */
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

const char url_no_memory[] = "not enough memory";

/* Sets *text to the part, which the caller frees with curl_free, or to NULL
 * where the URL has none. */
static const char *get_part(CURLU *url, CURLUPart part, char **text)
{
    *text = NULL;
    return curl_url_get(url, part, text, 0) == CURLUE_OUT_OF_MEMORY ? url_no_memory : NULL;
}

static const char *check_scheme(CURLU *url, struct url_target *target)
{
    char *scheme;
    const char *problem = get_part(url, CURLUPART_SCHEME, &scheme);
    if (problem != NULL || scheme == NULL)
        return problem != NULL ? problem : "is not a URL such as https://unify.apideck.com";
    target->secure = curl_strequal(scheme, "https") != 0;
    bool known = target->secure || curl_strequal(scheme, "http");
    curl_free(scheme);
    return known ? NULL : "must begin with https:// or http://";
}

/* What follows the scheme's "://"; NULL where its colon is followed by something
 * else. */
static const char *find_authority(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon != NULL && strncmp(colon, "://", 3) == 0 ? colon + 3 : NULL;
}

static const char *check_host(CURLU *url, const char *text, struct url_target *target)
{
    /* libcurl takes "http:/host" and "http:///host" as well, as browsers do. */
    const char *authority = find_authority(text);
    if (authority == NULL || authority[0] == '/' || authority[0] == '?' || authority[0] == '\0')
        return "has no host; expected https://host/path";
    char *host;
    const char *problem = get_part(url, CURLUPART_HOST, &host);
    if (problem == NULL && (host == NULL || host[0] == '\0'))
        problem = "has no host; expected https://host/path";
    if (problem != NULL) {
        curl_free(host);
        return problem;
    }
    target->loopback = is_loopback(host);
    snprintf(target->host, sizeof target->host, "%s", host);
    curl_free(host);
    return NULL;
}

static const char *check_absence(CURLU *url, CURLUPart part)
{
    char *text;
    const char *problem = get_part(url, part, &text);
    if (text != NULL)
        problem = "must not hold a user name or password; give the key as api_key";
    curl_free(text);
    return problem;
}

static const char *inspect(CURLU *url, const char *text, struct url_target *target)
{
    switch (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME)) {
    case CURLUE_OK:
        break;
    case CURLUE_OUT_OF_MEMORY:
        return url_no_memory;
    case CURLUE_BAD_SCHEME:
        return "must begin with https:// or http://";
    default:
        return "is not a URL such as https://unify.apideck.com";
    }
    const char *problem = check_scheme(url, target);
    if (problem == NULL)
        problem = check_host(url, text, target);
    if (problem == NULL)
        problem = check_absence(url, CURLUPART_USER);
    if (problem == NULL)
        problem = check_absence(url, CURLUPART_PASSWORD);
    if (problem == NULL && strchr(text, '#') != NULL)
        problem = "must not have a fragment (#...); leave it out";
    return problem;
}

const char *url_inspect(const char *text, struct url_target *target)
{
    *target = (struct url_target){0};
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f)
            return "must not hold spaces or control characters";
    CURLU *url = curl_url();
    if (url == NULL)
        return url_no_memory;
    const char *problem = inspect(url, text, target);
    curl_url_cleanup(url);
    return problem;
}

static bool is_proxy_scheme(const char *scheme)
{
    static const char *const known[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (curl_strequal(known[i], scheme))
            return true;
    return false;
}

const char *url_check_proxy(const char *text)
{
    CURLU *url = curl_url();
    if (url == NULL)
        return url_no_memory;
    char *scheme = NULL;
    /* Any scheme, as libcurl itself reads a proxy; the list above is its list. */
    CURLUcode code =
        curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    const char *problem = NULL;
    if (code == CURLUE_OUT_OF_MEMORY)
        problem = url_no_memory;
    else if (code != CURLUE_OK)
        problem = "is neither host:port nor a URL such as http://proxy:3128";
    else if (!is_proxy_scheme(scheme))
        problem = "must be an http, https or socks proxy";
    curl_free(scheme);
    curl_url_cleanup(url);
    return problem;
}

/* A proxy that libcurl cannot read is none: it sends nothing then. */
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
    /* libcurl-env(3): HTTP_PROXY is not looked at, a CGI program's client sets it. */
    static const char *const proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    static const char *const exceptions[] = {"no_proxy", "NO_PROXY"};
    /* Whether an exception applies is libcurl's to say; the transfer sees where it connects to. */
    if (!url_has_scheme(url, "http") || find_variable(exceptions, 2) != NULL)
        return false;
    if (proxy == NULL)
        proxy = find_variable(proxies, 3);
    return proxy != NULL && proxy[0] != '\0' && is_foreign_proxy(proxy);
}

/* Bytes outside ASCII are not allowed in a request target (RFC 9112 3.2), but
 * are what people paste: they go percent-encoded. */
static bool append_ascii(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((unsigned char)text[i] < 0x80 ? buffer_append_char(out, text[i])
                                            : append_byte(out, text[i])))
            return false;
    return true;
}

const char *base_url_parse(const char *text, size_t length, struct base_url *base)
{
    *base = (struct base_url){0};
    if (strlen(text) != length)
        return "must not hold spaces or control characters";
    const char *problem = url_inspect(text, &base->target);
    if (problem != NULL)
        return problem;
    size_t path_end = strcspn(text, "?");
    const char *query = text + path_end + (text[path_end] == '?');
    size_t host_end = (size_t)(find_authority(text) - text); /* url_inspect has seen to it */
    host_end += strcspn(text + host_end, "/?");
    while (path_end > host_end && text[path_end - 1] == '/')
        path_end--;
    if (!buffer_append(&base->prefix, text, host_end) ||
        !append_ascii(&base->prefix, text + host_end, path_end - host_end) ||
        !append_ascii(&base->query, query, strlen(query))) {
        base_url_free(base);
        return url_no_memory;
    }
    return NULL;
}

void base_url_free(struct base_url *base)
{
    buffer_free(&base->prefix);
    buffer_free(&base->query);
}
