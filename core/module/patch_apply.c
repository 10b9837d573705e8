/* SPDX-License-Identifier: MIT
 * Carrying out a patch by path copying. Each table on a touched path is copied once and
 * then belongs to this run; tables that don't are never written to: neither the caller's
 * document nor the values inside the patch. So a patch that fails half-way has changed
 * nothing. */
#include "module/patch.h"

#include <string.h>

#include "module/error.h"
#include "module/json.h"
#include "module/patch_identity.h"
#include "module/patch_inverse.h"
#include "module/patch_list.h"
#include "module/pointer.h"

#define REOPEN 4 /* what opening and closing cost, as shifts of all elements */

/* One run. The numbers are stack slots.
 *
 * A table is owned only when the table that holds it is: only owned tables are written
 * to. So what hangs under a table that is not owned is not owned either. */
struct run {
    lua_State *L;
    int document; /* as far as it is patched */
    int owned;    /* set of tables */
    int operation;
    int resolved;       /* the patch to which plain operations are appended, or 0 */
    int inverse;        /* the list of what undoes them, last first, or 0 */
    lua_Integer growth; /* values added and copied so far */
    int holder;         /* what held the place of the last operation */
    const char *near;   /* the pointer of that holder; NULL: none is known */
    size_t near_len;
    lua_Integer shifted; /* elements moved by one place since a list was reopened */
    struct sl_patch_list list;
    struct sl_patch_step step;
};

/* --- Ownership -------------------------------------------------------------------- */

static bool is_owned(struct run *run) { /* of the table at the top */
    lua_pushvalue(run->L, -1);
    bool owned = lua_rawget(run->L, run->owned) != LUA_TNIL;
    lua_pop(run->L, 1);
    return owned;
}

static void copy_elements(lua_State *L, int from) { /* t → t */
    lua_Integer len = (lua_Integer)lua_rawlen(L, from);
    for (lua_Integer i = 1; i <= len; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, -2, i);
    }
}

static int count_members(lua_State *L, int from) {
    int count = 0;
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1))
        count++;
    return count;
}

