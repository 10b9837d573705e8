/* SPDX-License-Identifier: MIT
 * JSON Patch (RFC 6902). A patch is a Lua array of operations { op, path, from, value }.
 */
#ifndef SL_MODULE_PATCH_H
#define SL_MODULE_PATCH_H

#include <stdbool.h>

#include "module/module.h"

#define SL_PATCH_MAX_OPERATIONS 100000
#define SL_PATCH_MAX_GROWTH 10000000 /* values that one patch may add or copy */

enum sl_patch_op {
    SL_PATCH_ADD,
    SL_PATCH_REMOVE,
    SL_PATCH_REPLACE,
    SL_PATCH_MOVE,
    SL_PATCH_COPY,
    SL_PATCH_TEST,
    SL_PATCH_REMOVE_BY, /* the identity operations: ours, resolved before they are sent */
    SL_PATCH_REPLACE_BY,
    SL_PATCH_ADD_UNLESS,
};

static inline bool sl_patch_is_identity(enum sl_patch_op op) {
    return op >= SL_PATCH_REMOVE_BY;
}

/* One operation. Texts and stack slots are the caller's. */
struct sl_patch_step {
    lua_Integer index; /* from 1 */
    enum sl_patch_op op;
    const char *name; /* of the operation, lower case; NULL while unknown */
    const char *path;
    size_t path_len;
    const char *from; /* move and copy only */
    size_t from_len;
};

/* Pushes a patch without operations.                                    [-0, +1, m] */
void slL_patch_push_new(lua_State *L);

/* Reads and checks the operation in the table at `idx`. Raises kind "patch".
 *                                                                       [-0, +0, v] */
void slL_patch_read(lua_State *L, int idx, struct sl_patch_step *step);

/* Appends the operation at the top, checked and in our form, to the patch at `patch`.
 *                                                                       [-1, +0, v] */
void slL_patch_append(lua_State *L, int patch);

/* Pushes the document that the patch at `patch` makes of the one at `document`, which is
 * left as it is; what the patch does not touch is shared. Raises kind "patch" with code,
 * index, op and pointer.                                                [-0, +1, v] */
void slL_patch_apply(lua_State *L, int patch, int document);

/* Pushes the patch in RFC 6902's operations alone that does to `document` what the one at
 * `patch` does. Raises as slL_patch_apply does.                         [-0, +1, v] */
void slL_patch_resolve(lua_State *L, int patch, int document);

/* Pushes the patch that makes `document` again of what the one at `patch` makes of it.
 * Raises as slL_patch_apply does.                                       [-0, +1, v] */
void slL_patch_inverse(lua_State *L, int patch, int document);

/* Raises the error object at the top as one of this operation.          [-1, +0, v] */
int slL_patch_raise(lua_State *L, const struct sl_patch_step *step);

/* Raises kind "patch" with this code for this operation.                [-0, +0, v] */
int slL_patch_fail(lua_State *L, const struct sl_patch_step *step, const char *code,
                   const char *message);

#endif
