/* SPDX-License-Identifier: MIT */
#include "engine/wide.h"

#include <stdint.h>

/* The smallest character that needs so many bytes. */
static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

size_t sl_wide_length(unsigned char first) {
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static int is_valid(uint32_t code, size_t bytes) {
    return code >= smallest[bytes] && code <= 0x10FFFF &&
           (code < 0xD800 || code > 0xDFFF);
}

size_t sl_wide_next(const char *text, size_t len, wchar_t *character) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t count = sl_wide_length(*bytes);
    uint32_t code = count < 2 ? *bytes : *bytes & (0xFFu >> (count + 1));
    *character = SL_WIDE_REPLACEMENT;
    if (count == 0 || count > len)
        return 1;
    for (size_t i = 1; i < count; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1;
        code = code << 6 | (bytes[i] & 0x3F);
    }
    if (!is_valid(code, count))
        return 1;
    if (code != 0)
        *character = (wchar_t)code;
    return count;
}

wchar_t *sl_wide_dup(const char *text, size_t len) {
    if (len > SIZE_MAX / sizeof(wchar_t) - 1)
        return NULL;
    wchar_t *wide = sl_memory_new((len + 1) * sizeof *wide);
    size_t count = 0;
    for (size_t i = 0; wide && i < len;)
        i += sl_wide_next(text + i, len - i, &wide[count++]);
    return wide;
}

/* Writes a character, gives how many bytes it took. */
static size_t encode(uint32_t code, char *out) {
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = SL_WIDE_REPLACEMENT;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = count; i > 1; i--, code >>= 6)
        out[i - 1] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00u >> count) | code);
    return count;
}

enum sl_code sl_wide_add(struct sl_buffer *buffer, const wchar_t *text, size_t len,
                         struct sl_error *err) {
    enum sl_code code = SL_OK;
    for (size_t i = 0; code == SL_OK && i < len; i++) {
        char bytes[4];
        code = sl_buffer_add(buffer, bytes, encode((uint32_t)text[i], bytes), err);
    }
    return code;
}
