/* SPDX-License-Identifier: MIT */
#include "engine/error.h"

#include <stdarg.h>
#include <stdio.h>

enum sl_code sl_error_set(struct sl_error *err, enum sl_code code, const char *format,
                          ...) {
    if (!err || err->code != SL_OK)
        return code;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->code = code;
    return code;
}

enum sl_code sl_error_memory(struct sl_error *err) {
    return sl_error_set(err, SL_ERR_MEMORY, "memory ran out");
}
