/* SPDX-License-Identifier: MIT */
#include "host/guard.h"

#include <lua.h>
#include <sys/prctl.h>

#include "engine/memory.h"

static void *allocate(void *context, void *block, size_t old, size_t size) {
    (void)context;
    if (size > 0)
        return sl_memory_move(block, block ? old : 0, size); /* else `old` is a type */
    if (block)
        sl_memory_wipe(block, old);
    sl_memory_free(block);
    return NULL;
}

void sl_guard_begin(struct lua_State *L) {
    prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    lua_setallocf(L, allocate, NULL);
}

void sl_guard_end(void) {
    prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
}
