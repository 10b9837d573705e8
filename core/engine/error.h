/* SPDX-License-Identifier: MIT
 * What went wrong, in the caller's memory. The first error wins: what follows it is a
 * consequence. */
#ifndef SL_ENGINE_ERROR_H
#define SL_ENGINE_ERROR_H

#include "engine/memory.h"

enum sl_code {
    SL_OK = 0,
    SL_ERR_MEMORY,      /* memory ran out */
    SL_ERR_LIMIT,       /* a named limit was reached */
    SL_ERR_ARGUMENT,    /* the caller asked for something that cannot be */
    SL_ERR_LIBRARY,     /* a shared library is missing or too old */
    SL_ERR_NETWORK,     /* name, connection, broken answer: may pass */
    SL_ERR_TRUST,       /* the other side could not be verified, or not be spoken to */
    SL_ERR_TIMEOUT,     /* a deadline passed */
    SL_ERR_SYSTEM,      /* the operating system refused */
    SL_ERR_INTERRUPTED, /* Ctrl-C */
    SL_ERR_PERMISSION,  /* the policy of the process does not allow it */
};

struct sl_error {
    enum sl_code code;
    char text[512];
};

/* Sets `err` unless it is set already (NULL is allowed) and gives `code` back. */
enum sl_code sl_error_set(struct sl_error *err, enum sl_code code, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));

/* Sets the message for memory that ran out. */
enum sl_code sl_error_memory(struct sl_error *err);

#endif
