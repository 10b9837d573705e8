/* SPDX-License-Identifier: MIT
 * Which versions of the shared libraries are installed, for people who look for what is
 * wrong. */
#ifndef SL_ENGINE_VERSIONS_H
#define SL_ENGINE_VERSIONS_H

#include "engine/error.h"

#define SL_VERSIONS_COUNT 5
#define SL_VERSIONS_TEXT 256

struct sl_version {
    const char *name;    /* "libcurl" */
    const char *package; /* the Debian package that holds it */
    const char *purpose;
    char text[SL_VERSIONS_TEXT]; /* what the library says of itself; "" if nothing */
};

/* Tells of the library with this index, from 0 to SL_VERSIONS_COUNT - 1, and loads it to
 * ask. Fails with SL_ERR_LIBRARY when it is missing; name, package and purpose are there
 * all the same. */
SL_MUST_USE enum sl_code sl_versions_get(int index, struct sl_version *version,
                                         struct sl_error *err);

#endif
