/* SPDX-License-Identifier: MIT
 * Where a path really leads: whoever asks whether it may be opened has to open just that,
 * whatever links there are on the way, and whoever changes them meanwhile. */
#ifndef SL_ENGINE_PLACE_H
#define SL_ENGINE_PLACE_H

#include "engine/error.h"

#include <limits.h>
#include <stdio.h>

/* The absolute path, without links, dots and doubled slashes, of what `path` names; of
 * what does not exist the part that does, followed by the names of the rest. */
SL_MUST_USE enum sl_code sl_place_find(const char *path, size_t len, char place[PATH_MAX],
                                       struct sl_error *err);

/* Opens the regular file at a place, following no link on the way; `mode` is one of
 * fopen's. Gives 0, or the number of the system's error, EINVAL for what is no regular
 * file. */
SL_MUST_USE int sl_place_open(const char *place, const char *mode, FILE **file);

#endif
