/* SPDX-License-Identifier: MIT
 * The one allocation gate. Tests make the n-th allocation fail to prove that running out
 * of memory is handled everywhere. */
#ifndef SL_ENGINE_MEMORY_H
#define SL_ENGINE_MEMORY_H

#include <stddef.h>

#define SL_MUST_USE __attribute__((warn_unused_result))

/* `size` bytes, zeroed; NULL when memory runs out. */
SL_MUST_USE void *sl_memory_new(size_t size);

/* Grows or shrinks `block` (NULL: a new one); NULL leaves `block` as it was. */
SL_MUST_USE void *sl_memory_resize(void *block, size_t size);

/* The same with `old` bytes known to be in use, and without a trace: what is given back
 * is wiped. Getting smaller never fails. New bytes are not zeroed. */
SL_MUST_USE void *sl_memory_move(void *block, size_t old, size_t size);

/* A NUL-terminated copy of `len` bytes; NULL when memory runs out. */
SL_MUST_USE char *sl_memory_dup(const char *text, size_t len);

/* Gives `block` back; NULL is allowed. */
void sl_memory_free(void *block);

/* Makes `size` bytes of the heap zero, in a way that is not optimised away. For secrets.
 */
void sl_memory_wipe(void *block, size_t size);

/* For libraries that take an allocator: as free and realloc, for blocks of malloc, but
 * what is given back is wiped. */
void sl_memory_free_wiped(void *block);
SL_MUST_USE void *sl_memory_resize_wiped(void *block, size_t size);

/* Lets the next `count` allocations succeed and each one after them fail. Negative: never
 * fail. */
void sl_memory_fail_after(long count);

#endif
