/* SPDX-License-Identifier: MIT
 * Each element is a number: i, from 0, where it is one of `source`; -1 - i where it is
 * one of `added`. */
#include "module/patch_list.h"

#include <limits.h>
#include <string.h>

#include "module/error.h"

#define FIRST_ADDED 8 /* elements for which there is room at once */

void slL_patch_list_start(lua_State *L, struct sl_patch_list *list) {
    int top = lua_gettop(L);
    *list = (struct sl_patch_list){.array = top + 1, .source = top + 2};
    list->added = top + 3;
    list->memory = top + 4;
    lua_settop(L, list->memory);
}

/* --- Numbers ---------------------------------------------------------------------- */

static int *number_at(const struct sl_patch_list *list, lua_Integer index) {
    return (int *)(void *)list->order->data + index;
}

lua_Integer sl_patch_list_count(const struct sl_patch_list *list) {
    return (lua_Integer)(list->order->len / sizeof(int));
}

static void make_room(lua_State *L, struct sl_patch_list *list, size_t count) {
    struct sl_error err = {0};
    if (sl_buffer_reserve(list->order, count * sizeof(int), &err) != SL_OK)
        slL_error_engine(L, &err);
}

static void make_order(lua_State *L, struct sl_patch_list *list) {
    if (list->order)
        return;
    list->order = slL_buffer_new(L, "the list of elements", INT_MAX);
    list->order->secret = false;
    lua_replace(L, list->memory);
    lua_createtable(L, FIRST_ADDED, 0);
    lua_replace(L, list->added);
}

static void fill_order(lua_State *L, struct sl_patch_list *list, lua_Integer count) {
    list->order->len = 0;
    make_room(L, list, (size_t)count + 1);
    list->order->len = (size_t)count * sizeof(int);
    for (int i = 0; i < count; i++)
        *number_at(list, i) = i;
}

/* Takes the value at the top; gives its number. */
static int number_new(lua_State *L, struct sl_patch_list *list) {
    lua_rawseti(L, list->added, ++list->came);
    return (int)-list->came;
}

/* --- Opening and closing ---------------------------------------------------------- */

/* Opens the array at the top; the one at `source` has the elements. */
static void open_array(lua_State *L, struct sl_patch_list *list, int source,
                       const char *path, size_t path_len) {
    make_order(L, list);
    fill_order(L, list, (lua_Integer)lua_rawlen(L, source));
    lua_pushvalue(L, source);
    lua_replace(L, list->source);
    lua_pushvalue(L, -1);
    lua_replace(L, list->array);
    list->path = path;
    list->path_len = path_len;
}

void slL_patch_list_open(lua_State *L, struct sl_patch_list *list, int source,
                         const char *path, size_t path_len) {
    list->held = 0;
    open_array(L, list, source, path, path_len);
}

void slL_patch_list_reopen(lua_State *L, struct sl_patch_list *list, const char *path,
                           size_t path_len) {
    list->held = (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)list->held, 0);
    for (lua_Integer i = 1; i <= list->held; i++) {
        lua_rawgeti(L, -2, i);
        lua_rawseti(L, -2, i);
    }
    lua_insert(L, -2); /* elements array */
    open_array(L, list, lua_gettop(L) - 1, path, path_len);
    lua_remove(L, -2);
}

static void forget_added(lua_State *L, struct sl_patch_list *list) {
    if (list->came == 0)
        return;
    list->came = 0;
    lua_createtable(L, FIRST_ADDED, 0);
    lua_replace(L, list->added);
}

void slL_patch_list_close(lua_State *L, struct sl_patch_list *list) {
    if (!list->path)
        return;
    lua_Integer count = sl_patch_list_count(list);
    for (lua_Integer i = 0; i < count; i++) {
        slL_patch_list_push(L, list, i);
        lua_rawseti(L, list->array, i + 1);
    }
    for (lua_Integer i = list->held; i > count; i--) {
        lua_pushnil(L);
        lua_rawseti(L, list->array, i);
    }
    list->path = NULL;
    forget_added(L, list);
}

/* --- Elements --------------------------------------------------------------------- */

bool slL_patch_list_is(lua_State *L, const struct sl_patch_list *list, int idx) {
    return list->path && lua_rawequal(L, idx, list->array);
}

bool sl_patch_list_leads(const struct sl_patch_list *list, const char *text, size_t len) {
    return list->path && len > list->path_len && text[list->path_len] == '/' &&
           memcmp(text, list->path, list->path_len) == 0;
}

void slL_patch_list_push(lua_State *L, const struct sl_patch_list *list,
                         lua_Integer index) {
    int number = *number_at(list, index);
    if (number >= 0)
        lua_rawgeti(L, list->source, (lua_Integer)number + 1);
    else
        lua_rawgeti(L, list->added, -(lua_Integer)number);
}

void slL_patch_list_set(lua_State *L, struct sl_patch_list *list, lua_Integer index) {
    int *number = number_at(list, index);
    if (*number < 0)
        lua_rawseti(L, list->added, -(lua_Integer)*number);
    else
        *number = number_new(L, list);
}

void slL_patch_list_insert(lua_State *L, struct sl_patch_list *list, lua_Integer index) {
    make_room(L, list, 1);
    int *number = number_at(list, index);
    memmove(number + 1, number,
            (size_t)(sl_patch_list_count(list) - index) * sizeof(int));
    list->order->len += sizeof(int);
    *number = number_new(L, list);
}

void sl_patch_list_remove(struct sl_patch_list *list, lua_Integer index) {
    int *number = number_at(list, index);
    list->order->len -= sizeof(int);
    memmove(number, number + 1,
            (size_t)(sl_patch_list_count(list) - index) * sizeof(int));
}
