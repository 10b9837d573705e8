/* SPDX-License-Identifier: MIT */
#include "engine/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- finding
 * -------------------------------------------------------------------------------- */

static enum sl_code refuse(const char *path, int number, struct sl_error *err) {
    return sl_error_set(err, SL_ERR_SYSTEM, "%.300s: %s", path, strerror(number));
}

/* Cuts the last name off a path, and gives it: "" where a slash ends the path. */
static const char *cut_name(char *path) {
    char *slash = strrchr(path, '/');
    *slash = '\0';
    return slash + 1;
}

/* What does not exist cannot be stepped out of. */
static bool is_step(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Appends "/name" to the place; false when there is no room. */
static bool append(char *place, const char *name) {
    size_t len = strcmp(place, "/") == 0 ? 0 : strlen(place), more = strlen(name);
    if (more == 0)
        return true; /* of a slash at the end */
    if (len + 1 + more >= PATH_MAX)
        return false;
    place[len] = '/';
    memcpy(place + len + 1, name, more + 1);
    return true;
}

/* The place of the absolute path, which it cuts. */
static int find(char *path, char place[PATH_MAX]) {
    if (realpath(*path ? path : "/", place))
        return 0;
    if (errno != ENOENT || *path == '\0')
        return errno;
    const char *name = cut_name(path);
    if (is_step(name))
        return ENOENT;
    int number = find(path, place);
    if (number == 0 && !append(place, name))
        number = ENAMETOOLONG;
    return number;
}

enum sl_code sl_place_find(const char *path, size_t len, char place[PATH_MAX],
                           struct sl_error *err) {
    char whole[PATH_MAX] = "";
    size_t start = 0;
    if (len == 0 || memchr(path, '\0', len))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "the name of a file is empty or holds a NUL byte");
    if (*path != '/') {
        if (!getcwd(whole, sizeof whole))
            return refuse("the working directory", errno, err);
        start = strlen(whole);
        whole[start++] = '/'; /* there is room: PATH_MAX counts the NUL, checked below */
    }
    if (start + len >= sizeof whole)
        return refuse("the name of a file", ENAMETOOLONG, err);
    memcpy(whole + start, path, len);
    whole[start + len] = '\0';
    int number = find(whole, place);
    return number == 0 ? SL_OK : refuse("the file", number, err);
}

/* ---- opening
 * -------------------------------------------------------------------------------- */

#define FILE_MODE 0666

/* Goes from the folder `at`, which it closes, to the next one. */
static int enter(int at, const char *name, size_t len) {
    char copy[NAME_MAX + 1];
    int next = -1;
    errno = ENAMETOOLONG;
    if (len < sizeof copy) {
        memcpy(copy, name, len);
        copy[len] = '\0';
        next = openat(at, copy, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    int number = errno;
    close(at);
    errno = number;
    return next;
}

/* Opens the folder of a place, and tells the name in it. */
static int open_folder(const char *place, const char **name) {
    int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *from = place + 1;
    for (const char *slash; at >= 0 && (slash = strchr(from, '/')); from = slash + 1)
        at = enter(at, from, (size_t)(slash - from));
    *name = from;
    return at;
}

static int flags_of(const char *mode) {
    bool both = strchr(mode, '+') != NULL;
    if (*mode == 'r')
        return both ? O_RDWR : O_RDONLY;
    return (both ? O_RDWR : O_WRONLY) | O_CREAT | (*mode == 'a' ? O_APPEND : 0);
}

/* What is open must be a file; it is emptied not before that is known. */
static int check_file(int fd, const char *mode) {
    struct stat found;
    if (fstat(fd, &found) != 0)
        return errno;
    if (!S_ISREG(found.st_mode))
        return EINVAL;
    return *mode == 'w' && ftruncate(fd, 0) != 0 ? errno : 0;
}

int sl_place_open(const char *place, const char *mode, FILE **file) {
    const char *name;
    int folder = open_folder(place, &name);
    if (folder < 0)
        return errno;
    /* not blocking: a pipe would wait for its other end */
    int fd = openat(folder, *name ? name : ".",
                    flags_of(mode) | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                    FILE_MODE);
    int number = fd < 0 ? errno : check_file(fd, mode);
    close(folder);
    *file = number == 0 ? fdopen(fd, mode) : NULL;
    if (number == 0 && !*file)
        number = errno;
    if (number != 0 && fd >= 0)
        close(fd);
    return number;
}
