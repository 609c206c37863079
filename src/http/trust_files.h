/* Notices that the files with trusted certificates have changed on disk. A TLS library reads them
 * once: libcurl keeps what it has parsed (CURLOPT_CA_CACHE_TIMEOUT(3)), and a resumed TLS session
 * is not verified again (RFC 8446 2.2). */
#ifndef VAULT_HTTP_TRUST_FILES_H
#define VAULT_HTTP_TRUST_FILES_H

#include "http/transfer_options.h"

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

enum { TRUST_FILES = 2 }; /* a file and a directory */

struct trust_stamp {
    time_t changed;
    long changed_ns;
    off_t size;
    ino_t inode;
};

struct trust_files {
    char *names[TRUST_FILES];             /* NULL: none */
    struct trust_stamp used[TRUST_FILES]; /* what the connections of now were verified by */
    struct trust_stamp seen[TRUST_FILES];
    double checked; /* clock_monotonic_ms(); negative: never */
};

/* Those of the options, or libcurl's default ones. False: no memory. */
bool trust_files_open(struct trust_files *files, const struct transfer_options *options);
void trust_files_close(struct trust_files *files);
/* To be called before every connection that is made; the first call is what later ones compare
 * with. Looks at most once a second. True, once, when one has changed and is no longer being
 * written. One that cannot be read has not changed. */
bool trust_files_changed(struct trust_files *files, double now);

#endif
