/* SPDX-License-Identifier: MIT */
#include "engine/archive.h"

#include "engine/archive_form.h"
#include "engine/library.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#define ZIP_FUNCTIONS(X)                                                                 \
    X(open_from_source)                                                                  \
    X(close)                                                                             \
    X(discard)                                                                           \
    X(strerror)                                                                          \
    X(get_num_entries)                                                                   \
    X(fopen_index)                                                                       \
    X(fread)                                                                             \
    X(fclose)                                                                            \
    X(file_add)                                                                          \
    X(set_file_compression)                                                              \
    X(file_set_dostime)                                                                  \
    X(file_set_external_attributes)                                                      \
    X(source_buffer)                                                                     \
    X(source_buffer_create)                                                              \
    X(source_free)                                                                       \
    X(source_keep)                                                                       \
    X(source_open)                                                                       \
    X(source_read)                                                                       \
    X(source_close)

#define MEMBER(name) __typeof__(&zip_##name) name;
#define SYMBOL(name) {"zip_" #name, &zip.name},

static struct { ZIP_FUNCTIONS(MEMBER) } zip;

static const struct sl_symbol zip_symbols[] = {ZIP_FUNCTIONS(SYMBOL){NULL, NULL}};

static enum sl_code load_zip(struct sl_error *err) {
    static bool loaded;
    enum sl_code code =
        loaded ? SL_OK : sl_library_load("libzip.so.4", "libzip4", zip_symbols, err);
    loaded = code == SL_OK;
    return code;
}

/* An archive of libzip in memory; it keeps no copy of the bytes. NULL: no memory. */
static zip_t *open_memory(const void *bytes, size_t len, int flags,
                          zip_source_t **source) {
    zip_error_t failure;
    *source = zip.source_buffer_create(bytes, len, 0, &failure);
    zip_t *opened = *source ? zip.open_from_source(*source, flags, &failure) : NULL;
    if (*source && !opened)
        zip.source_free(*source);
    return opened;
}

/* ---- reading ----------------------------------------------------------------------- */

#define PIECE ((size_t)16 << 10)

/* Does libzip read the same bytes to the end, where it checks the CRC? */
static bool reads_the_same(zip_file_t *file, const struct sl_member *member) {
    char piece[PIECE];
    size_t done = 0;
    zip_int64_t count;
    while ((count = zip.fread(file, piece, sizeof piece)) > 0) {
        if ((size_t)count > member->len - done ||
            memcmp(piece, member->bytes + done, (size_t)count) != 0)
            return false;
        done += (size_t)count;
    }
    return count == 0 && done == member->len;
}

static enum sl_code check_member(zip_t *opened, size_t index,
                                 const struct sl_member *member, struct sl_error *err) {
    zip_file_t *file = zip.fopen_index(opened, index, 0);
    bool same = file && reads_the_same(file, member);
    if (file)
        zip.fclose(file);
    if (same)
        return SL_OK;
    char name[SL_FORM_SHOWN];
    sl_form_show(name, member->name, member->name_len);
    return sl_error_set(err, SL_ERR_ARGUMENT,
                        "the member %s is damaged: its bytes are not those of its CRC",
                        name);
}

/* libzip must see what we have seen. */
static enum sl_code check_by_libzip(struct sl_archive *archive, struct sl_error *err) {
    zip_source_t *source;
    enum sl_code code = load_zip(err);
    if (code != SL_OK)
        return code;
    sl_form_settle(archive->bytes.data, archive->bytes.len, archive->count,
                   archive->front, 0);
    zip_t *opened = open_memory(archive->bytes.data, archive->bytes.len,
                                ZIP_RDONLY | ZIP_CHECKCONS, &source);
    if (!opened || zip.get_num_entries(opened, 0) != (zip_int64_t)archive->count)
        code = sl_error_set(err, SL_ERR_ARGUMENT, "is damaged: libzip does not read it");
    for (size_t i = 0; code == SL_OK && i < archive->count; i++)
        code = check_member(opened, i, &archive->members[i], err);
    if (opened)
        zip.discard(opened);
    return code;
}

/* Checks what is in `archive->bytes`; on failure nothing is left. */
static enum sl_code check(struct sl_archive *archive, struct sl_error *err) {
    enum sl_code code = sl_form_check(archive, err);
    if (code == SL_OK)
        code = check_by_libzip(archive, err);
    if (code != SL_OK)
        sl_archive_fini(archive);
    return code;
}

