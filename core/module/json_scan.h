/* SPDX-License-Identifier: MIT
 * Checks a JSON text against RFC 8259 before lua-cjson reads it, and rewrites the few
 * tokens that lua-cjson would lose. No Lua here. */
#ifndef SL_MODULE_JSON_SCAN_H
#define SL_MODULE_JSON_SCAN_H

#include <stdbool.h>

#include "engine/buffer.h"

#define SL_JSON_MAX_DEPTH 512                   /* arrays and objects inside each other */
#define SL_JSON_MAX_SIZE ((size_t)256 << 20)    /* bytes of one text, read or written */
#define SL_JSON_MAX_COPY (3 * SL_JSON_MAX_SIZE) /* a rewritten text grows no further */

/* Values that a rewritten text holds as strings: this byte, a kind, the token. A string
 * that begins with the byte itself gets it twice. Names of members are left alone. */
#define SL_JSON_MARK '\x7f'
#define SL_JSON_MARK_ARRAY 'a'  /* an empty array */
#define SL_JSON_MARK_NUMBER 'n' /* a number whose form says more than its double */

#define SL_JSON_MAX_VISITS 64

/* Which values of a text need a look after lua-cjson has parsed it, by the names of the
 * members that lead to them. One that is not listed holds no array and no number. */
struct sl_json_visits {
    bool all; /* the names say too little: look at everything */
    size_t count;
    struct sl_json_visit {
        const char *name; /* in the text */
        size_t len;
        bool inside; /* at what it holds, too; else only whether it is an array */
    } names[SL_JSON_MAX_VISITS];
    unsigned char slots[2 * SL_JSON_MAX_VISITS]; /* by hash: 1 + place in `names` */
};

/* Checks the whole of `text`. `copy`, given empty, stays empty where lua-cjson may parse
 * the text as it is; otherwise it holds the text to parse instead. `visits` (NULL:
 * nobody asks) is filled. An error reads "line 3, column 7: expected …, found …" (columns
 * count characters); its code is SL_ERR_ARGUMENT, SL_ERR_LIMIT or SL_ERR_MEMORY.
 * Recursion-free. */
SL_MUST_USE enum sl_code sl_json_scan(const char *text, size_t len,
                                      struct sl_buffer *copy,
                                      struct sl_json_visits *visits,
                                      struct sl_error *err);

/* The first byte from `at` that needs a look in a string: quote, backslash, control
 * character or not ASCII; `end` where there is none. */
const unsigned char *sl_json_plain(const unsigned char *at, const unsigned char *end);

/* The length of the valid UTF-8 sequence at `at`, 0 where there is none. */
size_t sl_json_utf8(const unsigned char *at, const unsigned char *end);

#endif
