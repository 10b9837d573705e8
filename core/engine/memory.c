/* SPDX-License-Identifier: MIT */
#include "engine/memory.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL ((size_t)64)
#define LARGE ((size_t)1 << 18)

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

static void *move_to(void *fresh, void *block, size_t used, size_t old) {
    if (fresh && block) {
        memcpy(fresh, block, used);
        sl_memory_wipe(block, old);
        free(block);
    }
    return fresh;
}

void *sl_memory_move(void *block, size_t old, size_t size) {
    if (!block || size > old)
        return refused() ? NULL : move_to(malloc(size ? size : 1), block, old, old);
    void *fresh = size < old / 2 && !refused() ? malloc(size ? size : 1) : NULL;
    if (fresh)
        return move_to(fresh, block, size, old);
    sl_memory_wipe((char *)block + size, old - size);
    return block;
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

/* The pages within a large block are given back to the kernel, which gives zeros in their
 * place when somebody looks: most of a large block may never have been touched. */
static bool give_back(char *block, size_t size) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)block;
    size_t before = (size_t)((page - start % page) % page);
    size_t inner = (size - before) / page * page;
    if (madvise(block + before, inner, MADV_DONTNEED) != 0)
        return false;
    explicit_bzero(block, before);
    explicit_bzero(block + before + inner, size - before - inner);
    return true;
}

/* Most blocks are a few words, and each that Lua gives back comes here. */
static void wipe_words(volatile char *at, size_t size) {
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), at += sizeof(uint64_t))
        *(volatile uint64_t *)at = 0;
    while (size-- > 0)
        *at++ = 0;
}

void sl_memory_wipe(void *block, size_t size) {
    if (block && size <= SMALL && (uintptr_t)block % sizeof(uint64_t) == 0)
        wipe_words(block, size);
    else if (block && (size < LARGE || !give_back(block, size)))
        explicit_bzero(block, size);
}

void sl_memory_free_wiped(void *block) {
    if (block)
        sl_memory_wipe(block, malloc_usable_size(block));
    free(block);
}

void *sl_memory_resize_wiped(void *block, size_t size) {
    size_t old = block ? malloc_usable_size(block) : 0;
    if (block && size > 0 && size <= old)
        return block;
    void *fresh = malloc(size ? size : 1);
    return move_to(fresh, block, old < size ? old : size, old);
}
