/* SPDX-License-Identifier: MIT
 * Shared libraries that are loaded when first used: libcurl alone brings 33 others along,
 * which a program that does not talk to the network should not wait for. */
#ifndef SL_ENGINE_LIBRARY_H
#define SL_ENGINE_LIBRARY_H

#include "engine/error.h"

struct sl_symbol {
    const char *name;
    void *slot; /* the address of the function pointer to fill */
};

/* Loads `file` and fills each symbol's slot; the list ends with a NULL name. The library
 * stays loaded. `package` is the Debian package to name when it is missing. */
SL_MUST_USE enum sl_code sl_library_load(const char *file, const char *package,
                                         const struct sl_symbol *symbols,
                                         struct sl_error *err);

#endif
