/* SPDX-License-Identifier: MIT */
#include "engine/inflate.h"

#include "engine/library.h"

#include <zlib.h>

static __typeof__(&uncompress) unpack;

static const struct sl_symbol symbols[] = {{"uncompress", &unpack}, {NULL, NULL}};

enum sl_code sl_inflate(const void *packed, size_t len, void *out, size_t out_len,
                        struct sl_error *err) {
    uLongf size = out_len;
    enum sl_code code =
        unpack ? SL_OK : sl_library_load("libz.so.1", "zlib1g", symbols, err);
    if (code != SL_OK)
        return code;
    if (unpack(out, &size, packed, len) != Z_OK || size != out_len)
        return sl_error_set(err, SL_ERR_ARGUMENT, "packed bytes that cannot be unpacked");
    return SL_OK;
}
