/* SPDX-License-Identifier: MIT */
#include "module/patch_identity.h"

#include <string.h>

#include "module/json.h"
#include "module/pointer.h"

#define MAX_ARRAYS 16 /* of one group */

/* --- Matches ---------------------------------------------------------------------- */

static int fail_match(lua_State *L, const struct sl_patch_step *step,
                      const char *message) {
    return slL_patch_fail(L, step, "wrong_match", message);
}

static void check_condition(lua_State *L, const struct sl_patch_step *step) { /* k v */
    size_t len;
    if (lua_type(L, -2) != LUA_TSTRING)
        fail_match(L, step,
                   "the names in \"match\" are JSON pointers, such as \"/value/id\"");
    const char *text = lua_tolstring(L, -2, &len);
    const char *fault = sl_pointer_fault(text, len);
    if (fault)
        fail_match(L, step,
                   lua_pushfstring(L,
                                   "the name \"%s\" in \"match\" is no JSON pointer: "
                                   "%s",
                                   text, fault));
}

void slL_patch_check_match(lua_State *L, int idx, const struct sl_patch_step *step) {
    int conditions = 0;
    luaL_checkstack(L, 8, "patch");
    lua_pushliteral(L, "match");
    if (lua_rawget(L, idx < 0 ? idx - 1 : idx) != LUA_TTABLE)
        fail_match(
            L, step,
            "the member \"match\" must be a table such as { [\"/value/id\"] = … }");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1), conditions++)
        check_condition(L, step);
    if (conditions == 0)
        fail_match(L, step, "\"match\" is empty: it would match every element");
    lua_pop(L, 1);
}

/* Does the value at the top meet all conditions of the table at `match`? */
static bool matches(lua_State *L, int match) {
    int value = lua_gettop(L);
    bool met = true;
    for (lua_pushnil(L); met && lua_next(L, match);) {
        size_t len;
        const char *text = lua_tolstring(L, -2, &len);
        met = slL_pointer_find(L, value, text, len) && slL_json_equal(L, -1, -2);
        lua_pop(L, 2);
    }
    lua_settop(L, value);
    return met;
}

/* --- One array -------------------------------------------------------------------- */

enum { GONE = 1, CHANGED = 2 };

/* An array while the operations on it are tried. The numbers are stack slots. */
struct trial {
    lua_State *L;
    int elements; /* as they are now; those gone keep their place, new ones follow */
    int dropped;  /* place → the `value` that the removal carries */
    lua_Integer before; /* how many there were */
    lua_Integer count;  /* with the new ones */
    unsigned char *marks;
    struct sl_patch_step step; /* the operation at hand */
    int operation;
};

static int fail(struct trial *t, const char *code, lua_Integer found) {
    lua_State *L = t->L;
    lua_getfield(L, t->operation, "match");
    slL_json_encode(L, -1, 0);
    if (found == 0)
        lua_pushfstring(L, "no element there matches %s", lua_tostring(L, -1));
    else
        lua_pushfstring(L, "%I elements there match %s: replace_by changes exactly one",
                        (LUAI_UACINT)found, lua_tostring(L, -1));
    return slL_patch_fail(L, &t->step, code, lua_tostring(L, -1));
}

static void put_value(struct trial *t, int table, lua_Integer at) {
    lua_getfield(t->L, t->operation, "value");
    lua_rawseti(t->L, table, at);
}

/* Carries out what the operation says about the element that matches. */
static void meet(struct trial *t, lua_Integer at) {
    if (t->step.op == SL_PATCH_REMOVE_BY) {
        t->marks[at - 1] |= GONE;
        put_value(t, t->dropped, at);
    } else if (t->step.op == SL_PATCH_REPLACE_BY) {
        t->marks[at - 1] |= CHANGED;
        put_value(t, t->elements, at);
    }
}

