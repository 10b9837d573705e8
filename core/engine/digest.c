/* SPDX-License-Identifier: MIT */
#include "engine/digest.h"

#include "engine/library.h"

#include <openssl/evp.h>
#include <stdio.h>

static struct {
    __typeof__(&EVP_Digest) digest;
    __typeof__(&EVP_sha256) sha256;
} crypto;

static const struct sl_symbol symbols[] = {
    {"EVP_Digest", &crypto.digest}, {"EVP_sha256", &crypto.sha256}, {NULL, NULL}};

enum sl_code sl_digest(const void *bytes, size_t len, char hex[SL_DIGEST_DIGITS + 1],
                       struct sl_error *err) {
    unsigned char raw[SL_DIGEST_DIGITS / 2];
    enum sl_code code = crypto.digest
                            ? SL_OK
                            : sl_library_load("libcrypto.so.3", "libssl3", symbols, err);
    if (code != SL_OK)
        return code;
    if (!crypto.digest(bytes, len, raw, NULL, crypto.sha256(), NULL))
        return sl_error_set(err, SL_ERR_LIBRARY, "libcrypto could not compute SHA-256");
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
    return SL_OK;
}
