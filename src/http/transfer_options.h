/* The options of a client's transfers. */
#ifndef VAULT_HTTP_TRANSFER_OPTIONS_H
#define VAULT_HTTP_TRANSFER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum transfer_http_version { TRANSFER_HTTP_NEGOTIATED, TRANSFER_HTTP_1_1, TRANSFER_HTTP_2 };

/* The strings belong to the caller, and must stay valid until transfer_new returns; NULL: libcurl's
 * default. */
struct transfer_options {
    long connect_timeout_ms;
    long max_connections;        /* 0: the default of the engine */
    long connection_lifetime_ms; /* maximum age of a connection for a new request */
    size_t max_response_bytes;   /* after decompression */
    enum transfer_http_version http_version;
    bool verify;         /* verify the server's certificate and host name */
    const char *proxy;   /* "": no proxy, not even from the environment */
    const char *ca_file; /* PEM file */
    const char *ca_path; /* directory of hashed PEM files */
    const char *ca_pem;  /* PEM text */
    const char *cert_file;
    const char *key_file;
    const char *key_password;
};

/* Makes a copy that owns its strings, for the engine's thread. False: no memory. */
bool transfer_options_copy(struct transfer_options *copy, const struct transfer_options *from);
void transfer_options_free(struct transfer_options *copy);

#endif
