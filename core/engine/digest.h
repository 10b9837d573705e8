/* SPDX-License-Identifier: MIT
 * SHA-256 (FIPS 180-4), for names that must not tell what they stand for. */
#ifndef SL_ENGINE_DIGEST_H
#define SL_ENGINE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SL_DIGEST_DIGITS 64

struct sl_digest {
    uint32_t state[8];
    uint64_t count; /* bytes so far */
    unsigned char block[64];
};

void sl_digest_init(struct sl_digest *digest);
void sl_digest_add(struct sl_digest *digest, const void *bytes, size_t len);

/* Writes the digest of all that was added, as lower-case hexadecimal digits and a NUL. */
void sl_digest_hex(struct sl_digest *digest, char hex[SL_DIGEST_DIGITS + 1]);

#endif
