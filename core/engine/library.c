/* SPDX-License-Identifier: MIT */
#include "engine/library.h"

#include <dlfcn.h>
#include <string.h>

enum sl_code sl_library_load(const char *file, const char *package,
                             const struct sl_symbol *symbols, struct sl_error *err) {
    void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return sl_error_set(err, SL_ERR_LIBRARY,
                            "%s cannot be loaded; install the package %s (%s)", file,
                            package, dlerror());
    for (const struct sl_symbol *symbol = symbols; symbol->name; symbol++) {
        void *address = dlsym(library, symbol->name);
        if (!address)
            return sl_error_set(err, SL_ERR_LIBRARY,
                                "%s has no function %s; it is too old", file,
                                symbol->name);
        memcpy(symbol->slot, &address, sizeof address);
    }
    return SL_OK;
}
