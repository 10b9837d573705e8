/* SPDX-License-Identifier: MIT
 * SHA-256, for names that must not tell what they stand for, and to tell bytes apart.
 * OpenSSL's, which libcurl brings along; loaded when first used. */
#ifndef SL_ENGINE_DIGEST_H
#define SL_ENGINE_DIGEST_H

#include "engine/error.h"

#define SL_DIGEST_DIGITS 64

/* Writes the digest of the bytes as lower-case hexadecimal digits and a NUL. */
SL_MUST_USE enum sl_code sl_digest(const void *bytes, size_t len,
                                   char hex[SL_DIGEST_DIGITS + 1], struct sl_error *err);

#endif
