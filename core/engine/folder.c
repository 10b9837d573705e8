/* SPDX-License-Identifier: MIT */
#include "engine/folder.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static enum sl_code refuse(const char *path, int number, struct sl_error *err) {
    return sl_error_set(err, SL_ERR_SYSTEM, "cannot make the folder %s: %s", path,
                        strerror(number));
}

static enum sl_code make_one(const char *path, mode_t mode, struct sl_error *err) {
    struct stat found;
    if (mkdir(path, mode) == 0)
        return SL_OK;
    int number = errno;
    if (stat(path, &found) == 0)
        return S_ISDIR(found.st_mode) ? SL_OK : refuse(path, ENOTDIR, err);
    return refuse(path, number, err);
}

enum sl_code sl_folder_make(const char *path, size_t len, mode_t mode,
                            struct sl_error *err) {
    char text[PATH_MAX];
    if (len == 0 || memchr(path, '\0', len))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "the name of a folder is empty or holds a NUL byte");
    if (len >= sizeof text)
        return sl_error_set(err, SL_ERR_SYSTEM, "cannot make a folder: %s",
                            strerror(ENAMETOOLONG));
    memcpy(text, path, len);
    text[len] = '\0';
    enum sl_code code = SL_OK;
    for (size_t i = 1; i < len && code == SL_OK; i++) {
        if (text[i] != '/')
            continue;
        text[i] = '\0';
        code = make_one(text, mode, err);
        text[i] = '/';
    }
    return code == SL_OK ? make_one(text, mode, err) : code;
}
