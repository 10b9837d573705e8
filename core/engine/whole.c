/* SPDX-License-Identifier: MIT */
#include "engine/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".XXXXXX"

static enum sl_code refuse(const char *path, int number, struct sl_error *err) {
    return sl_error_set(err, SL_ERR_SYSTEM, "cannot write %s: %s", path,
                        strerror(number));
}

static bool write_all(int file, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t count = write(file, bytes, len);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0)
            bytes += count, len -= (size_t)count;
    }
    return true;
}

/* Is there nothing under the name, or a file that may be replaced? Sets errno. */
static bool may_take(const char *path, bool fresh) {
    struct stat found;
    if (lstat(path, &found) != 0)
        return errno == ENOENT;
    errno = S_ISDIR(found.st_mode) ? EISDIR : EEXIST;
    return !fresh && S_ISREG(found.st_mode);
}

/* Writes it all to the open file, and closes it. */
static bool fill(int file, const char *bytes, size_t len, mode_t mode) {
    bool done = write_all(file, bytes, len) && fchmod(file, mode) == 0;
    int number = errno;
    bool closed = close(file) == 0;
    if (!done)
        errno = number;
    return done && closed;
}

/* `fresh` names appear at once and replace nothing; others take the place of what is
 * there. */
static bool give_name(const char *temporary, const char *path, bool fresh) {
    if (!fresh)
        return rename(temporary, path) == 0;
    bool linked = link(temporary, path) == 0;
    int number = errno;
    unlink(temporary);
    errno = number;
    return linked;
}

enum sl_code sl_whole_write(const char *path, const char *bytes, size_t len, mode_t mode,
                            bool fresh, struct sl_error *err) {
    char temporary[PATH_MAX];
    int size = snprintf(temporary, sizeof temporary, "%s" ENDING, path);
    if (size < 0 || (size_t)size >= sizeof temporary)
        return refuse(path, ENAMETOOLONG, err);
    if (!may_take(path, fresh))
        return refuse(path, errno, err);
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return refuse(path, errno, err);
    if (fill(file, bytes, len, mode) && give_name(temporary, path, fresh))
        return SL_OK;
    int number = errno;
    unlink(temporary);
    return refuse(path, number, err);
}

enum sl_code sl_whole_folder(const char *path, struct sl_error *err) {
    if (mkdir(path, 0777) == 0)
        return SL_OK;
    return sl_error_set(err, SL_ERR_SYSTEM, "cannot make the folder %s: %s", path,
                        strerror(errno));
}
