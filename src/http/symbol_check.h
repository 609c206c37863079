/* Does libcurl talk to its own TLS library? */
#ifndef VAULT_HTTP_SYMBOL_CHECK_H
#define VAULT_HTTP_SYMBOL_CHECK_H

#include "base/status.h"

/* STATUS_CODE_UNAVAILABLE where libcurl must not be used in this process: the program itself
 * exports OpenSSL's functions although libcurl is a shared library beside it, as nginx with a
 * static OpenSSL does, linked with -Wl,-E. The dynamic linker then binds libcurl's calls to the
 * program's copy, of some other version, and the first TLS handshake corrupts memory (ld.so(8): the
 * program comes first in the search order). */
struct status symbol_check(void);

#endif