static void copy_members(lua_State *L, int from) { /* t → t */
    for (lua_pushnil(L); lua_next(L, from);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

/* Gives the copy at the top the metatable of the table at `from`; an array that only
 * looks like one is marked, or it would be an object once it is empty. */
static void copy_type(lua_State *L, int from, bool array) {
    if (luaL_getmetafield(L, from, "__jsontype") != LUA_TNIL) {
        lua_pop(L, 1);
        lua_getmetatable(L, from);
        lua_setmetatable(L, -2);
    } else if (array) {
        slL_json_mark_array(L, -1);
    }
}

static void note_owned(struct run *run) { /* the table at the top */
    lua_pushvalue(run->L, -1);
    lua_pushboolean(run->L, 1);
    lua_rawset(run->L, run->owned);
}

/* Replaces the table at the top by a copy of its own level, which is owned. With a path,
 * that of an array whose elements the operation changes, the copy of an array is opened.
 */
static void make_owned(struct run *run, const char *path, size_t path_len) {
    lua_State *L = run->L;
    int from = lua_gettop(L);
    bool array = slL_json_is_array(L, from);
    lua_createtable(L, array ? (int)lua_rawlen(L, from) : 0,
                    array ? 0 : count_members(L, from));
    if (!array)
        copy_members(L, from);
    else if (!path)
        copy_elements(L, from);
    copy_type(L, from, array);
    if (array && path) {
        slL_patch_list_close(L, &run->list);
        slL_patch_list_open(L, &run->list, from, path, path_len);
    }
    lua_remove(L, from);
    note_owned(run);
}

/* The value at the top is about to stand at two places. */
static void disown(struct run *run) {
    if (!lua_istable(run->L, -1) || !is_owned(run))
        return;
    slL_patch_list_close(run->L, &run->list);
    lua_newtable(run->L);
    lua_replace(run->L, run->owned);
    run->near = NULL;
}

/* --- Limits ----------------------------------------------------------------------- */

static void fail_limit(struct run *run, const char *message) {
    slL_patch_fail(run->L, &run->step, "limit", message);
}

/* Counts the value at the top, which is to stand `depth` levels below the document.
 * Bounded in depth by SL_JSON_MAX_DEPTH, in time by SL_PATCH_MAX_GROWTH. */
static void count_value(struct run *run, size_t depth) {
    lua_State *L = run->L;
    if (++run->growth > SL_PATCH_MAX_GROWTH)
        fail_limit(run, "a patch adds and copies at most 10000000 values");
    if (!lua_istable(L, -1))
        return;
    if (depth >= SL_JSON_MAX_DEPTH)
        fail_limit(run, "the result would be nested deeper than 512 levels");
    luaL_checkstack(L, 6, "patch value");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        count_value(run, depth + 1);
}

/* --- Places ----------------------------------------------------------------------- */

/* Pushes what the current token names in the value at `holder`, or raises. */
static void push_child(struct run *run, int holder, const struct sl_pointer *pointer) {
    lua_State *L = run->L;
    if (slL_patch_list_is(L, &run->list, holder)) {
        lua_Integer index = sl_pointer_index(pointer);
        if (index >= 0 && index < sl_patch_list_count(&run->list)) {
            slL_patch_list_push(L, &run->list, index);
            return;
        }
        slL_patch_list_close(L, &run->list);
    }
    if (!slL_pointer_step(L, holder, pointer))
        slL_patch_raise(L, &run->step);
}

/* Puts the value at the top where the current token names an existing member or element
 * of the table at `holder`.                                             [-1, +0, m] */
static void set_existing(struct run *run, int holder, const struct sl_pointer *pointer) {
    lua_State *L = run->L;
    if (slL_patch_list_is(L, &run->list, holder)) {
        slL_patch_list_set(L, &run->list, sl_pointer_index(pointer));
    } else if (slL_json_is_array(L, holder)) {
        lua_rawseti(L, holder, sl_pointer_index(pointer) + 1);
    } else {
        slL_pointer_push_token(L, pointer);
        lua_insert(L, -2);
        lua_rawset(L, holder);
    }
}

/* The value at the top becomes the document. */
static void set_document(struct run *run) {
    slL_patch_list_close(run->L, &run->list);
    lua_replace(run->L, run->document);
    run->near = NULL;
}

/* Pushes the document, owned. */
static void own_document(struct run *run, const char *path) {
    lua_State *L = run->L;
    lua_pushvalue(L, run->document);
    if (lua_istable(L, -1) && !is_owned(run)) {
        make_owned(run, path, 0);
        lua_pushvalue(L, -1);
        lua_replace(L, run->document);
    }
}

/* Goes from the owned table at the top to what the current token names, and owns it. */
static void own_child(struct run *run, const struct sl_pointer *pointer,
                      const char *path) {
    lua_State *L = run->L;
    push_child(run, lua_gettop(L), pointer);
    if (lua_istable(L, -1) && !is_owned(run)) {
        make_owned(run, path, (size_t)(pointer->at - pointer->start));
        lua_pushvalue(L, -1);
        set_existing(run, lua_gettop(L) - 2, pointer);
    }
    lua_remove(L, -2);
}

static size_t parent_len(const char *text, size_t len) {
    while (len && text[len - 1] != '/')
        len--;
    return len ? len - 1 : 0;
}

/* Neighbouring operations mostly change the same array. */
static bool is_near(const struct run *run, const char *text, size_t parent) {
    return run->near && run->near_len == parent && memcmp(run->near, text, parent) == 0;
}

/* Goes the way from the open list, or from the document; pushes the last holder. */
static void own_way(struct run *run, struct sl_pointer *pointer, size_t parent) {
    const char *text = pointer->start, *end = text + parent;
    if (sl_patch_list_leads(&run->list, text, (size_t)(pointer->end - text))) {
        lua_pushvalue(run->L, run->list.array);
        pointer->at = text + run->list.path_len;
    } else {
        slL_patch_list_close(run->L, &run->list);
        own_document(run, parent == 0 ? text : NULL);
    }
    while (sl_pointer_next(pointer) && !sl_pointer_is_last(pointer))
        own_child(run, pointer, pointer->at == end ? text : NULL);
}

/* Pushes what holds the place that `text` names, owned where it is a table, and leaves
 * the pointer at the last token. `text` is not empty, and lives as long as the run. */
static struct sl_pointer push_holder(struct run *run, const char *text, size_t len) {
    lua_State *L = run->L;
    struct sl_pointer pointer = sl_pointer_start(text, len);
    size_t parent = parent_len(text, len);
    if (is_near(run, text, parent)) {
        lua_pushvalue(L, run->holder);
        pointer.at = text + parent;
        sl_pointer_next(&pointer);
        return pointer;
    }
    own_way(run, &pointer, parent);
    lua_pushvalue(L, -1);
    lua_replace(L, run->holder);
    run->near = text;
    run->near_len = parent;
    return pointer;
}

/* Pushes what `text` names in the open list; false where there is nothing. */
static bool push_listed(struct run *run, const char *text, size_t len) {
    lua_State *L = run->L;
    struct sl_pointer pointer = sl_pointer_start(text, len);
    pointer.at = text + run->list.path_len;
    sl_pointer_next(&pointer);
    lua_Integer index = sl_pointer_index(&pointer);
    if (index < 0 || index >= sl_patch_list_count(&run->list))
        return false;
    slL_patch_list_push(L, &run->list, index);
    bool found = slL_pointer_find(L, -1, pointer.at, (size_t)(text + len - pointer.at));
    lua_remove(L, -2);
    lua_pop(L, found ? 0 : 1);
    return found;
}

/* Pushes what `text` names. */
static void push_value_at(struct run *run, const char *text, size_t len) {
    if (sl_patch_list_leads(&run->list, text, len) && push_listed(run, text, len))
        return;
    slL_patch_list_close(run->L, &run->list);
    if (!slL_pointer_get(run->L, run->document, text, len))
        slL_patch_raise(run->L, &run->step);
}

static void push_value(struct run *run) {
    lua_pushliteral(run->L, "value");
    lua_rawget(run->L, run->operation);
}

/* --- Operations ------------------------------------------------------------------- */

/* Before `moved` elements of the array at the top, the last holder, are shifted: opens it
 * once that has been done so often that opening costs no more. */
static void note_shift(struct run *run, lua_Integer moved) {
    lua_State *L = run->L;
    run->shifted += moved;
    if (!run->near || run->shifted <= REOPEN * (lua_Integer)lua_rawlen(L, -1))
        return;
    run->shifted = 0;
    slL_patch_list_close(L, &run->list);
    slL_patch_list_reopen(L, &run->list, run->near, run->near_len);
}

static void shift_up(lua_State *L, int array, lua_Integer index) {
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, array); i > index; i--) {
        lua_rawgeti(L, array, i);
        lua_rawseti(L, array, i + 1);
    }
}

