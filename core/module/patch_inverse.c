/* SPDX-License-Identifier: MIT */
#include "module/patch_inverse.h"

#include <string.h>

#include "module/json.h"
#include "module/pointer.h"

/* What putting a value at a place does there. The texts are stack slots. */
struct place {
    int path;     /* with an index instead of "-" */
    int old;      /* the value that is overwritten, or 0 */
    bool is_good; /* a value can be put there */
};

/* Appends { op, path or from and path, value }: `path` and `value` are stack slots,
 * `from` and `value` may be 0. */
static void note(lua_State *L, int out, const char *op, int from, int path, int value) {
    lua_createtable(L, 0, 3);
    lua_pushstring(L, op);
    lua_setfield(L, -2, "op");
    lua_pushvalue(L, path);
    lua_setfield(L, -2, "path");
    if (from) {
        lua_pushvalue(L, from);
        lua_setfield(L, -2, "from");
    }
    if (value) {
        lua_pushvalue(L, value);
        lua_setfield(L, -2, "value");
    }
    lua_rawseti(L, out, (lua_Integer)lua_rawlen(L, out) + 1);
}

static int push_text(lua_State *L, const char *text, size_t len) {
    lua_pushlstring(L, text, len);
    return lua_gettop(L);
}

/* Pushes what is at the pointer; gives its slot, or 0 where nothing is. */
static int push_found(lua_State *L, int document, const char *text, size_t len) {
    return slL_pointer_find(L, document, text, len) ? lua_gettop(L) : 0;
}

/* Pushes the last token of the path of the step, with the path before it. */
static struct place in_array(lua_State *L, const struct sl_pointer *pointer, int array) {
    lua_Integer len = (lua_Integer)lua_rawlen(L, array);
    bool at_end = pointer->len == 1 && pointer->token[0] == '-';
    lua_Integer index = at_end ? len : sl_pointer_index(pointer);
    lua_pushlstring(L, pointer->start, (size_t)(pointer->token - pointer->start));
    lua_pushfstring(L, "%I", (LUAI_UACINT)index);
    lua_concat(L, 2);
    return (struct place){.path = lua_gettop(L), .is_good = index >= 0 && index <= len};
}

/* Looks at the place where a value is to be put; leaves what it found on the stack. */
static struct place look(lua_State *L, const struct sl_patch_step *step, int document) {
    struct place place = {.is_good = true};
    struct sl_pointer pointer = sl_pointer_start(step->path, step->path_len);
    while (sl_pointer_next(&pointer) && !sl_pointer_is_last(&pointer))
        continue;
    size_t holder = pointer.token ? (size_t)(pointer.token - 1 - step->path) : 0;
    int parent = push_found(L, document, step->path, holder);
    if (pointer.token && slL_json_is_array(L, lua_gettop(L)))
        return in_array(L, &pointer, parent);
    place.is_good = !pointer.token || lua_istable(L, -1);
    place.old = push_found(L, document, step->path, step->path_len);
    place.path = push_text(L, step->path, step->path_len);
    return place;
}

/* What undoes putting a value there. */
static void undo_put(lua_State *L, const struct place *place, int out) {
    if (place->old)
        note(L, out, "replace", 0, place->path, place->old);
    else
        note(L, out, "remove", 0, place->path, 0);
}

static bool holds(lua_State *L, int outer, const char *inner, size_t inner_len) {
    size_t len;
    const char *text = lua_tolstring(L, outer, &len);
    return len < inner_len && memcmp(text, inner, len) == 0 && inner[len] == '/';
}

/* A move back says it shortest. But it would not bring back what the move overwrote, and
 * cannot bring a value to a place inside its own. */
static void undo_move(lua_State *L, const struct sl_patch_step *step,
                      const struct place *place, int value, int out) {
    int from = push_text(L, step->from, step->from_len);
    if (!place->old && !holds(L, place->path, step->from, step->from_len)) {
        note(L, out, "move", place->path, from, 0);
        return;
    }
    note(L, out, "add", 0, from, value);
    undo_put(L, place, out);
}

void slL_patch_invert(lua_State *L, const struct sl_patch_step *step, int document,
                      int out) {
    int top = lua_gettop(L);
    luaL_checkstack(L, 12, "patch");
    struct place place = {0};
    switch (step->op) {
    case SL_PATCH_ADD:
    case SL_PATCH_COPY:
    case SL_PATCH_MOVE:
        place = look(L, step, document);
        if (place.is_good && step->op == SL_PATCH_MOVE)
            undo_move(L, step, &place, top, out);
        else if (place.is_good)
            undo_put(L, &place, out);
        break;
    case SL_PATCH_REMOVE:
    case SL_PATCH_REPLACE:
        place.path = push_text(L, step->path, step->path_len);
        place.old = push_found(L, document, step->path, step->path_len);
        if (place.old)
            note(L, out, step->op == SL_PATCH_REMOVE ? "add" : "replace", 0, place.path,
                 place.old);
        break;
    default:
        break;
    }
    lua_settop(L, top);
}
