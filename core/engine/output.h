/* SPDX-License-Identifier: MIT
 * Files that hold what a run has seen: for their owner's eyes only. */
#ifndef SL_ENGINE_OUTPUT_H
#define SL_ENGINE_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "engine/error.h"

/* Opens a file for writing. A regular file is emptied, and has mode 0600 before the first
 * byte is in it; pipes and devices stay as they are. `path` has `len` bytes; a NUL inside
 * it is refused. Ends with fclose. */
SL_MUST_USE enum sl_code sl_output_open(const char *path, size_t len, FILE **file,
                                        struct sl_error *err);

#endif
