/* SPDX-License-Identifier: MIT
 * Operations that name elements of an array by what they are, not by where they stand. */
#ifndef SL_MODULE_PATCH_IDENTITY_H
#define SL_MODULE_PATCH_IDENTITY_H

#include "module/patch.h"

/* Checks the member "match" of the operation in the table at `idx`. Raises kind "patch",
 * code "wrong_match".                                                   [-0, +0, v] */
void slL_patch_check_match(lua_State *L, int idx, const struct sl_patch_step *step);

/* Resolves the operation `first` of the patch, and those after it that can be resolved
 * together with it, against the value at `document`. Appends plain operations to the list
 * at `out`: for each array replacements, then removals from the end on, then additions,
 * so that no index depends on the operations before it. Gives how many operations are
 * resolved. Raises kind "patch", code "not_found", "ambiguous" or "not_array".
 *                                                                       [-0, +0, v] */
lua_Integer slL_patch_resolve_at(lua_State *L, int patch, lua_Integer first, int document,
                                 int out);

#endif
