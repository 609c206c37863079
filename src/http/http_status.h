/* Names of HTTP status codes (RFC 9110 section 15 and the IANA registry). */
#ifndef VAULT_HTTP_HTTP_STATUS_H
#define VAULT_HTTP_HTTP_STATUS_H

/* "Not Found"; "" for an unknown code. */
const char *http_status_reason(int status);

#endif
