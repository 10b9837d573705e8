/* SPDX-License-Identifier: MIT
 * Folders of the file system: the one thing about files that Lua's own library lacks. */
#ifndef SL_ENGINE_FOLDER_H
#define SL_ENGINE_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#include "engine/error.h"

/* Makes a folder and those above it, with that mode as far as the umask allows; one that
 * is there already is good. `path` has `len` bytes and need not end with a NUL; one
 * inside it is refused. */
SL_MUST_USE enum sl_code sl_folder_make(const char *path, size_t len, mode_t mode,
                                        struct sl_error *err);

#endif
