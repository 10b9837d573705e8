/* SPDX-License-Identifier: MIT
 * Comparing two documents. */
#ifndef SL_MODULE_PATCH_DIFF_H
#define SL_MODULE_PATCH_DIFF_H

#include <stdbool.h>

#include "module/module.h"

struct sl_patch_diff_options {
    int keys; /* stack slot of a table: pattern of an array → pointer of its key; or 0 */
    bool test;  /* guard each change by a test of the value before */
    bool whole; /* replace changed elements of keyed arrays as a whole */
};

/* Appends to the array at `operations` what makes the value at `b` of the one at `a`.
 * Values are shared with `b` (and, in tests, with `a`). Raises kind "json" for what is
 * not JSON.                                                             [-0, +0, v] */
void slL_patch_diff(lua_State *L, int operations, int a, int b,
                    const struct sl_patch_diff_options *options);

/* patch.diff(a, b [, { keys =, test =, whole = }]) → patch              [-0, +1, v] */
int slL_patch_diff_lua(lua_State *L);

/* Pushes the keys of a dataflow's arrays.                               [-0, +1, m] */
void slL_patch_push_flow_keys(lua_State *L);

/* Pairs the elements of two keyed arrays: pairs[i] is the index in `b`, from 0, of the
 * element with the key of the i-th in `a`, or -1; fresh[j] says that the j-th of `b` has
 * no partner. False where a key is missing or doubled.                  [-0, +0, m] */
bool slL_patch_pair(lua_State *L, int a, int b, const char *text, size_t len, int *pairs,
                    bool *fresh);

/* The pointer of the key for the array at `path`, from the table at `keys`; NULL where
 * none of its patterns fits.                                            [-0, +0, -] */
const char *slL_patch_key(lua_State *L, int keys, const char *path, size_t path_len,
                          size_t *key_len);

/* Are there patterns in the table at `keys` for arrays more than `depth` parts down?
 *                                                                       [-0, +0, -] */
bool slL_patch_has_keys_below(lua_State *L, int keys, size_t depth);

#endif
