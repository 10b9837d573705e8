/* SPDX-License-Identifier: MIT
 * What was packed when the program was built. zlib's; loaded when first used. */
#ifndef SL_ENGINE_INFLATE_H
#define SL_ENGINE_INFLATE_H

#include "engine/error.h"

/* Unpacks zlib's format into exactly `out_len` bytes; SL_ERR_ARGUMENT for anything else.
 */
SL_MUST_USE enum sl_code sl_inflate(const void *packed, size_t len, void *out,
                                    size_t out_len, struct sl_error *err);

#endif
