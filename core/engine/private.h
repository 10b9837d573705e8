/* SPDX-License-Identifier: MIT
 * A folder of one's own, and small files in it that nobody else may read or change: mode
 * 0700 and 0600, no symbolic links, written as a whole or not at all. */
#ifndef SL_ENGINE_PRIVATE_H
#define SL_ENGINE_PRIVATE_H

#include "engine/buffer.h"

#define SL_PRIVATE_NAME_MAX 100

struct sl_private {
    int folder; /* -1: closed, or there is none */
    int lock;   /* -1: none is held */
};

/* Names are letters, digits, `-`, `_` and, not at the beginning, `.`; anything else is
 * SL_ERR_ARGUMENT. All other failures are SL_ERR_SYSTEM with path or name and reason. */

/* Makes it closed. */
void sl_private_init(struct sl_private *private);

/* Opens the folder; leaves it closed where there is none. One that is another user's, or
 * open to others, is refused. */
SL_MUST_USE enum sl_code sl_private_open(struct sl_private *private, const char *path,
                                         struct sl_error *err);

/* Reads a file into `out`, which is marked secret; leaves `*found` as it is when there is
 * none. One that is another user's, open to others, or no regular file is refused. */
SL_MUST_USE enum sl_code sl_private_read(const struct sl_private *private,
                                         const char *name, struct sl_buffer *out,
                                         bool *found, struct sl_error *err);

/* Puts a file in the place of the one of that name. Only who holds the lock may write. */
SL_MUST_USE enum sl_code sl_private_write(const struct sl_private *private,
                                          const char *name, const char *bytes, size_t len,
                                          struct sl_error *err);

/* Removes a file; that there is none is fine, and said in `*removed`. */
SL_MUST_USE enum sl_code sl_private_remove(const struct sl_private *private,
                                           const char *name, bool *removed,
                                           struct sl_error *err);

/* Takes the lock of that name, without waiting: `private->lock` stays -1 when somebody
 * else has it. It is given back when the process ends, however that happens. */
SL_MUST_USE enum sl_code sl_private_lock(struct sl_private *private, const char *name,
                                         struct sl_error *err);
void sl_private_unlock(struct sl_private *private);

/* Closes it and gives the lock back; closing again does nothing. */
void sl_private_close(struct sl_private *private);

#endif
