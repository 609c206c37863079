/* Builds and checks URLs. */
#ifndef VAULT_HTTP_URL_H
#define VAULT_HTTP_URL_H

#include "base/buffer.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a request to a URL goes. */
struct url_target {
    bool secure;    /* https */
    bool loopback;  /* 127.0.0.0/8, ::1, localhost, *.localhost */
    char host[256]; /* for messages; longer names are cut */
};

/* The parts of a checked server_url. */
struct base_url {
    struct buffer prefix; /* "https://host:8443/proxy/v1", without a slash at the end */
    struct buffer query;  /* "tenant=7", or empty */
    struct url_target target;
};

/* Fills *base, which the caller frees; after a failure it owns no memory. Messages do not quote the
 * URL, which may have a password. */
struct status base_url_parse(const char *text, size_t length, struct base_url *base);
struct status url_inspect(const char *text, struct url_target *target);

/* OK if libcurl accepts it as a proxy: "host:port", or a URL with a proxy scheme. */
struct status url_check_proxy(const char *text);

/* Whether a request to `url` would be sent unencrypted to a proxy on another machine. `proxy` is
 * the option; NULL: libcurl's proxy from the environment (libcurl-env(3)). */
bool url_has_foreign_proxy(const char *url, const char *proxy);

/* Whether the URL has the scheme, in any case: "https" matches "HTTPS://..." (RFC 3986 section
 * 3.1). */
bool url_has_scheme(const char *url, const char *scheme);

/* Whether an IP address, as text, is a loopback address. */
bool url_is_loopback_address(const char *address);

void base_url_free(struct base_url *base);

/* Append the text percent-encoded as by encodeURIComponent (ECMA-262 section 19.2.6.4): all bytes
 * but A-Z a-z 0-9 - _ . ! ~ * ' ( ), and in a query also '. False: no memory. */
bool url_append_path_segment(struct buffer *url, const char *text, size_t length);
bool url_append_query_text(struct buffer *url, const char *text, size_t length);

#endif
