/* SPDX-License-Identifier: MIT
 * One walk over both documents at once. What it finds is appended as it goes; where the
 * operations inside an array or object turn out longer than replacing it, they are taken
 * back. Changes in an array are told from its end, so that each index is the one that the
 * element had at the start. */
#include "module/patch_diff.h"

#include <stdlib.h>
#include <string.h>

#include "module/buffer.h"
#include "module/error.h"
#include "module/json.h"
#include "module/json_intern.h"
#include "module/patch.h"
#include "module/patch_align.h"
#include "module/pointer.h"
#include "module/secret.h"

#define MAX_PATH ((size_t)64 << 20)
#define INDEX_SIZE 24
#define NEAR                                                                             \
    8 /* elements gone and come between two that are kept, to be found at once           \
       */
#define NEAR_ARRAYS 3 /* inside each other in which that is tried */

/* The numbers are stack slots. */
struct diff {
    lua_State *L;
    struct sl_patch_diff_options options;
    int operations;
    lua_Integer count; /* of them */
    int arrays;        /* by position, inside each other */
    struct sl_buffer *path;
    struct sl_buffer *changes; /* of all objects being compared, innermost last */
    struct sl_intern intern;
};

/* What one part of the walk came to. */
struct outcome {
    size_t bytes; /* of its operations, as JSON */
    size_t least; /* bytes that its value in `b` has at least */
    bool pinned;  /* has operations of a keyed array: they stay */
};

/* A member that may have changed. Its name belongs to `a` or `b`. */
struct change {
    const char *name;
    size_t len;
    enum { CHANGED, REMOVED, ADDED } kind;
};

static void diff_values(struct diff *d, int a, int b, int depth, struct outcome *out);

/* --- The path --------------------------------------------------------------------- */

static size_t enter_index(struct diff *d, lua_Integer index) {
    char text[INDEX_SIZE];
    size_t before = d->path->len;
    text[0] = '/';
    lua_Integer rest = index;
    size_t len = 1;
    do {
        len++;
    } while (rest /= 10);
    for (size_t i = len - 1; i > 0; i--, index /= 10)
        text[i] = (char)('0' + index % 10);
    slL_buffer_add(d->L, d->path, text, len);
    return before;
}

static size_t enter_name(struct diff *d, const char *name, size_t len) {
    size_t before = d->path->len;
    slL_buffer_add(d->L, d->path, "/", 1);
    for (const char *end = name + len; name < end; name++) {
        const char *plain = name;
        while (name < end && *name != '~' && *name != '/')
            name++;
        slL_buffer_add(d->L, d->path, plain, (size_t)(name - plain));
        if (name < end)
            slL_buffer_add(d->L, d->path, *name == '~' ? "~0" : "~1", 2);
    }
    return before;
}

static void leave(struct diff *d, size_t before) {
    d->path->len = before;
}

static void push_path(struct diff *d) {
    lua_pushlstring(d->L, d->path->data ? d->path->data : "", d->path->len);
}

/* --- Operations ------------------------------------------------------------------- */

/* Bytes of an operation and the comma after it, without path and value. */
static size_t frame_size(const char *op, bool value) {
    return strlen("{\"op\":\"\",\"path\":},") + strlen(op) +
           (value ? strlen(",\"value\":") : 0);
}

/* Appends an operation at the current path; `value` is a stack slot, or 0. */
static void emit(struct diff *d, const char *op, int value, struct outcome *out) {
    lua_State *L = d->L;
    if (value && lua_isnil(L, value))
        slL_error_raise(L, "json", "cannot compare an array with holes: it is not JSON");
    lua_createtable(L, 0, 3);
    lua_pushstring(L, op);
    lua_setfield(L, -2, "op");
    push_path(d);
    if (!out->pinned)
        out->bytes += frame_size(op, value) + slL_json_size(L, -1, SL_JSON_MAX_SIZE);
    lua_setfield(L, -2, "path");
    if (value) {
        lua_pushvalue(L, value);
        lua_setfield(L, -2, "value");
    }
    lua_rawseti(L, d->operations, ++d->count);
}

static void emit_value(struct diff *d, const char *op, int value, struct outcome *out) {
    size_t size = out->pinned ? 0 : slL_json_size(d->L, value, SL_JSON_MAX_SIZE);
    emit(d, op, value, out);
    out->bytes += size;
    if (strcmp(op, "test") != 0)
        out->least += size;
}

static void emit_test(struct diff *d, int before, struct outcome *out) {
    if (d->options.test)
        emit_value(d, "test", before, out);
}

