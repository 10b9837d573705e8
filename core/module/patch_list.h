/* SPDX-License-Identifier: MIT
 * The array whose elements a patch moves about. While it is open it is a list of numbers,
 * so that an insertion or a removal moves a few bytes; closing it puts each element in
 * its place, once. Indexes count from 0. */
#ifndef SL_MODULE_PATCH_LIST_H
#define SL_MODULE_PATCH_LIST_H

#include <stdbool.h>

#include "module/buffer.h"

/* The numbers are stack slots. */
struct sl_patch_list {
    const char *path; /* of the array, the caller's text; NULL: none is open */
    size_t path_len;
    int array;         /* not to be read while it is open */
    int source, added; /* tables: the elements it began with, and those that came */
    lua_Integer held;  /* elements that stand in `array` itself */
    lua_Integer came;
    int memory; /* of order */
    struct sl_buffer *order;
};

/* Pushes the slots of a list; none is open.                             [-0, +4, -] */
void slL_patch_list_start(lua_State *L, struct sl_patch_list *list);

/* Opens the empty array at the top, which is to have the elements of the table at
 * `source`; that table is never written to. No other array may be open. [-0, +0, m] */
void slL_patch_list_open(lua_State *L, struct sl_patch_list *list, int source,
                         const char *path, size_t path_len);

/* Opens the array at the top with its own elements.                     [-0, +0, m] */
void slL_patch_list_reopen(lua_State *L, struct sl_patch_list *list, const char *path,
                           size_t path_len);

/* Puts the elements in their places, if an array is open.               [-0, +0, m] */
void slL_patch_list_close(lua_State *L, struct sl_patch_list *list);

/* Is the value at `idx` the open array? */
bool slL_patch_list_is(lua_State *L, const struct sl_patch_list *list, int idx);

/* Does the pointer lead to an element of the open array, or into one? */
bool sl_patch_list_leads(const struct sl_patch_list *list, const char *text, size_t len);

lua_Integer sl_patch_list_count(const struct sl_patch_list *list);

/* Pushes an element.                                                    [-0, +1, -] */
void slL_patch_list_push(lua_State *L, const struct sl_patch_list *list,
                         lua_Integer index);

/* The value at the top becomes, or is put before, the element with that index; put before
 * the one at the count it comes last.                                   [-1, +0, m] */
void slL_patch_list_set(lua_State *L, struct sl_patch_list *list, lua_Integer index);
void slL_patch_list_insert(lua_State *L, struct sl_patch_list *list, lua_Integer index);

void sl_patch_list_remove(struct sl_patch_list *list, lua_Integer index);

#endif