static void begin(struct sl_archive *archive) {
    *archive = (struct sl_archive){0};
    sl_buffer_init(&archive->bytes, "an archive", SL_ARCHIVE_MAX);
}

void sl_archive_fini(struct sl_archive *archive) {
    sl_buffer_fini(&archive->bytes);
    sl_memory_free(archive->members);
    archive->members = NULL;
    archive->count = 0;
}

/* Where bytes come from: a file, or memory. */
struct origin {
    int file;
    const char *bytes; /* NULL: the file */
    uint64_t size;
};

/* Reads `len` bytes from `at` on; they must be there. */
static enum sl_code fetch(const struct origin *origin, uint64_t at, char *out, size_t len,
                          struct sl_error *err) {
    if (origin->bytes) {
        memcpy(out, origin->bytes + at, len);
        return SL_OK;
    }
    while (len > 0) {
        ssize_t count = pread(origin->file, out, len, (off_t)at);
        if (count == 0 || (count < 0 && errno != EINTR))
            return sl_error_set(err, SL_ERR_SYSTEM, "cannot be read: %s",
                                count ? strerror(errno) : "it got shorter meanwhile");
        if (count > 0)
            out += count, at += (uint64_t)count, len -= (size_t)count;
    }
    return SL_OK;
}

/* Finds where the archive begins. */
static enum sl_code find_front(const struct origin *origin, uint64_t *front,
                               struct sl_error *err) {
    char record[SL_FORM_END], header[SL_FORM_HEADER];
    struct sl_form_end end = {0};
    if (origin->size < SL_FORM_END + SL_FORM_HEADER)
        return sl_error_set(err, SL_ERR_ARGUMENT, "is cut off, or no archive");
    enum sl_code code =
        fetch(origin, origin->size - SL_FORM_END, record, sizeof record, err);
    if (code == SL_OK)
        code = sl_form_read_end(record, origin->size, &end, err);
    if (code == SL_OK)
        code = fetch(origin, end.directory, header, sizeof header, err);
    return code == SL_OK ? sl_form_read_front(header, origin->size, front, err) : code;
}

static enum sl_code read_from(const struct origin *origin, struct sl_archive *archive,
                              struct sl_error *err) {
    begin(archive);
    enum sl_code code = find_front(origin, &archive->front, err);
    if (code != SL_OK)
        return code;
    size_t len = (size_t)(origin->size - archive->front);
    code = sl_buffer_reserve(&archive->bytes, len, err);
    if (code == SL_OK)
        code = fetch(origin, archive->front, archive->bytes.data, len, err);
    if (code != SL_OK) {
        sl_archive_fini(archive);
        return code;
    }
    archive->bytes.len = len;
    return check(archive, err);
}

enum sl_code sl_archive_parse(const char *bytes, size_t len, struct sl_archive *archive,
                              struct sl_error *err) {
    return read_from(&(struct origin){.file = -1, .bytes = bytes, .size = len}, archive,
                     err);
}

enum sl_code sl_archive_read(const char *path, struct sl_archive *archive,
                             struct sl_error *err) {
    struct stat found;
    /* not blocking: a pipe would wait for a writer */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) {
        const char *why = file < 0 ? strerror(errno) : "it is no regular file";
        if (file >= 0)
            close(file);
        return sl_error_set(err, SL_ERR_SYSTEM, "cannot be opened: %s", why);
    }
    enum sl_code code = read_from(
        &(struct origin){.file = file, .size = (uint64_t)found.st_size}, archive, err);
    close(file);
    return code;
}

bool sl_archive_is_behind(int file) {
    char record[SL_FORM_END];
    struct stat found;
    if (fstat(file, &found) != 0 || found.st_size < (off_t)SL_FORM_END)
        return false;
    struct origin origin = {.file = file, .size = (uint64_t)found.st_size};
    return fetch(&origin, origin.size - SL_FORM_END, record, sizeof record, NULL) ==
               SL_OK &&
           sl_form_is_end(record);
}

/* ---- writing ----------------------------------------------------------------------- */

static enum sl_code check_name(const struct sl_member *member, struct sl_error *err) {
    if (member->name_len == 0 || member->name_len > SL_ARCHIVE_NAME_MAX ||
        memchr(member->name, '\0', member->name_len))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "a member's name has 1 to %d bytes, and no NUL",
                            SL_ARCHIVE_NAME_MAX);
    return SL_OK;
}

