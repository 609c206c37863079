/* Detects changes of the files with trusted certificates. A TLS library reads them once: libcurl
 * keeps the parsed certificates (CURLOPT_CA_CACHE_TIMEOUT(3)), and a resumed TLS session is not
 * verified again (RFC 8446 section 2.2). */
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
    char *names[TRUST_FILES]; /* NULL: none */
    struct trust_stamp
        used[TRUST_FILES]; /* the files that the current connections were verified by */
    struct trust_stamp seen[TRUST_FILES];
    double checked; /* clock_monotonic_ms(); negative: never */
};

/* Uses the files of the options, or libcurl's default ones. False: no memory. */
bool trust_files_open(struct trust_files *files, const struct transfer_options *options);
void trust_files_close(struct trust_files *files);
/* To be called before each new connection; the first call records the state that later ones compare
 * with. Checks at most once a second. Returns true, once, when a file has changed and is no longer
 * being written. A file that cannot be read counts as unchanged. */
bool trust_files_changed(struct trust_files *files, double now);

#endif
