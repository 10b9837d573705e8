/* SPDX-License-Identifier: MIT
 * UTF-8 and wide characters: libedit thinks in these. What is no UTF-8 becomes U+FFFD. */
#ifndef SL_ENGINE_WIDE_H
#define SL_ENGINE_WIDE_H

#include "engine/buffer.h"

#include <wchar.h>

#define SL_WIDE_REPLACEMENT 0xFFFD

/* How many bytes a character takes that begins so: 1 to 4; 0 where none does. */
size_t sl_wide_length(unsigned char first);

/* The character of the first bytes of a text that is not empty; gives how many they are.
 */
size_t sl_wide_next(const char *text, size_t len, wchar_t *character);

/* A NUL-terminated wide copy of UTF-8, to be freed by sl_memory_free; a NUL byte becomes
 * U+FFFD. NULL when memory runs out. */
SL_MUST_USE wchar_t *sl_wide_dup(const char *text, size_t len);

/* Appends `len` wide characters as UTF-8. */
SL_MUST_USE enum sl_code sl_wide_add(struct sl_buffer *buffer, const wchar_t *text,
                                     size_t len, struct sl_error *err);

#endif