static lua_Integer array_len(struct run *run, int array) {
    if (slL_patch_list_is(run->L, &run->list, array))
        return sl_patch_list_count(&run->list);
    return (lua_Integer)lua_rawlen(run->L, array);
}

static void raise_place(struct run *run, int holder, const struct sl_pointer *pointer) {
    slL_patch_list_close(run->L, &run->list);
    slL_pointer_step(run->L, holder, pointer); /* the same words as for a lookup */
    slL_patch_raise(run->L, &run->step);
}

/* value holder → holder */
static void insert_element(struct run *run, const struct sl_pointer *pointer) {
    lua_State *L = run->L;
    int holder = lua_gettop(L);
    lua_Integer len = array_len(run, holder);
    bool at_end = pointer->len == 1 && pointer->token[0] == '-';
    lua_Integer index = at_end ? len : sl_pointer_index(pointer);
    if (index < 0 || index > len)
        raise_place(run, holder, pointer);
    if (!slL_patch_list_is(L, &run->list, holder))
        note_shift(run, len - index);
    bool open = slL_patch_list_is(L, &run->list, holder);
    lua_insert(L, -2);
    if (open) {
        slL_patch_list_insert(L, &run->list, index);
        return;
    }
    shift_up(L, holder - 1, index);
    lua_rawseti(L, holder - 1, index + 1);
}

/* Puts the value at the top at the place of the step. */
static void put(struct run *run) {
    lua_State *L = run->L;
    if (run->step.path_len == 0) {
        set_document(run);
        return;
    }
    struct sl_pointer pointer = push_holder(run, run->step.path, run->step.path_len);
    enum sl_json_type type = slL_json_type(L, -1); /* of: value holder */
    if (type == SL_JSON_ARRAY) {
        insert_element(run, &pointer);
    } else if (type == SL_JSON_OBJECT) {
        slL_pointer_push_token(L, &pointer);
        lua_rotate(L, -3, -1);
        lua_rawset(L, -3);
    } else {
        raise_place(run, lua_gettop(L), &pointer);
    }
    lua_pop(L, 1);
}

