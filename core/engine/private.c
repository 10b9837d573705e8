/* SPDX-License-Identifier: MIT */
#include "engine/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600
#define OTHERS (S_IRWXG | S_IRWXO)
#define CHUNK 4096
#define NAME_SIZE (SL_PRIVATE_NAME_MAX + sizeof "..lock")

void sl_private_init(struct sl_private *private) {
    *private = (struct sl_private){.folder = -1, .lock = -1};
}

static void close_descriptor(int *descriptor) {
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void sl_private_unlock(struct sl_private *private) {
    close_descriptor(&private->lock);
}

void sl_private_close(struct sl_private *private) {
    sl_private_unlock(private);
    close_descriptor(&private->folder);
}

static enum sl_code refuse(const char *what, const char *name, int number,
                           struct sl_error *err) {
    return sl_error_set(err, SL_ERR_SYSTEM, "cannot %s %s: %s", what, name,
                        strerror(number));
}

/* Is what the descriptor is open on the user's own, and nobody else's? */
static enum sl_code check_owner(int descriptor, const char *name, mode_t *type,
                                struct sl_error *err) {
    struct stat found;
    if (fstat(descriptor, &found) != 0)
        return refuse("look at", name, errno, err);
    if (found.st_uid != geteuid())
        return sl_error_set(err, SL_ERR_SYSTEM, "%s belongs to another user", name);
    if (found.st_mode & OTHERS)
        return sl_error_set(err, SL_ERR_SYSTEM,
                            "%s is open to others (mode %04o); close it: chmod go= %s",
                            name, (unsigned)found.st_mode & 07777, name);
    *type = found.st_mode & S_IFMT;
    return SL_OK;
}

enum sl_code sl_private_open(struct sl_private *private, const char *path,
                             struct sl_error *err) {
    mode_t type;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == ENOENT)
        return SL_OK;
    if (folder < 0)
        return refuse("open the folder", path, errno, err);
    enum sl_code code = check_owner(folder, path, &type, err);
    if (code == SL_OK)
    private->folder = folder;
    else close(folder);
    return code;
}

static enum sl_code check_name(const char *name, struct sl_error *err) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_.";
    size_t len = strlen(name);
    if (len == 0 || len > SL_PRIVATE_NAME_MAX || *name == '.' ||
        strspn(name, allowed) != len)
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "a private file's name has 1 to %d letters, digits, '-', '_' "
                            "and '.', and does not begin with '.'",
                            SL_PRIVATE_NAME_MAX);
    return SL_OK;
}

/* ---- reading ----------------------------------------------------------------------- */

/* Reads once; gives what read gives. */
static ssize_t read_some(int file, struct sl_buffer *out) {
    ssize_t count = read(file, out->data + out->len, CHUNK);
    if (count > 0)
        out->len += (size_t)count;
    out->data[out->len] = '\0';
    return count;
}

static enum sl_code read_open(int file, const char *name, struct sl_buffer *out,
                              struct sl_error *err) {
    mode_t type = 0;
    ssize_t count = 1;
    enum sl_code code = check_owner(file, name, &type, err);
    if (code == SL_OK && type != S_IFREG)
        code = sl_error_set(err, SL_ERR_SYSTEM, "%s is not a file", name);
    while (code == SL_OK && count != 0) {
        code = sl_buffer_reserve(out, CHUNK, err);
        if (code == SL_OK)
            count = read_some(file, out);
        if (code == SL_OK && count < 0 && errno != EINTR)
            code = refuse("read", name, errno, err);
    }
    return code;
}

enum sl_code sl_private_read(const struct sl_private *private, const char *name,
                             struct sl_buffer *out, bool *found, struct sl_error *err) {
    enum sl_code code = check_name(name, err);
    if (code != SL_OK)
        return code;
    /* not blocking: a pipe in its place would wait for a writer */
    int file =
        openat(private->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT)
        return SL_OK;
    if (file < 0)
        return refuse("open", name, errno, err);
    code = read_open(file, name, out, err);
    close(file);
    *found = code == SL_OK;
    return code;
}

/* ---- writing ----------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t count = write(file, bytes, len);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0) {
            bytes += count;
            len -= (size_t)count;
        }
    }
    return true;
}

/* Writes a new file; one that a crash has left behind goes first. */
static bool write_new(int folder, const char *name, const char *bytes, size_t len) {
    unlinkat(folder, name, 0);
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      FILE_MODE);
    if (file < 0)
        return false;
    bool written = write_all(file, bytes, len);
    int number = errno;
    bool closed = close(file) == 0;
    if (!written)
        errno = number;
    return written && closed;
}

enum sl_code sl_private_write(const struct sl_private *private, const char *name,
                              const char *bytes, size_t len, struct sl_error *err) {
    char fresh[NAME_SIZE];
    enum sl_code code = check_name(name, err);
    if (code != SL_OK)
        return code;
    snprintf(fresh, sizeof fresh, ".%s.new", name);
    if (write_new(private->folder, fresh, bytes, len) &&
        renameat(private->folder, fresh, private->folder, name) == 0)
        return SL_OK;
    int number = errno;
    unlinkat(private->folder, fresh, 0);
    return refuse("write", name, number, err);
}

enum sl_code sl_private_remove(const struct sl_private *private, const char *name,
                               bool *removed, struct sl_error *err) {
    enum sl_code code = check_name(name, err);
    if (code != SL_OK)
        return code;
    *removed = unlinkat(private->folder, name, 0) == 0;
    return *removed || errno == ENOENT ? SL_OK : refuse("remove", name, errno, err);
}

/* ---- the lock ---------------------------------------------------------------------- */

enum sl_code sl_private_lock(struct sl_private *private, const char *name,
                             struct sl_error *err) {
    char path[NAME_SIZE];
    enum sl_code code = check_name(name, err);
    if (code != SL_OK || private->lock >= 0)
        return code;
    snprintf(path, sizeof path, ".%s.lock", name);
    int file = openat(private->folder, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                      FILE_MODE);
    if (file < 0)
        return refuse("lock", name, errno, err);
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        private->lock = file;
        return SL_OK;
    }
    int number = errno;
    close(file);
    return number == EWOULDBLOCK ? SL_OK : refuse("lock", name, number, err);
}