static bool add_to(zip_t *opened, const struct sl_member *member) {
    char name[SL_ARCHIVE_NAME_MAX + 1] = {0};
    memcpy(name, member->name, member->name_len);
    zip_source_t *source = zip.source_buffer(opened, member->bytes, member->len, 0);
    zip_int64_t index =
        source ? zip.file_add(opened, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (source && index < 0)
        zip.source_free(source);
    if (index < 0)
        return false;
    zip_uint64_t at = (zip_uint64_t)index;
    return zip.set_file_compression(opened, at, ZIP_CM_STORE, 0) == 0 &&
           zip.file_set_dostime(opened, at, 0, SL_FORM_DATE, 0) == 0 &&
           zip.file_set_external_attributes(opened, at, 0, ZIP_OPSYS_UNIX,
                                            SL_FORM_MODE) == 0;
}

static enum sl_code add_members(zip_t *opened, const struct sl_member *members,
                                size_t count, struct sl_error *err) {
    for (size_t i = 0; i < count; i++) {
        enum sl_code code = check_name(&members[i], err);
        if (code != SL_OK)
            return code;
        if (!add_to(opened, &members[i]))
            return sl_error_set(err, SL_ERR_ARGUMENT, "libzip cannot write: %s",
                                zip.strerror(opened));
    }
    return SL_OK;
}

/* All that libzip has written into the memory of `source`. */
static enum sl_code take_written(zip_source_t *source, struct sl_buffer *out,
                                 struct sl_error *err) {
    zip_int64_t count = 1;
    if (zip.source_open(source) != 0)
        return sl_error_memory(err);
    enum sl_code code = SL_OK;
    while (code == SL_OK && count > 0) {
        code = sl_buffer_reserve(out, PIECE, err);
        if (code == SL_OK)
            count = zip.source_read(source, out->data + out->len, PIECE);
        if (code == SL_OK && count > 0)
            out->len += (size_t)count;
    }
    zip.source_close(source);
    return code == SL_OK && count < 0 ? sl_error_memory(err) : code;
}

static enum sl_code write_all(zip_t *opened, zip_source_t *source,
                              const struct sl_member *members, size_t count,
                              struct sl_buffer *out, struct sl_error *err) {
    enum sl_code code = add_members(opened, members, count, err);
    if (code == SL_OK && zip.close(opened) == 0)
        return take_written(source, out, err);
    if (code == SL_OK)
        code = sl_error_set(err, SL_ERR_ARGUMENT, "the archive cannot be written: %s",
                            zip.strerror(opened));
    zip.discard(opened);
    return code;
}

/* What was written can be read. */
static enum sl_code prove(const struct sl_buffer *out, uint64_t front,
                          struct sl_error *err) {
    struct sl_archive again;
    begin(&again);
    again.front = front;
    enum sl_code code = sl_buffer_add(&again.bytes, out->data, out->len, err);
    if (code == SL_OK)
        code = sl_form_check(&again, err);
    sl_archive_fini(&again);
    return code;
}

static enum sl_code check_sizes(const struct sl_member *members, size_t count,
                                uint64_t front, struct sl_error *err) {
    uint64_t total = SL_FORM_END;
    for (size_t i = 0; i < count; i++)
        total += members[i].len + 2 * members[i].name_len + 2 * SL_FORM_HEADER;
    if (count == 0 || count > SL_ARCHIVE_MEMBERS_MAX)
        return sl_error_set(err, SL_ERR_LIMIT, "%zu members; 1 to %d are allowed", count,
                            SL_ARCHIVE_MEMBERS_MAX);
    if (total > SL_ARCHIVE_MAX || front > SL_ARCHIVE_FRONT_MAX)
        return sl_error_set(
            err, SL_ERR_LIMIT, "%llu bytes in all members; at most %llu are allowed",
            (unsigned long long)total, (unsigned long long)SL_ARCHIVE_MAX);
    return SL_OK;
}

enum sl_code sl_archive_write(const struct sl_member *members, size_t count,
                              uint64_t front, struct sl_buffer *out,
                              struct sl_error *err) {
    zip_source_t *source;
    enum sl_code code = check_sizes(members, count, front, err);
    if (code == SL_OK)
        code = load_zip(err);
    if (code != SL_OK)
        return code;
    zip_t *opened = open_memory(NULL, 0, ZIP_TRUNCATE, &source);
    if (!opened)
        return sl_error_memory(err);
    zip.source_keep(source);
    code = write_all(opened, source, members, count, out, err);
    zip.source_free(source);
    if (code != SL_OK)
        return code;
    sl_form_settle(out->data, out->len, count, 0, front);
    return prove(out, front, err);
}
