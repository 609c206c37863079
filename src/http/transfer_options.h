/* How a client's transfers are made. */
#ifndef VAULT_HTTP_TRANSFER_OPTIONS_H
#define VAULT_HTTP_TRANSFER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum transfer_http_version { TRANSFER_HTTP_NEGOTIATED, TRANSFER_HTTP_1_1, TRANSFER_HTTP_2 };

/* How a client's transfers are made. The strings are the caller's until
 * transfer_new returns; NULL leaves libcurl's default. */
struct transfer_options {
    long connect_timeout_ms;
    long max_connections;        /* 0: the driver's default */
    long connection_lifetime_ms; /* how old a connection that gets a new request may be */
    size_t max_response_bytes;   /* after decompression */
    enum transfer_http_version http_version;
    bool verify;         /* TLS: the certificate and the host name */
    const char *proxy;   /* "" turns off what the environment says */
    const char *ca_file; /* PEM file */
    const char *ca_path; /* directory of hashed PEM files */
    const char *ca_pem;  /* PEM text */
    const char *cert_file;
    const char *key_file;
    const char *key_password;
};

/* A copy that owns its strings, for a thread that outlives the caller's. */
bool transfer_options_copy(struct transfer_options *copy, const struct transfer_options *from);
void transfer_options_free(struct transfer_options *copy);

#endif
