/* Checks that libcurl calls its own TLS library. */
#ifndef VAULT_HTTP_SYMBOL_CHECK_H
#define VAULT_HTTP_SYMBOL_CHECK_H

#include "base/status.h"

/* STATUS_CODE_UNAVAILABLE if libcurl must not be used in this process: the program itself exports
 * OpenSSL's functions although libcurl is a shared library, as an nginx with a static OpenSSL,
 * linked with -Wl,-E, does. The dynamic linker then binds libcurl's calls to the program's copy, of
 * another version, and the first TLS handshake corrupts memory (ld.so(8): the program comes first
 * in the search order). */
struct status symbol_check(void);

#endif