static void emit_replace(struct diff *d, int a, int b, struct outcome *out) {
    emit_test(d, a, out);
    emit_value(d, "replace", b, out);
}

static void emit_remove(struct diff *d, int a, struct outcome *out) {
    emit_test(d, a, out);
    emit(d, "remove", 0, out);
}

static void take_back(struct diff *d, lua_Integer count) {
    for (; d->count > count; d->count--) {
        lua_pushnil(d->L);
        lua_rawseti(d->L, d->operations, d->count);
    }
}

/* Does replacing the value at the current path take at most `most` bytes? Notes in `out`
 * what it learns about the length of the value: more than needed here, so that it mostly
 * settles the same question for all that the value is in. */
static bool is_replaced_within(struct diff *d, int a, int b, size_t most,
                               struct outcome *out) {
    lua_State *L = d->L;
    push_path(d);
    size_t path = slL_json_size(L, -1, SL_JSON_MAX_SIZE);
    lua_pop(L, 1);
    size_t frame = frame_size("replace", true) + path;
    if (d->options.test)
        frame += frame_size("test", true) + path;
    if (frame + out->least > most)
        return false;
    size_t limit = most - frame;
    size_t size = slL_json_size(L, b, most);
    out->least = size;
    if (size > limit)
        return false;
    return !d->options.test || slL_json_size(L, a, limit - size) <= limit - size;
}

/* Closes the comparison of two arrays or objects. `inside` is what their members came to,
 * told from operation `first` + 1 on. */
static void settle(struct diff *d, int a, int b, lua_Integer first,
                   struct outcome *inside, struct outcome *out) {
    lua_Integer count = d->count - first;
    lua_Integer fewest = d->options.test ? 2 : 1;
    size_t most =
        inside->bytes - (count > fewest ? 0 : 1); /* as short and fewer, or shorter */
    if (count > SL_PATCH_MAX_OPERATIONS ||
        (count > 0 && !inside->pinned && is_replaced_within(d, a, b, most, inside))) {
        take_back(d, first);
        *inside = (struct outcome){0};
        emit_replace(d, a, b, inside);
    }
    out->bytes += inside->bytes;
    out->least += inside->least;
    out->pinned = out->pinned || inside->pinned;
}

/* --- Objects ---------------------------------------------------------------------- */

static void note_change(struct diff *d, int kind) { /* of the member k v at the top */
    struct change change = {.kind = kind};
    if (lua_type(d->L, -2) != LUA_TSTRING)
        slL_error_raise(d->L, "json",
                        "cannot compare an object with a name that is no string");
    change.name = lua_tolstring(d->L, -2, &change.len);
    slL_buffer_add(d->L, d->changes, (const char *)&change, sizeof change);
}

static void note_changes(struct diff *d, int a, int b) {
    lua_State *L = d->L;
    for (lua_pushnil(L); lua_next(L, a); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        int type = lua_rawget(L, b);
        bool same = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
        if (!same)
            note_change(d, type == LUA_TNIL ? REMOVED : CHANGED);
    }
    for (lua_pushnil(L); lua_next(L, b); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        bool added = lua_rawget(L, a) == LUA_TNIL;
        lua_pop(L, 1);
        if (added)
            note_change(d, ADDED);
    }
}

