/* SPDX-License-Identifier: MIT
 * A text without secrets: they are found as they are, in base64 (whatever stands before
 * them, both alphabets), percent-encoded, and with JSON's escapes, once and twice over.
 */
#ifndef SL_ENGINE_MASK_H
#define SL_ENGINE_MASK_H

#include "engine/buffer.h"

/* Shorter secrets would be found in harmless words: below SL_MASK_ANYWHERE bytes only
 * those that stand as a word of their own are masked, below SL_MASK_SHORTEST none. */
#define SL_MASK_ANYWHERE 8
#define SL_MASK_SHORTEST 4

struct sl_mask_pattern;

struct sl_mask {
    struct sl_mask_pattern *all;        /* wiped and freed with the mask */
    struct sl_mask_pattern *first[256]; /* those that begin with that byte */
};

/* A mask of no secrets. All zero does as well. */
void sl_mask_init(struct sl_mask *mask);

/* Wipes and frees what it holds. */
void sl_mask_fini(struct sl_mask *mask);

/* Adds a secret and what it shows as; both are copied. */
SL_MUST_USE enum sl_code sl_mask_add(struct sl_mask *mask, const char *name,
                                     size_t name_len, const char *bytes, size_t len,
                                     struct sl_error *err);

/* Appends the text with each secret replaced by ‹secret NAME›. Of secrets that overlap
 * nothing is left, and the first one's name stands for all. */
SL_MUST_USE enum sl_code sl_mask_apply(const struct sl_mask *mask, const char *text,
                                       size_t len, struct sl_buffer *out,
                                       struct sl_error *err);

#endif
