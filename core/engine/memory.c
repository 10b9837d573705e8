/* SPDX-License-Identifier: MIT */
#include "engine/memory.h"

#include <stdlib.h>
#include <string.h>

static long allowance = -1; /* negative: no limit */

static int refused(void) {
    if (allowance < 0)
        return 0;
    if (allowance == 0)
        return 1;
    allowance--;
    return 0;
}

void sl_memory_fail_after(long count) {
    allowance = count;
}

void *sl_memory_new(size_t size) {
    return refused() ? NULL : calloc(1, size ? size : 1);
}

void *sl_memory_resize(void *block, size_t size) {
    return refused() ? NULL : realloc(block, size ? size : 1);
}

char *sl_memory_dup(const char *text, size_t len) {
    char *copy = sl_memory_new(len + 1);
    if (copy && len)
        memcpy(copy, text, len);
    return copy;
}

void sl_memory_free(void *block) {
    free(block);
}

void sl_memory_wipe(void *block, size_t size) {
    if (block)
        explicit_bzero(block, size);
}