static int by_name(const void *a, const void *b) {
    const struct change *x = a, *y = b;
    int order = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static struct change *change_at(struct diff *d, size_t offset) {
    return (struct change *)(void *)(d->changes->data + offset);
}

static void push_member(lua_State *L, int object, const struct change *change) {
    lua_pushlstring(L, change->name, change->len);
    lua_rawget(L, object);
}

static void tell_change(struct diff *d, int a, int b, struct change change, int depth,
                        struct outcome *out) {
    lua_State *L = d->L;
    size_t before = enter_name(d, change.name, change.len);
    push_member(L, a, &change);
    push_member(L, b, &change);
    int before_at = lua_gettop(L) - 1, after_at = lua_gettop(L);
    if (change.kind == CHANGED)
        diff_values(d, before_at, after_at, depth, out);
    else if (change.kind == REMOVED)
        emit_remove(d, before_at, out);
    else
        emit_value(d, "add", after_at, out);
    lua_pop(L, 2);
    leave(d, before);
}

static void diff_objects(struct diff *d, int a, int b, int depth, struct outcome *out) {
    size_t first = d->changes->len;
    note_changes(d, a, b);
    size_t count = (d->changes->len - first) / sizeof(struct change);
    if (count > 1)
        qsort(change_at(d, first), count, sizeof(struct change), by_name);
    for (size_t i = 0; i < count; i++)
        tell_change(d, a, b, *change_at(d, first + i * sizeof(struct change)), depth,
                    out);
    d->changes->len = first;
}

/* --- Elements --------------------------------------------------------------------- */

/* Pushes the elements of `a` and `b` at these indexes from 0; diffs them at index `i`. */
static void diff_pair(struct diff *d, int a, lua_Integer i, int b, lua_Integer j,
                      int depth, struct outcome *out) {
    size_t before = enter_index(d, i);
    lua_rawgeti(d->L, a, i + 1);
    lua_rawgeti(d->L, b, j + 1);
    diff_values(d, lua_gettop(d->L) - 1, lua_gettop(d->L), depth, out);
    lua_pop(d->L, 2);
    leave(d, before);
}

static void remove_element(struct diff *d, int a, lua_Integer i, struct outcome *out) {
    size_t before = enter_index(d, i);
    lua_rawgeti(d->L, a, i + 1);
    emit_remove(d, lua_gettop(d->L), out);
    lua_pop(d->L, 1);
    leave(d, before);
}

static void append_element(struct diff *d, int b, lua_Integer j, struct outcome *out) {
    size_t before = enter_name(d, "-", 1);
    lua_rawgeti(d->L, b, j + 1);
    emit_value(d, "add", lua_gettop(d->L), out);
    lua_pop(d->L, 1);
    leave(d, before);
}

static void insert_element(struct diff *d, int b, lua_Integer j, lua_Integer i,
                           struct outcome *out) {
    size_t before = enter_index(d, i);
    lua_rawgeti(d->L, b, j + 1);
    emit_value(d, "add", lua_gettop(d->L), out);
    lua_pop(d->L, 1);
    leave(d, before);
}

/* --- Arrays by position ----------------------------------------------------------- */

/* A stretch of `a` and what stands for it in `b`: indexes from 0, ends excluded. */
struct stretch {
    lua_Integer a, a_to, b, b_to;
    lua_Integer a_len;
};

static bool is_same_element(lua_State *L, int a, lua_Integer i, int b, lua_Integer j) {
    lua_rawgeti(L, a, i + 1);
    lua_rawgeti(L, b, j + 1);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* Leaves out what is plainly the same at both ends. */
static struct stretch narrow(lua_State *L, int a, int b) {
    struct stretch s = {.a_to = (lua_Integer)lua_rawlen(L, a),
                        .b_to = (lua_Integer)lua_rawlen(L, b)};
    s.a_len = s.a_to;
    for (; s.a < s.a_to && s.b < s.b_to && is_same_element(L, a, s.a, b, s.b); s.a++)
        s.b++;
    for (;
         s.a_to > s.a && s.b_to > s.b && is_same_element(L, a, s.a_to - 1, b, s.b_to - 1);
         s.a_to--)
        s.b_to--;
    return s;
}

/* Tells a stretch in which nothing is kept: pairs change, the rest goes or comes. */
static void tell_stretch(struct diff *d, int a, int b, struct stretch s, int depth,
                         struct outcome *out) {
    lua_Integer a_count = s.a_to - s.a, b_count = s.b_to - s.b;
    lua_Integer pairs = a_count < b_count ? a_count : b_count;
    for (lua_Integer i = s.a_to - 1; i >= s.a + pairs; i--)
        remove_element(d, a, i, out);
    for (lua_Integer j = s.b + pairs; j < s.b_to; j++) {
        if (s.a_to == s.a_len)
            append_element(d, b, j, out);
        else
            insert_element(d, b, j, s.a_to + (j - s.b - pairs), out);
    }
    for (lua_Integer k = pairs - 1; k >= 0; k--)
        diff_pair(d, a, s.a + k, b, s.b + k, depth, out);
}

/* Pushes the numbers of the elements from `from` to `to`. */
static int *push_numbers(struct diff *d, int array, lua_Integer from, lua_Integer to) {
    lua_State *L = d->L;
    int *numbers = lua_newuserdatauv(L, (size_t)(to - from) * sizeof *numbers, 0);
    for (lua_Integer i = from; i < to; i++) {
        lua_rawgeti(L, array, i + 1);
        numbers[i - from] = slL_json_intern(L, &d->intern, lua_gettop(L));
        lua_pop(L, 1);
    }
    return numbers;
}

static bool is_equal_element(lua_State *L, int a, lua_Integer i, int b, lua_Integer j) {
    int top = lua_gettop(L);
    lua_rawgeti(L, a, i + 1);
    bool is_table = lua_istable(L, -1);
    lua_rawgeti(L, b, j + 1);
    bool equal = is_table && slL_json_equal(L, top + 1, top + 2);
    lua_settop(L, top);
    return equal;
}

/* Goes on to the nearest two elements that are the same; false where there are none. */
static bool skip_changes(struct diff *d, int a, int b, struct stretch *s) {
    for (lua_Integer skipped = 1; skipped <= NEAR; skipped++) {
        for (lua_Integer k = 0; k <= skipped; k++) {
            lua_Integer i = s->a + k, j = s->b + skipped - k;
            if (i >= s->a_to || j >= s->b_to || !is_equal_element(d->L, a, i, b, j))
                continue;
            s->a = i;
            s->b = j;
            return true;
        }
    }
    return false;
}

/* Matches objects and arrays as long as they are kept in nearly the same place: the quick
 * way through lists in which a little has changed. Leaves in `s` what is still to be
 * matched. Each look is as long as the elements, so only a few arrays inside each other
 * are taken through it. */
static void match_near(struct diff *d, int a, int b, struct stretch *s, int *match) {
    lua_Integer a_first = s->a, b_first = s->b;
    if (d->arrays > NEAR_ARRAYS)
        return;
    while (s->a < s->a_to && s->b < s->b_to) {
        if (!is_equal_element(d->L, a, s->a, b, s->b) && !skip_changes(d, a, b, s))
            return;
        match[s->a++ - a_first] = (int)(s->b++ - b_first);
    }
}

/* Matches what is left to match; see sl_patch_align. */
static void match_rest(struct diff *d, int a, int b, const struct stretch *s,
                       int *match) {
    struct sl_error err = {0};
    const int *a_numbers = push_numbers(d, a, s->a, s->a_to);
    const int *b_numbers = push_numbers(d, b, s->b, s->b_to);
    if (sl_patch_align(a_numbers, (size_t)(s->a_to - s->a), b_numbers,
                       (size_t)(s->b_to - s->b), match, &err) != SL_OK)
        slL_error_engine(d->L, &err);
    lua_pop(d->L, 2);
}

/* Pushes for each element of the stretch where it is kept, counted from its start in `b`,
 * or -1. */
static const int *push_matches(struct diff *d, int a, int b, const struct stretch *s) {
    struct stretch rest = *s;
    lua_Integer count = s->a_to - s->a;
    int *match = lua_newuserdatauv(d->L, (size_t)count * sizeof *match, 0);
    for (lua_Integer i = 0; i < count; i++)
        match[i] = -1;
    match_near(d, a, b, &rest, match);
    match_rest(d, a, b, &rest, match + (rest.a - s->a));
    for (lua_Integer i = rest.a - s->a; i < count; i++)
        match[i] += match[i] < 0 ? 0 : (int)(rest.b - s->b);
    return match;
}

static void diff_positions(struct diff *d, int a, int b, int depth, struct outcome *out) {
    struct stretch s = narrow(d->L, a, b), rest = s;
    d->arrays++;
    if (s.a_to - s.a > 1 || s.b_to - s.b > 1) {
        const int *match = push_matches(d, a, b, &s);
        for (lua_Integer i = s.a_to - 1; i >= s.a; i--) {
            if (match[i - s.a] < 0)
                continue;
            rest.a = i + 1;
            rest.b = s.b + match[i - s.a] + 1;
            tell_stretch(d, a, b, rest, depth, out);
            rest.a_to = i;
            rest.b_to = rest.b - 1;
        }
        lua_pop(d->L, 1);
    }
    rest.a = s.a;
    rest.b = s.b;
    tell_stretch(d, a, b, rest, depth, out);
    d->arrays--;
}

/* --- Arrays by key ---------------------------------------------------------------- */

/* Have the elements in these slots changed, another order in keyed arrays inside apart?
 * The path is that of the element. */
static bool has_changed(struct diff *d, int a, int b, int depth) {
    if (slL_json_equal(d->L, a, b))
        return false;
    size_t level = sl_pointer_depth(d->path->data, d->path->len);
    if (!slL_patch_has_keys_below(d->L, d->options.keys, level))
        return true;
    lua_Integer before = d->count;
    struct outcome ignored = {0};
    diff_values(d, a, b, depth, &ignored);
    bool changed = d->count > before;
    take_back(d, before);
    return changed;
}

static void diff_element(struct diff *d, int a, lua_Integer i, int b, lua_Integer j,
                         int depth, struct outcome *out) {
    if (!d->options.whole) {
        diff_pair(d, a, i, b, j, depth, out);
        return;
    }
    size_t before = enter_index(d, i);
    lua_rawgeti(d->L, a, i + 1);
    lua_rawgeti(d->L, b, j + 1);
    int top = lua_gettop(d->L);
    if (has_changed(d, top - 1, top, depth))
        emit_replace(d, top - 1, top, out);
    lua_pop(d->L, 2);
    leave(d, before);
}

static void tell_keyed(struct diff *d, int a, int b, const int *pairs, const bool *fresh,
                       int depth, struct outcome *out) {
    lua_Integer a_len = (lua_Integer)lua_rawlen(d->L, a);
    lua_Integer b_len = (lua_Integer)lua_rawlen(d->L, b);
    for (lua_Integer i = 0; i < a_len; i++)
        if (pairs[i] >= 0)
            diff_element(d, a, i, b, pairs[i], depth, out);
    for (lua_Integer i = a_len - 1; i >= 0; i--)
        if (pairs[i] < 0)
            remove_element(d, a, i, out);
    for (lua_Integer j = 0; j < b_len; j++)
        if (fresh[j])
            append_element(d, b, j, out);
}

/* False where the arrays have no keys to go by. */
static bool diff_keyed(struct diff *d, int a, int b, int depth, struct outcome *out) {
    lua_State *L = d->L;
    size_t len = 0;
    const char *key = NULL;
    if (d->options.keys) {
        push_path(d);
        key = slL_patch_key(L, d->options.keys, lua_tostring(L, -1), d->path->len, &len);
        lua_pop(L, 1);
    }
    if (!key)
        return false;
    int *pairs = lua_newuserdatauv(L, (size_t)lua_rawlen(L, a) * sizeof *pairs, 0);
    bool *fresh = lua_newuserdatauv(L, (size_t)lua_rawlen(L, b) * sizeof *fresh, 0);
    bool keyed = slL_patch_pair(L, a, b, key, len, pairs, fresh);
    if (keyed) {
        lua_Integer before = d->count;
        struct outcome inside = {.pinned = true};
        tell_keyed(d, a, b, pairs, fresh, depth, &inside);
        out->pinned = out->pinned || d->count > before;
    }
    lua_pop(L, 2);
    return keyed;
}

/* --- Values ----------------------------------------------------------------------- */

static void diff_tables(struct diff *d, int a, int b, int depth, struct outcome *out) {
    enum sl_json_type type = slL_json_type(d->L, a);
    if (depth > SL_JSON_MAX_DEPTH)
        slL_error_raise(d->L, "json",
                        "cannot compare values nested deeper than %d levels",
                        SL_JSON_MAX_DEPTH);
    if (type != slL_json_type(d->L, b)) {
        emit_replace(d, a, b, out);
        return;
    }
    lua_Integer first = d->count;
    struct outcome inside = {0};
    luaL_checkstack(d->L, 20, "comparing values");
    if (type == SL_JSON_OBJECT)
        diff_objects(d, a, b, depth + 1, &inside);
    else if (!diff_keyed(d, a, b, depth + 1, &inside))
        diff_positions(d, a, b, depth + 1, &inside);
    settle(d, a, b, first, &inside, out);
}

/* Bounded by SL_JSON_MAX_DEPTH. */
static void diff_values(struct diff *d, int a, int b, int depth, struct outcome *out) {
    if (lua_rawequal(d->L, a, b) || slL_secret_equal(d->L, a, b))
        return;
    if (lua_istable(d->L, a) && lua_istable(d->L, b))
        diff_tables(d, a, b, depth, out);
    else
        emit_replace(d, a, b, out);
}

void slL_patch_diff(lua_State *L, int operations, int a, int b,
                    const struct sl_patch_diff_options *options) {
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "comparing values");
    struct diff d = {.L = L, .options = *options};
    d.operations = lua_absindex(L, operations);
    d.count = (lua_Integer)lua_rawlen(L, d.operations);
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    d.path = slL_buffer_new(L, "the path in a document", MAX_PATH);
    d.changes = slL_buffer_new(L, "the list of changed members", SL_JSON_MAX_SIZE);
    d.intern = slL_json_intern_open(L);
    struct outcome out = {0};
    diff_values(&d, a, b, 1, &out);
    lua_settop(L, top);
}
