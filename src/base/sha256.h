/* SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104).
 *
 * Implemented here, since libcurl has no function for it, and a second OpenSSL besides the one that
 * a program exports crashes that program. */
#ifndef VAULT_BASE_SHA256_H
#define VAULT_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_BLOCK_SIZE = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* of the message so far, in bytes */
    unsigned char block[SHA256_BLOCK_SIZE];
    size_t used; /* number of bytes in the block */
};

void sha256_init(struct sha256 *hash);
void sha256_update(struct sha256 *hash, const void *bytes, size_t length);
/* Wipes *hash. */
void sha256_final(struct sha256 *hash, unsigned char digest[SHA256_SIZE]);

/* A key prepared for any number of messages. It allows signing: wipe it after use (wipe_memory). */
struct hmac_sha256_key {
    struct sha256 inner, outer;
};

void hmac_sha256_key_init(struct hmac_sha256_key *key, const void *bytes, size_t length);
void hmac_sha256(const struct hmac_sha256_key *key, const void *message, size_t length,
                 unsigned char digest[SHA256_SIZE]);

#endif
