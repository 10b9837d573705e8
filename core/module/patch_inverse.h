/* SPDX-License-Identifier: MIT
 * Undoing single operations. */
#ifndef SL_MODULE_PATCH_INVERSE_H
#define SL_MODULE_PATCH_INVERSE_H

#include "module/patch.h"

/* Appends to the list at `out`, the last one first, the operations that undo this one on
 * the value at `document`: as it is before the operation or, for a move, when the value,
 * at the top of the stack, has been taken from its place but not yet put. Where the
 * operation cannot be carried out, nothing.                             [-0, +0, m] */
void slL_patch_invert(lua_State *L, const struct sl_patch_step *step, int document,
                      int out);

#endif
