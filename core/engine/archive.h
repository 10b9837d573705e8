/* SPDX-License-Identifier: MIT
 * Archives of small files, in one strict form of zip: every byte of one follows from the
 * names and contents of its members, so that the same members are always the same bytes,
 * and any byte that is changed shows. Members are in the order of their names and stored
 * as they are (nothing to unpack, so nothing that swells), with fixed times and
 * attributes; there is no gap, no comment, no encryption, no zip64. An archive may stand
 * behind other bytes, such as a program. libzip reads and writes it; loaded when first
 * used. */
#ifndef SL_ENGINE_ARCHIVE_H
#define SL_ENGINE_ARCHIVE_H

#include "engine/buffer.h"

#include <stdint.h>

#define SL_ARCHIVE_MEMBERS_MAX 1000
#define SL_ARCHIVE_NAME_MAX 255                     /* bytes of a member's name */
#define SL_ARCHIVE_MEMBER_MAX ((uint64_t)16 << 20)  /* bytes of a member */
#define SL_ARCHIVE_MAX ((uint64_t)64 << 20)         /* bytes of a whole archive */
#define SL_ARCHIVE_FRONT_MAX ((uint64_t)1024 << 20) /* bytes before it */

struct sl_member {
    const char *name; /* `name_len` bytes, any but none; not ended by a NUL */
    size_t name_len;
    const char *bytes;
    size_t len;
};

struct sl_archive {
    struct sl_buffer bytes; /* of the archive alone */
    uint64_t front;         /* how many bytes stand before it */
    size_t count;
    struct sl_member *members; /* into `bytes`, in the order of their names */
};

/* Failures of reading: SL_ERR_ARGUMENT for what is not in this form, a changed byte above
 * all; SL_ERR_LIMIT; SL_ERR_SYSTEM for a file that cannot be read; SL_ERR_LIBRARY;
 * SL_ERR_MEMORY. The message names the member, not the file. Every member's CRC is
 * checked before anything is given out; names are not judged. After a failure there is
 * nothing to give back. */

/* Reads the archive at the end of a file. */
SL_MUST_USE enum sl_code sl_archive_read(const char *path, struct sl_archive *archive,
                                         struct sl_error *err);

/* Reads the archive at the end of `len` bytes. */
SL_MUST_USE enum sl_code sl_archive_parse(const char *bytes, size_t len,
                                          struct sl_archive *archive,
                                          struct sl_error *err);

/* Gives back what reading has taken. */
void sl_archive_fini(struct sl_archive *archive);

/* Writes an archive that will stand behind `front` bytes into the empty buffer. The
 * members are in the order of their names (by bytes, each once), which hold no NUL. */
SL_MUST_USE enum sl_code sl_archive_write(const struct sl_member *members, size_t count,
                                          uint64_t front, struct sl_buffer *out,
                                          struct sl_error *err);

/* Has the open file an archive at its end? A glance at its last bytes, for a program that
 * starts: true does not mean that the archive is a good one. */
bool sl_archive_is_behind(int file);

#endif
