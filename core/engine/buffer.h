/* SPDX-License-Identifier: MIT
 * Bytes that grow up to a named maximum. */
#ifndef SL_ENGINE_BUFFER_H
#define SL_ENGINE_BUFFER_H

#include "engine/error.h"

#include <stdbool.h>

struct sl_buffer {
    char *data; /* always NUL-terminated once something was added; NULL before */
    size_t len;
    size_t room;
    size_t max;       /* most bytes it may hold */
    const char *name; /* named in the error when `max` is reached */
    bool secret;      /* its bytes leave no copy behind in freed memory */
};

/* An empty buffer; nothing is allocated yet. `name` must outlive it. Set `secret`
 * afterwards where that holds. */
void sl_buffer_init(struct sl_buffer *buffer, const char *name, size_t max);

/* Frees what it holds, wiped if it is secret; it may be used again. */
void sl_buffer_fini(struct sl_buffer *buffer);

/* Appends bytes. On failure (SL_ERR_MEMORY, SL_ERR_LIMIT) the content is as before. */
SL_MUST_USE enum sl_code sl_buffer_add(struct sl_buffer *buffer, const char *bytes,
                                       size_t len, struct sl_error *err);
SL_MUST_USE enum sl_code sl_buffer_add_text(struct sl_buffer *buffer, const char *text,
                                            struct sl_error *err);

/* Makes room for `more` further bytes, so that they can be written at data + len. */
SL_MUST_USE enum sl_code sl_buffer_reserve(struct sl_buffer *buffer, size_t more,
                                           struct sl_error *err);

#endif
