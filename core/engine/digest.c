/* SPDX-License-Identifier: MIT */
#include "engine/digest.h"

#include "engine/library.h"

#include <openssl/sha.h>
#include <stdio.h>

/* The plain functions, not those of EVP: these read no configuration and look for no
 * providers, which takes longer than the digests of a small bundle. */
static struct {
    int (*begin)(SHA256_CTX *state);
    int (*add)(SHA256_CTX *state, const void *bytes, size_t len);
    int (*end)(unsigned char *digest, SHA256_CTX *state);
} sha256;

static const struct sl_symbol symbols[] = {{"SHA256_Init", &sha256.begin},
                                           {"SHA256_Update", &sha256.add},
                                           {"SHA256_Final", &sha256.end},
                                           {NULL, NULL}};

enum sl_code sl_digest(const void *bytes, size_t len, char hex[SL_DIGEST_DIGITS + 1],
                       struct sl_error *err) {
    SHA256_CTX state;
    unsigned char raw[SL_DIGEST_DIGITS / 2];
    enum sl_code code =
        sha256.end ? SL_OK : sl_library_load("libcrypto.so.3", "libssl3", symbols, err);
    if (code != SL_OK)
        return code;
    if (!sha256.begin(&state) || !sha256.add(&state, bytes, len) ||
        !sha256.end(raw, &state))
        return sl_error_set(err, SL_ERR_LIBRARY, "libcrypto could not compute SHA-256");
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
    return SL_OK;
}
