/* SPDX-License-Identifier: MIT */
#include "engine/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER_ONLY (S_IRUSR | S_IWUSR)

/* Empties a regular file once nobody else can read what will be in it. */
static int make_private(int fd) {
    struct stat found;
    if (fstat(fd, &found) != 0)
        return -1;
    if (!S_ISREG(found.st_mode))
        return 0;
    return fchmod(fd, OWNER_ONLY) == 0 ? ftruncate(fd, 0) : -1;
}

static FILE *open_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, OWNER_ONLY);
    if (fd < 0)
        return NULL;
    FILE *file = make_private(fd) == 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        int number = errno;
        close(fd);
        errno = number;
    }
    return file;
}

enum sl_code sl_output_open(const char *path, size_t len, FILE **file,
                            struct sl_error *err) {
    if (len == 0 || memchr(path, '\0', len))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "the name of a file is empty or holds a NUL byte");
    char *name = sl_memory_dup(path, len);
    if (!name)
        return sl_error_memory(err);
    FILE *opened = open_file(name);
    enum sl_code code = SL_OK;
    if (opened)
        *file = opened;
    else
        code = sl_error_set(err, SL_ERR_SYSTEM, "cannot write %s: %s", name,
                            strerror(errno));
    sl_memory_free(name);
    return code;
}
