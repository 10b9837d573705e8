/* SPDX-License-Identifier: MIT
 * Ed25519 signatures, with keys as `openssl genpkey -algorithm ed25519` writes them.
 * OpenSSL's; loaded when first used. */
#ifndef SL_ENGINE_SIGNATURE_H
#define SL_ENGINE_SIGNATURE_H

#include "engine/error.h"

#include <stdbool.h>

#define SL_SIGNATURE_SIZE 64
#define SL_SIGNATURE_KEY_SIZE 32 /* of a public key, raw */

/* Signs with a private key (PEM, not encrypted); gives its public key, too. A text that
 * is no such key is SL_ERR_ARGUMENT; the message holds nothing of it. */
SL_MUST_USE enum sl_code sl_signature_make(const char *pem, size_t pem_len,
                                           const char *bytes, size_t len,
                                           unsigned char signature[SL_SIGNATURE_SIZE],
                                           unsigned char key[SL_SIGNATURE_KEY_SIZE],
                                           struct sl_error *err);

/* Is it the signature of these bytes by the public key (PEM)? Gives the key raw, too. */
SL_MUST_USE enum sl_code
sl_signature_check(const char *pem, size_t pem_len, const char *bytes, size_t len,
                   const unsigned char signature[SL_SIGNATURE_SIZE],
                   unsigned char key[SL_SIGNATURE_KEY_SIZE], bool *good,
                   struct sl_error *err);

#endif
