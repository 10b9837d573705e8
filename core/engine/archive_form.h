/* SPDX-License-Identifier: MIT
 * The strict form of zip that archives have, read byte by byte: nothing of a file is
 * believed before all of its headers are what they would be had they been written here.
 * For archive.c alone. */
#ifndef SL_ENGINE_ARCHIVE_FORM_H
#define SL_ENGINE_ARCHIVE_FORM_H

#include "engine/archive.h"

#define SL_FORM_END ((size_t)22)      /* bytes of the record at the end */
#define SL_FORM_HEADER ((size_t)46)   /* bytes of a directory header without its name */
#define SL_FORM_DATE 33               /* 1980-01-01, the first day that zip knows */
#define SL_FORM_MODE (0100644u << 16) /* a plain file that all may read */

#define SL_FORM_SHOWN (SL_ARCHIVE_NAME_MAX + 1)

/* What the record at the end says. */
struct sl_form_end {
    size_t count;
    uint64_t directory; /* where it begins, in the whole file */
};

/* Does the record say that it stands at the end of an archive without a comment? */
bool sl_form_is_end(const char record[SL_FORM_END]);

/* Reads the record, the last bytes of a file of `size` bytes. */
SL_MUST_USE enum sl_code sl_form_read_end(const char record[SL_FORM_END], uint64_t size,
                                          struct sl_form_end *end, struct sl_error *err);

/* Where the archive begins in the file, by the first header of its directory. */
SL_MUST_USE enum sl_code sl_form_read_front(const char header[SL_FORM_HEADER],
                                            uint64_t size, uint64_t *front,
                                            struct sl_error *err);

/* Checks an archive whose bytes are in `archive->bytes`, and which stands behind
 * `archive->front` bytes; finds its members, which are allocated. CRCs are not checked.
 */
SL_MUST_USE enum sl_code sl_form_check(struct sl_archive *archive, struct sl_error *err);

/* A member's name for messages: without control characters, and cut. */
void sl_form_show(char shown[SL_FORM_SHOWN], const char *name, size_t len);

/* Makes the headers of an archive of `count` members what they should be where a release
 * of libzip may have its own ways, and its offsets, which are for an archive behind
 * `from` bytes, those of one behind `to` bytes. */
void sl_form_settle(char *bytes, size_t len, size_t count, uint64_t from, uint64_t to);

#endif