static void shift_down(lua_State *L, int array, lua_Integer index) {
    lua_Integer len = (lua_Integer)lua_rawlen(L, array);
    for (lua_Integer i = index + 1; i < len; i++) {
        lua_rawgeti(L, array, i + 1);
        lua_rawseti(L, array, i);
    }
    lua_pushnil(L);
    lua_rawseti(L, array, len);
}

static void remove_element(struct run *run, lua_Integer index) { /* holder → holder */
    lua_State *L = run->L;
    int holder = lua_gettop(L);
    if (!slL_patch_list_is(L, &run->list, holder))
        note_shift(run, array_len(run, holder) - index);
    if (slL_patch_list_is(L, &run->list, holder))
        sl_patch_list_remove(&run->list, index);
    else
        shift_down(L, holder, index);
}

/* Takes what `text` names out of the document and pushes it. */
static void take(struct run *run, const char *text, size_t len) {
    lua_State *L = run->L;
    if (len == 0)
        slL_patch_fail(L, &run->step, "remove_document",
                       "the whole document cannot be removed");
    struct sl_pointer pointer = push_holder(run, text, len);
    push_child(run, lua_gettop(L), &pointer);
    lua_insert(L, -2); /* value holder */
    if (slL_json_is_array(L, -1)) {
        remove_element(run, sl_pointer_index(&pointer));
    } else {
        slL_pointer_push_token(L, &pointer);
        lua_pushnil(L);
        lua_rawset(L, -3);
    }
    lua_pop(L, 1);
}

static size_t path_depth(const struct run *run) {
    return sl_pointer_depth(run->step.path, run->step.path_len);
}

/* Notes what undoes the operation, before it is carried out; of a move, after the value,
 * at the top, is taken. What stands in the document and in the note, too, is no longer
 * owned. */
static void note_inverse(struct run *run) {
    lua_State *L = run->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, run->inverse);
    slL_patch_list_close(L, &run->list);
    slL_patch_invert(L, &run->step, run->document, run->inverse);
    lua_Integer after = (lua_Integer)lua_rawlen(L, run->inverse);
    for (lua_Integer i = count + 1; i <= after; i++) {
        lua_rawgeti(L, run->inverse, i);
        lua_getfield(L, -1, "value");
        disown(run);
        lua_pop(L, 2);
    }
}

static void do_add(struct run *run) {
    push_value(run);
    count_value(run, path_depth(run));
    put(run);
}

static void do_remove(struct run *run) {
    take(run, run->step.path, run->step.path_len);
    lua_pop(run->L, 1);
}

static void do_replace(struct run *run) {
    lua_State *L = run->L;
    push_value(run);
    count_value(run, path_depth(run));
    if (run->step.path_len == 0) {
        set_document(run);
        return;
    }
    struct sl_pointer pointer = push_holder(run, run->step.path, run->step.path_len);
    push_child(run, lua_gettop(L), &pointer);
    lua_pop(L, 1);
    lua_insert(L, -2); /* holder value */
    set_existing(run, lua_gettop(L) - 1, &pointer);
    lua_pop(L, 1);
}

static void do_move(struct run *run) {
    const struct sl_patch_step *step = &run->step;
    if (step->from_len == step->path_len &&
        memcmp(step->from, step->path, step->path_len) == 0) {
        push_value_at(run, step->from, step->from_len); /* it must be there */
        lua_pop(run->L, 1);
        return;
    }
    take(run, step->from, step->from_len);
    if (run->inverse)
        note_inverse(run);
    if (path_depth(run) > sl_pointer_depth(step->from, step->from_len))
        count_value(run, path_depth(run));
    put(run);
}

static void do_copy(struct run *run) {
    push_value_at(run, run->step.from, run->step.from_len);
    count_value(run, path_depth(run));
    disown(run);
    put(run);
}

static bool is_short(lua_State *L, int idx) {
    return !lua_istable(L, idx) && !lua_isfunction(L, idx) && lua_rawlen(L, idx) <= 60;
}

