/* SPDX-License-Identifier: MIT */
#include "engine/versions.h"

#include "engine/library.h"

#include <stdint.h>
#include <stdio.h>

typedef const char *plain_version(void);
typedef const char *numbered_version(int what);

/* The function that tells the version takes no argument, one (0: the version), or is not
 * there: then another shows that the library is whole. */
enum form { PLAIN, NUMBERED, SILENT };

static const struct {
    const char *name, *file, *package, *purpose, *function;
    enum form form;
} libraries[SL_VERSIONS_COUNT] = {
    {"libcurl", "libcurl.so.4", "libcurl4", "HTTP and TLS", "curl_version", PLAIN},
    {"libcrypto", "libcrypto.so.3", "libssl3", "kept tokens, bundles", "OpenSSL_version",
     NUMBERED},
    {"libmicrohttpd", "libmicrohttpd.so.12", "libmicrohttpd12", "the emulator",
     "MHD_get_version", PLAIN},
    {"libzip", "libzip.so.4", "libzip4", "bundles", "zip_libzip_version", PLAIN},
    {"libedit", "libedit.so.2", "libedit2", "the prompt", "el_init", SILENT},
};

enum sl_code sl_versions_get(int index, struct sl_version *version,
                             struct sl_error *err) {
    void *function = NULL;
    *version = (struct sl_version){.name = libraries[index].name,
                                   .package = libraries[index].package,
                                   .purpose = libraries[index].purpose};
    const struct sl_symbol symbols[] = {{libraries[index].function, &function},
                                        {NULL, NULL}};
    enum sl_code code =
        sl_library_load(libraries[index].file, libraries[index].package, symbols, err);
    if (code != SL_OK || libraries[index].form == SILENT)
        return code;
    const char *text = libraries[index].form == PLAIN
                           ? ((plain_version *)(uintptr_t)function)()
                           : ((numbered_version *)(uintptr_t)function)(0);
    snprintf(version->text, sizeof version->text, "%s", text);
    return SL_OK;
}
