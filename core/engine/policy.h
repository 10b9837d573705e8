/* SPDX-License-Identifier: MIT
 * What somebody else's script may do: which hosts, sandboxes, operations, files and
 * programs. A policy is filled, sealed once as the one of the process, and asked from
 * then on where things happen; there is no way back. */
#ifndef SL_ENGINE_POLICY_H
#define SL_ENGINE_POLICY_H

#include "engine/error.h"

#include <stdbool.h>

/* The lists of a policy. The own ones are the user's: what the command line names, and
 * where tokens are kept. The program goes there, the script does not. What is never to be
 * had is the program's own, too: no other list opens it, but for the program to write. */
enum sl_policy_list {
    SL_POLICY_HOSTS,     /* "name", "*.name", "name:port"; without one the scheme's */
    SL_POLICY_SANDBOXES, /* "*": any */
    SL_POLICY_READ,      /* places (place.h): a file, or a folder with all below it */
    SL_POLICY_WRITE,
    SL_POLICY_OWN_READ,
    SL_POLICY_OWN_WRITE,
    SL_POLICY_NEVER,
    SL_POLICY_LISTS
};

/* Operations, as bits. */
enum {
    SL_POLICY_DOES_READ = 1,
    SL_POLICY_DOES_CREATE = 2,
    SL_POLICY_DOES_UPDATE = 4,
    SL_POLICY_DOES_DELETE = 8,
    SL_POLICY_DOES_ANYTHING = 15,
};

struct sl_policy {
    struct sl_policy_words {
        char **all;
        size_t count;
    } lists[SL_POLICY_LISTS];
    unsigned operations;
    bool commands; /* may run programs */
};

/* A policy that allows nothing; all zero does as well. */
void sl_policy_init(struct sl_policy *policy);
void sl_policy_fini(struct sl_policy *policy);

/* Adds a copy of a word to a list. */
SL_MUST_USE enum sl_code sl_policy_add(struct sl_policy *policy, enum sl_policy_list list,
                                       const char *word, struct sl_error *err);

/* The operation of that name as a bit, 0 for none. */
unsigned sl_policy_operation(const char *name);

/* Makes `policy`, which is empty afterwards, the one of this process. False when there is
 * one already: then nothing happens. */
bool sl_policy_seal(struct sl_policy *policy);

/* The policy of this process, NULL while there is none. */
const struct sl_policy *sl_policy_sealed(void);

/* ---- asking
 * --------------------------------------------------------------------------------- */

/* Which part of the permissions a refusal is about. */
enum sl_policy_part {
    SL_POLICY_ALLOWED,
    SL_POLICY_BY_HOSTS,
    SL_POLICY_BY_SANDBOXES,
    SL_POLICY_BY_OPERATIONS,
    SL_POLICY_BY_READ,
    SL_POLICY_BY_WRITE,
    SL_POLICY_BY_COMMANDS,
};

struct sl_policy_call {
    const char *method;
    const char *url;
    const char *const *headers; /* lines as in transport.h, NULL-terminated */
};

/* What a call does, as bits. It is told by the method and, where that does not only read,
 * by the path; a call that is not known does anything. 0: it asks for a token. */
unsigned sl_policy_does(const char *method, const char *url);

/* Each tells in `err` (SL_ERR_PERMISSION) what was tried and what is allowed. */
SL_MUST_USE enum sl_policy_part sl_policy_ask_call(const struct sl_policy *policy,
                                                   const struct sl_policy_call *call,
                                                   struct sl_error *err);
/* `use`: SL_POLICY_READ, SL_POLICY_WRITE; `place`: from sl_place_find; `shown`: as it was
 * named; `own`: it is the program that asks. */
SL_MUST_USE enum sl_policy_part sl_policy_ask_place(const struct sl_policy *policy,
                                                    enum sl_policy_list use, bool own,
                                                    const char *place, const char *shown,
                                                    struct sl_error *err);
SL_MUST_USE enum sl_policy_part sl_policy_ask_command(const struct sl_policy *policy,
                                                      const char *shown,
                                                      struct sl_error *err);

#endif