static void do_test(struct run *run) { /* … found expected */
    lua_State *L = run->L;
    push_value_at(run, run->step.path, run->step.path_len);
    push_value(run);
    if (slL_json_equal(L, -2, -1)) {
        lua_pop(L, 2);
        return;
    }
    const char *message = "the value there is not the expected one";
    if (is_short(L, -2) && is_short(L, -1)) {
        slL_json_encode(L, -2, 0);
        slL_json_encode(L, -2, 0);
        message = lua_pushfstring(L, "the value there is %s, not %s", lua_tostring(L, -2),
                                  lua_tostring(L, -1));
    }
    slL_patch_fail(L, &run->step, "test_failed", message);
}

static void (*const actions[])(struct run *run) = {
    [SL_PATCH_ADD] = do_add,         [SL_PATCH_REMOVE] = do_remove,
    [SL_PATCH_REPLACE] = do_replace, [SL_PATCH_MOVE] = do_move,
    [SL_PATCH_COPY] = do_copy,       [SL_PATCH_TEST] = do_test,
};

/* --- The whole -------------------------------------------------------------------- */

/* Carries out the operation at the top, which run->step tells, and pops it. */
static void do_operation(struct run *run) {
    lua_State *L = run->L;
    run->operation = lua_gettop(L);
    if (run->resolved) {
        lua_pushvalue(L, run->operation);
        slL_patch_append(L, run->resolved);
    }
    if (run->inverse && run->step.op != SL_PATCH_MOVE)
        note_inverse(run);
    actions[run->step.op](run);
    lua_settop(L, run->operation - 1);
}

/* Carries out what the identity operations from `first` on come to; gives how many. */
static lua_Integer do_identity(struct run *run, int patch, lua_Integer first) {
    lua_State *L = run->L;
    slL_patch_list_close(L, &run->list);
    lua_newtable(L);
    int list = lua_gettop(L);
    lua_Integer done = slL_patch_resolve_at(L, patch, first, run->document, list);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        run->step = (struct sl_patch_step){.index = first};
        lua_rawgeti(L, list, i);
        slL_patch_read(L, lua_gettop(L), &run->step);
        do_operation(run);
    }
    slL_patch_list_close(L, &run->list);
    lua_settop(L, list - 1);
    run->near = NULL; /* its text went with the list */
    return done;
}

static void do_all(struct run *run, int patch) {
    lua_State *L = run->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, patch);
    for (lua_Integer i = 1; i <= count;) {
        run->step = (struct sl_patch_step){.index = i};
        if (i > SL_PATCH_MAX_OPERATIONS)
            fail_limit(run, "a patch holds at most 100000 operations");
        lua_rawgeti(L, patch, i);
        slL_patch_read(L, lua_gettop(L), &run->step);
        if (sl_patch_is_identity(run->step.op)) {
            lua_pop(L, 1);
            i += do_identity(run, patch, i);
        } else {
            do_operation(run);
            i++;
        }
    }
    slL_patch_list_close(L, &run->list);
}

/* Pushes the document and what else the run needs. */
static void start(struct run *run, int document) {
    lua_State *L = run->L;
    luaL_checkstack(L, 20, "patch");
    lua_pushvalue(L, document);
    run->document = lua_gettop(L);
    lua_createtable(L, 0, 8);
    run->owned = lua_gettop(L);
    lua_pushnil(L);
    run->holder = lua_gettop(L);
    slL_patch_list_start(L, &run->list);
}

void slL_patch_apply(lua_State *L, int patch, int document) {
    struct run run = {.L = L};
    patch = lua_absindex(L, patch);
    start(&run, document);
    do_all(&run, patch);
    lua_settop(L, run.document);
}

void slL_patch_resolve(lua_State *L, int patch, int document) {
    struct run run = {.L = L};
    patch = lua_absindex(L, patch);
    document = lua_absindex(L, document);
    slL_patch_push_new(L);
    run.resolved = lua_gettop(L);
    start(&run, document);
    do_all(&run, patch);
    lua_settop(L, run.resolved);
}

void slL_patch_inverse(lua_State *L, int patch, int document) {
    struct run run = {.L = L};
    patch = lua_absindex(L, patch);
    document = lua_absindex(L, document);
    slL_patch_push_new(L);
    int result = lua_gettop(L);
    lua_newtable(L);
    run.inverse = lua_gettop(L);
    start(&run, document);
    do_all(&run, patch);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, run.inverse); i > 0; i--) {
        lua_rawgeti(L, run.inverse, i);
        slL_patch_append(L, result);
    }
    lua_settop(L, result);
}
