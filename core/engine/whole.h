/* SPDX-License-Identifier: MIT
 * Files that are there as a whole or not at all. */
#ifndef SL_ENGINE_WHOLE_H
#define SL_ENGINE_WHOLE_H

#include "engine/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Puts a file of this mode, whatever the umask, in the place of what `path` names: a
 * regular file, or nothing. The bytes go to a file beside it, which then takes the name;
 * until then nothing has changed. With `fresh`, there must be nothing. */
SL_MUST_USE enum sl_code sl_whole_write(const char *path, const char *bytes, size_t len,
                                        mode_t mode, bool fresh, struct sl_error *err);

/* Makes a folder where nothing is yet. */
SL_MUST_USE enum sl_code sl_whole_folder(const char *path, struct sl_error *err);

#endif
