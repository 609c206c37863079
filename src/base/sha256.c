#include "base/sha256.h"

#include "base/wipe.h"

#include <string.h>

/* FIPS 180-4 section 4.2.2: the first 32 bits of the fractional parts of the cube
 * roots of the first 64 primes. */
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return (word >> bits) | (word << (32 - bits));
}

static uint32_t load_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

static void write_word(unsigned char *bytes, uint32_t word)
{
    bytes[0] = (unsigned char)(word >> 24);
    bytes[1] = (unsigned char)(word >> 16);
    bytes[2] = (unsigned char)(word >> 8);
    bytes[3] = (unsigned char)word;
}

/* FIPS 180-4 section 6.2.2, step 1. */
static void expand(uint32_t schedule[64], const unsigned char block[SHA256_BLOCK_SIZE])
{
    for (int t = 0; t < 16; t++)
        schedule[t] = load_word(block + (size_t)t * 4);
    for (int t = 16; t < 64; t++) {
        uint32_t near = schedule[t - 2], far = schedule[t - 15];
        uint32_t sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >> 10);
        uint32_t sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >> 3);
        schedule[t] = sigma1 + schedule[t - 7] + sigma0 + schedule[t - 16];
    }
}

/* Steps 2 to 4, with the standard's names. */
static void compress(uint32_t state[8], const unsigned char block[SHA256_BLOCK_SIZE])
{
    uint32_t schedule[64] = {0};
    expand(schedule, block);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        uint32_t choice = (e & f) ^ (~e & g);
        uint32_t t1 = h + sum1 + choice + round_constants[t] + schedule[t];
        uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + sum0 + majority;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void sha256_init(struct sha256 *hash)
{
    /* FIPS 180-4 section 5.3.3. */
    *hash = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                      0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_update(struct sha256 *hash, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;
    hash->length += length;
    while (length > 0) {
        if (hash->used == 0 && length >= SHA256_BLOCK_SIZE) {
            compress(hash->state, from);
            from += SHA256_BLOCK_SIZE;
            length -= SHA256_BLOCK_SIZE;
            continue;
        }
        size_t room = SHA256_BLOCK_SIZE - hash->used;
        size_t taken = length < room ? length : room;
        memcpy(hash->block + hash->used, from, taken);
        hash->used += taken;
        from += taken;
        length -= taken;
        if (hash->used == SHA256_BLOCK_SIZE) {
            compress(hash->state, hash->block);
            hash->used = 0;
        }
    }
}

/* FIPS 180-4 section 5.1.1: a one bit, zeros, the length in bits. */
static void pad(struct sha256 *hash)
{
    enum { LENGTH_AT = SHA256_BLOCK_SIZE - 8 };
    uint64_t bits = hash->length * 8;
    hash->block[hash->used++] = 0x80;
    if (hash->used > LENGTH_AT) {
        memset(hash->block + hash->used, 0, SHA256_BLOCK_SIZE - hash->used);
        compress(hash->state, hash->block);
        hash->used = 0;
    }
    memset(hash->block + hash->used, 0, LENGTH_AT - hash->used);
    write_word(hash->block + LENGTH_AT, (uint32_t)(bits >> 32));
    write_word(hash->block + LENGTH_AT + 4, (uint32_t)bits);
    compress(hash->state, hash->block);
}

void sha256_final(struct sha256 *hash, unsigned char digest[SHA256_SIZE])
{
    pad(hash);
    for (size_t i = 0; i < 8; i++)
        write_word(digest + i * 4, hash->state[i]);
    wipe_memory(hash, sizeof *hash);
}

/* RFC 2104 section 2: a key longer than a block is hashed first. */
void hmac_sha256_key_init(struct hmac_sha256_key *key, const void *bytes, size_t length)
{
    unsigned char block[SHA256_BLOCK_SIZE] = {0};
    if (length > SHA256_BLOCK_SIZE) {
        struct sha256 hash;
        sha256_init(&hash);
        sha256_update(&hash, bytes, length);
        sha256_final(&hash, block);
    } else if (length > 0) {
        memcpy(block, bytes, length);
    }
    for (size_t i = 0; i < SHA256_BLOCK_SIZE; i++)
        block[i] ^= 0x36;
    sha256_init(&key->inner);
    sha256_update(&key->inner, block, sizeof block);
    for (size_t i = 0; i < SHA256_BLOCK_SIZE; i++)
        block[i] ^= 0x36 ^ 0x5c;
    sha256_init(&key->outer);
    sha256_update(&key->outer, block, sizeof block);
    wipe_memory(block, sizeof block);
}

void hmac_sha256(const struct hmac_sha256_key *key, const void *message, size_t length,
                 unsigned char digest[SHA256_SIZE])
{
    struct sha256 hash = key->inner;
    sha256_update(&hash, message, length);
    sha256_final(&hash, digest);
    hash = key->outer;
    sha256_update(&hash, digest, SHA256_SIZE);
    sha256_final(&hash, digest);
}
