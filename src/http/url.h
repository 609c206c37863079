/* Building and checking URLs. */
#ifndef VAULT_HTTP_URL_H
#define VAULT_HTTP_URL_H

#include "base/buffer.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* What a URL to be requested says about where its headers go. */
struct url_target {
    bool secure;    /* https */
    bool loopback;  /* 127.0.0.0/8, ::1, localhost, *.localhost */
    char host[256]; /* for messages; cut when longer */
};

/* What a server_url says, once checked. */
struct base_url {
    struct buffer prefix; /* "https://host:8443/proxy/v1": no slash at its end */
    struct buffer query;  /* "tenant=7", or empty */
    struct url_target target;
};

/* Fills *base, which the caller frees; after a failure it owns nothing. No message quotes the URL:
 * it may hold a password. */
struct status base_url_parse(const char *text, size_t length, struct base_url *base);
struct status url_inspect(const char *text, struct url_target *target);

/* OK when libcurl takes it as a proxy: "host:port", or a URL of a proxy scheme. */
struct status url_check_proxy(const char *text);

/* Where a request to `url` would be sent in clear to a proxy that is not on this machine: true.
 * `proxy` is the option, NULL for what libcurl finds in the environment (libcurl-env(3)). */
bool url_has_foreign_proxy(const char *url, const char *proxy);

/* "https" of "HTTPS://...": schemes have no case (RFC 3986 3.1). */
bool url_has_scheme(const char *url, const char *scheme);

/* Of an IP address as text. */
bool url_is_loopback_address(const char *address);

void base_url_free(struct base_url *base);

/* Percent-encodes what encodeURIComponent of ECMAScript does (21.2.1.1.2): all
 * bytes but A-Z a-z 0-9 - _ . ! ~ * ' ( ), and in a query also '. */
bool url_append_path_segment(struct buffer *url, const char *text, size_t length);
bool url_append_query_text(struct buffer *url, const char *text, size_t length);

#endif
