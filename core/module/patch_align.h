/* SPDX-License-Identifier: MIT
 * Finding what two sequences have in common. No Lua here. */
#ifndef SL_MODULE_PATCH_ALIGN_H
#define SL_MODULE_PATCH_ALIGN_H

#include <stddef.h>

#include "engine/error.h"
#include "engine/memory.h"

/* Fills match[i], for each of the `a_len` numbers at `a`, with the place in `b` where it
 * is kept, or -1; places increase. Where the sequences differ little that is a longest
 * common subsequence; where they differ so much that finding it would take more than
 * linear time, only what stands at both ends is matched. */
SL_MUST_USE enum sl_code sl_patch_align(const int *a, size_t a_len, const int *b,
                                        size_t b_len, int *match, struct sl_error *err);

#endif