/* Pushes where the elements are that match; gives how many. */
static lua_Integer push_found(struct trial *t) {
    lua_State *L = t->L;
    lua_Integer found = 0;
    lua_newtable(L);
    lua_getfield(L, t->operation, "match");
    int match = lua_gettop(L);
    for (lua_Integer i = 1; i <= t->count; i++) {
        lua_rawgeti(L, t->elements, i);
        if (!(t->marks[i - 1] & GONE) && matches(L, match)) {
            lua_pushinteger(L, i);
            lua_rawseti(L, match - 1, ++found);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

/* Tries the operation. */
static void try_operation(struct trial *t) {
    lua_State *L = t->L;
    lua_Integer found = push_found(t);
    bool needs_one = t->step.op != SL_PATCH_ADD_UNLESS;
    if (found == 0 && needs_one)
        fail(t, "not_found", found);
    if (found > 1 && t->step.op == SL_PATCH_REPLACE_BY)
        fail(t, "ambiguous", found);
    for (lua_Integer i = 1; i <= found; i++) {
        lua_rawgeti(L, -1, i);
        lua_Integer at = lua_tointeger(L, -1);
        lua_pop(L, 1);
        meet(t, at);
    }
    lua_pop(L, 1);
    if (found == 0 && !needs_one)
        put_value(t, t->elements, ++t->count);
}

/* --- What comes of it ------------------------------------------------------------- */

/* Appends { op, path = array + "/" + place, value } to `out`; the value is at the top. */
static void tell(struct trial *t, int out, const char *op, lua_Integer at) { /* [-1] */
    lua_State *L = t->L;
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "value");
    lua_pushstring(L, op);
    lua_setfield(L, -2, "op");
    lua_pushlstring(L, t->step.path, t->step.path_len);
    if (at > t->before)
        lua_pushliteral(L, "/-");
    else
        lua_pushfstring(L, "/%I", (LUAI_UACINT)(at - 1));
    lua_concat(L, 2);
    lua_setfield(L, -2, "path");
    lua_rawseti(L, out, (lua_Integer)lua_rawlen(L, out) + 1);
}

static void tell_all(struct trial *t, int out) {
    for (lua_Integer i = 1; i <= t->before; i++) {
        if (t->marks[i - 1] != CHANGED)
            continue;
        lua_rawgeti(t->L, t->elements, i);
        tell(t, out, "replace", i);
    }
    for (lua_Integer i = t->before; i >= 1; i--) {
        if (!(t->marks[i - 1] & GONE))
            continue;
        lua_rawgeti(t->L, t->dropped, i);
        tell(t, out, "remove", i);
    }
    for (lua_Integer i = t->before + 1; i <= t->count; i++) {
        if (t->marks[i - 1] & GONE)
            continue;
        lua_rawgeti(t->L, t->elements, i);
        tell(t, out, "add", i);
    }
}

/* --- Groups of operations --------------------------------------------------------- */

/* Operations that are tried together: those on arrays of which none is inside another.
 * The numbers are stack slots. */
struct group {
    lua_State *L;
    int patch;
    int arrays; /* list of the pointers of the arrays, in the order they are met */
    int places; /* pointer of an array → list of its operations, as indexes */
    lua_Integer count;
};

/* Pushes an operation and reads it; false where it is no identity operation. */
static bool push_operation(struct group *g, lua_Integer i, struct sl_patch_step *step) {
    *step = (struct sl_patch_step){.index = i};
    lua_rawgeti(g->L, g->patch, i);
    slL_patch_read(g->L, lua_gettop(g->L), step);
    return sl_patch_is_identity(step->op);
}

static bool is_inside(const char *outer, size_t outer_len, const char *inner,
                      size_t inner_len) {
    return outer_len < inner_len && memcmp(outer, inner, outer_len) == 0 &&
           inner[outer_len] == '/';
}

/* May the operations on a further array join the group? */
static bool may_join(struct group *g, const struct sl_patch_step *step) {
    bool apart = g->count < MAX_ARRAYS;
    for (lua_Integer i = 1; apart && i <= g->count; i++) {
        size_t len;
        lua_rawgeti(g->L, g->arrays, i);
        const char *other = lua_tolstring(g->L, -1, &len);
        apart = !is_inside(other, len, step->path, step->path_len) &&
                !is_inside(step->path, step->path_len, other, len);
        lua_pop(g->L, 1);
    }
    return apart;
}

/* Takes the operation at the top into the group; false where it must wait. */
static bool join(struct group *g, const struct sl_patch_step *step) { /* [-1, +0, m] */
    lua_State *L = g->L;
    lua_getfield(L, -1, "path");
    lua_remove(L, -2);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, g->places) == LUA_TNIL) {
        if (!may_join(g, step)) {
            lua_pop(L, 2);
            return false;
        }
        lua_pushvalue(L, -2);
        lua_rawseti(L, g->arrays, ++g->count);
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, g->places);
    }
    lua_pushinteger(L, step->index);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 2);
    return true;
}

/* Gathers operations from `first` on; gives the index of the first that is left out. */
static lua_Integer gather(struct group *g, lua_Integer first) {
    struct sl_patch_step step;
    lua_Integer count = (lua_Integer)lua_rawlen(g->L, g->patch), i = first;
    for (; i <= count; i++) {
        if (!push_operation(g, i, &step)) {
            lua_pop(g->L, 1);
            break;
        }
        if (!join(g, &step))
            break;
    }
    return i;
}

/* Pushes the elements of the array of the step, in a list of their own. */
static lua_Integer push_elements(lua_State *L, int document,
                                 const struct sl_patch_step *step) {
    if (!slL_pointer_get(L, document, step->path, step->path_len))
        slL_patch_raise(L, step);
    if (!slL_json_is_array(L, -1))
        slL_patch_fail(
            L, step, "not_array",
            "the value there is no array: only elements of arrays are found by "
            "what they are");
    lua_Integer len = (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)len, 0);
    for (lua_Integer i = 1; i <= len; i++) {
        lua_rawgeti(L, -2, i);
        lua_rawseti(L, -2, i);
    }
    lua_remove(L, -2);
    return len;
}

/* Resolves the operations whose indexes are in the list at the top. */
static void resolve_array(struct group *g, int document, int out) {
    lua_State *L = g->L;
    int list = lua_gettop(L);
    lua_Integer operations = (lua_Integer)lua_rawlen(L, list);
    struct trial t = {.L = L};
    lua_rawgeti(L, list, 1);
    push_operation(g, lua_tointeger(L, -1), &t.step);
    t.before = t.count = push_elements(L, document, &t.step);
    t.elements = lua_gettop(L);
    lua_newtable(L);
    t.dropped = t.elements + 1;
    size_t room = (size_t)(t.before + operations);
    t.marks = memset(lua_newuserdatauv(L, room, 0), 0, room);
    for (lua_Integer i = 1; i <= operations; i++) {
        lua_rawgeti(L, list, i);
        push_operation(g, lua_tointeger(L, -1), &t.step);
        t.operation = lua_gettop(L);
        try_operation(&t);
        lua_pop(L, 2);
    }
    tell_all(&t, out);
    lua_settop(L, list);
}

lua_Integer slL_patch_resolve_at(lua_State *L, int patch, lua_Integer first, int document,
                                 int out) {
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "patch");
    struct group g = {.L = L, .patch = patch, .arrays = top + 1, .places = top + 2};
    lua_newtable(L);
    lua_newtable(L);
    lua_Integer after = gather(&g, first);
    for (lua_Integer i = 1; i <= g.count; i++) {
        lua_rawgeti(L, g.arrays, i);
        lua_rawget(L, g.places);
        resolve_array(&g, document, out);
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    return after - first;
}
