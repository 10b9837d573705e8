/* SPDX-License-Identifier: MIT
 * Building and checking patches; patch_apply.c carries them out. */
#include "module/patch.h"

#include <string.h>
#include <strings.h>

#include "module/error.h"
#include "module/json.h"
#include "module/patch_diff.h"
#include "module/patch_identity.h"
#include "module/pointer.h"

#define METATABLE "sluice.patch"
#define IDENTITY_METATABLE "sluice.patch.identity"
#define NEAR 2 /* an unknown name this many edits away is taken for a slip */
#define MAX_NAME 16

static const struct operation {
    const char *name;
    bool value, from; /* members it must have */
} operations[] = {
    [SL_PATCH_ADD] = {"add", true, false},
    [SL_PATCH_REMOVE] = {"remove", false, false},
    [SL_PATCH_REPLACE] = {"replace", true, false},
    [SL_PATCH_MOVE] = {"move", false, true},
    [SL_PATCH_COPY] = {"copy", false, true},
    [SL_PATCH_TEST] = {"test", true, false},
    [SL_PATCH_REMOVE_BY] = {"remove_by", false, false},
    [SL_PATCH_REPLACE_BY] = {"replace_by", true, false},
    [SL_PATCH_ADD_UNLESS] = {"add_unless", true, false},
};
#define OPERATIONS ((int)(sizeof operations / sizeof *operations))

/* --- Errors ----------------------------------------------------------------------- */

static void set_default(lua_State *L, const char *field, const char *text, size_t len) {
    if (text && lua_getfield(L, -1, field) == LUA_TNIL) {
        lua_pushlstring(L, text, len);
        lua_setfield(L, -3, field);
    }
    if (text)
        lua_pop(L, 1);
}

/* The message without the pointer before it, where that is the operation's path. */
static const char *plain_message(const char *message, const struct sl_patch_step *step) {
    size_t len = step->path ? step->path_len : 0;
    if (len && strncmp(message, step->path, len) == 0 &&
        strncmp(message + len, ": ", 2) == 0)
        return message + len + 2;
    return message;
}

int slL_patch_raise(lua_State *L, const struct sl_patch_step *step) {
    luaL_checkstack(L, 8, "patch error");
    lua_getfield(L, -1, "message");
    const char *message = plain_message(lua_tostring(L, -1), step);
    if (step->name && step->path)
        lua_pushfstring(L, "operation %I (%s %s): %s", (LUAI_UACINT)step->index,
                        step->name, step->path, message);
    else
        lua_pushfstring(L, "operation %I: %s", (LUAI_UACINT)step->index, message);
    lua_setfield(L, -3, "message");
    lua_pop(L, 1);
    lua_pushinteger(L, step->index);
    lua_setfield(L, -2, "index");
    set_default(L, "op", step->name, step->name ? strlen(step->name) : 0);
    set_default(L, "pointer", step->path, step->path_len);
    return lua_error(L);
}

int slL_patch_fail(lua_State *L, const struct sl_patch_step *step, const char *code,
                   const char *message) {
    luaL_checkstack(L, 4, "patch error");
    slL_error_push(L, "patch", "%s", message);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    return slL_patch_raise(L, step);
}

/* --- Reading one operation -------------------------------------------------------- */

static int least(int a, int b, int c) {
    int low = a < b ? a : b;
    return low < c ? low : c;
}

/* How many letters must be added, removed or changed to make one of the other. */
static int edits(const char *a, size_t a_len, const char *b) {
    int row[MAX_NAME + 1];
    int b_len = (int)strlen(b);
    for (int j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; i < a_len; i++) {
        int diagonal = row[0]++;
        for (int j = 0; j < b_len; j++) {
            int same = strncasecmp(a + i, b + j, 1) == 0 ? 0 : 1;
            int next = least(row[j] + 1, row[j + 1] + 1, diagonal + same);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    return row[b_len];
}

static const char *nearest_name(const char *name, size_t len) {
    const char *nearest = NULL;
    int best = NEAR + 1;
    for (int i = 0; i < OPERATIONS && len <= MAX_NAME; i++) {
        int distance = edits(name, len, operations[i].name);
        if (distance < best) {
            best = distance;
            nearest = operations[i].name;
        }
    }
    return nearest;
}

static int fail_unknown(lua_State *L, const struct sl_patch_step *step, const char *name,
                        size_t len) {
    const char *nearest = nearest_name(name, len);
    if (nearest)
        lua_pushfstring(L, "unknown operation \"%s\": did you mean \"%s\"?", name,
                        nearest);
    else
        lua_pushfstring(
            L,
            "unknown operation \"%s\": expected add, remove, replace, move, copy or test",
            name);
    return slL_patch_fail(L, step, "unknown_op", lua_tostring(L, -1));
}

static int fail_member(lua_State *L, const struct sl_patch_step *step, const char *member,
                       int type) {
    if (type == LUA_TNIL) {
        lua_pushfstring(L, "the member \"%s\" is missing", member);
        return slL_patch_fail(L, step, "missing_member", lua_tostring(L, -1));
    }
    lua_pushfstring(L, "the member \"%s\" is a %s: a string was expected", member,
                    lua_typename(L, type));
    return slL_patch_fail(L, step, "wrong_member", lua_tostring(L, -1));
}

static int raw_field(lua_State *L, int idx, const char *field) {
    lua_pushstring(L, field);
    return lua_rawget(L, idx);
}

/* The text of a member; it lives as long as the operation holds it. */
static const char *read_text(lua_State *L, int idx, const struct sl_patch_step *step,
                             const char *member, size_t *len) {
    int type = raw_field(L, idx, member);
    if (type != LUA_TSTRING)
        fail_member(L, step, member, type);
    const char *text = lua_tolstring(L, -1, len);
    lua_pop(L, 1);
    return text;
}

static void check_pointer(lua_State *L, const struct sl_patch_step *step,
                          const char *text, size_t len) {
    const char *fault = sl_pointer_fault(text, len);
    if (!fault)
        return;
    slL_pointer_push_fault(L, text, len, fault);
    slL_patch_raise(L, step);
}

static void read_name(lua_State *L, int idx, struct sl_patch_step *step) {
    size_t len;
    const char *name = read_text(L, idx, step, "op", &len);
    for (int i = 0; i < OPERATIONS; i++) {
        if (strlen(operations[i].name) == len &&
            strncasecmp(name, operations[i].name, len) == 0) {
            step->op = (enum sl_patch_op)i;
            step->name = operations[i].name;
            return;
        }
    }
    fail_unknown(L, step, name, len);
}

/* RFC 6902 §4.4: a value cannot move into itself. */
static void check_from(lua_State *L, const struct sl_patch_step *step) {
    check_pointer(L, step, step->from, step->from_len);
    if (step->op == SL_PATCH_MOVE && step->from_len < step->path_len &&
        memcmp(step->from, step->path, step->from_len) == 0 &&
        step->path[step->from_len] == '/') {
        lua_pushfstring(L, "%s cannot move into itself",
                        step->from_len ? step->from : "the document");
        slL_patch_fail(L, step, "move_into_itself", lua_tostring(L, -1));
    }
}

static void check_value(lua_State *L, int idx, const struct sl_patch_step *step) {
    if (raw_field(L, idx, "value") == LUA_TNIL)
        slL_patch_fail(L, step, "missing_member",
                       "the member \"value\" is missing (core.json.null is JSON's null)");
    lua_pop(L, 1);
}

void slL_patch_read(lua_State *L, int idx, struct sl_patch_step *step) {
    luaL_checkstack(L, 8, "patch");
    if (!lua_istable(L, idx)) {
        lua_pushfstring(L, "an operation is a table { op, path, … }, not a %s",
                        luaL_typename(L, idx));
        slL_patch_fail(L, step, "wrong_operation", lua_tostring(L, -1));
    }
    read_name(L, idx, step);
    step->path = read_text(L, idx, step, "path", &step->path_len);
    check_pointer(L, step, step->path, step->path_len);
    if (operations[step->op].from) {
        step->from = read_text(L, idx, step, "from", &step->from_len);
        check_from(L, step);
    }
    if (operations[step->op].value)
        check_value(L, idx, step);
    if (sl_patch_is_identity(step->op))
        slL_patch_check_match(L, idx, step);
}

/* --- Building --------------------------------------------------------------------- */

static void copy_member(lua_State *L, int from, const char *member) { /* t → t */
    if (raw_field(L, from, member) == LUA_TNIL)
        lua_pop(L, 1);
    else
        lua_setfield(L, -2, member);
}

void slL_patch_append(lua_State *L, int patch) {
    int source = lua_gettop(L);
    struct sl_patch_step step = {.index = (lua_Integer)lua_rawlen(L, patch) + 1};
    if (step.index > SL_PATCH_MAX_OPERATIONS)
        slL_patch_fail(L, &step, "limit", "a patch holds at most 100000 operations");
    slL_patch_read(L, source, &step);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, step.name);
    lua_setfield(L, -2, "op");
    copy_member(L, source, "path");
    copy_member(L, source, step.from ? "from" : "value");
    if (sl_patch_is_identity(step.op)) {
        copy_member(L, source, "match");
        luaL_setmetatable(L, IDENTITY_METATABLE);
    }
    lua_rawseti(L, patch, step.index);
    lua_settop(L, source - 1);
}

static void append_all(lua_State *L, int patch, int operations_idx) {
    lua_Integer count = (lua_Integer)lua_rawlen(L, operations_idx);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, operations_idx, i);
        slL_patch_append(L, patch);
    }
}

static void check_list(lua_State *L, int idx) {
    int is_list = lua_istable(L, idx);
    if (is_list && !slL_json_is_array(L, idx)) {
        lua_pushnil(L);
        is_list = !lua_next(L, idx);
        lua_settop(L, idx);
    }
    if (is_list)
        return;
    slL_error_push(L, "patch", "a patch is an array of operations, not %s",
                   lua_istable(L, idx) ? "an object" : luaL_typename(L, idx));
    lua_pushliteral(L, "wrong_patch");
    lua_setfield(L, -2, "code");
    lua_error(L);
}

void slL_patch_push_new(lua_State *L) {
    lua_newtable(L);
    luaL_setmetatable(L, METATABLE);
}

/* patch.new([operations]) → patch                                       [-0, +1, v] */
static int slL_patch_new(lua_State *L) {
    lua_settop(L, 1);
    slL_patch_push_new(L);
    if (!lua_isnil(L, 1)) {
        lua_insert(L, 1); /* patch operations */
        check_list(L, 2);
        append_all(L, 1, 2);
        lua_settop(L, 1);
    }
    return 1;
}

/* patch(operations), the same */
static int slL_patch_call(lua_State *L) {
    lua_remove(L, 1);
    return slL_patch_new(L);
}

static void check_patch(lua_State *L, int idx) {
    int is_patch = lua_istable(L, idx) && lua_getmetatable(L, idx);
    if (is_patch) {
        luaL_getmetatable(L, METATABLE);
        is_patch = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    if (!is_patch)
        luaL_typeerror(L, idx, "patch (call methods with ':')");
}

/* Appends { op, [second] = argument 3, path = … } and gives the patch back. */
static int build(lua_State *L, enum sl_patch_op op) {
    int has_from = operations[op].from;
    check_patch(L, 1);
    lua_settop(L, 3);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, operations[op].name);
    lua_setfield(L, 4, "op");
    lua_pushvalue(L, has_from ? 3 : 2);
    lua_setfield(L, 4, "path");
    lua_pushvalue(L, has_from ? 2 : 3);
    lua_setfield(L, 4, has_from ? "from" : "value");
    slL_patch_append(L, 1);
    lua_settop(L, 1);
    return 1;
}

/* patch:add(path, value) → patch: puts a member there, or inserts before an index */
static int slL_patch_add(lua_State *L) {
    return build(L, SL_PATCH_ADD);
}

/* patch:remove(path [, value]) → patch; `value` is written and otherwise ignored */
static int slL_patch_remove(lua_State *L) {
    return build(L, SL_PATCH_REMOVE);
}

/* patch:replace(path, value) → patch */
static int slL_patch_replace(lua_State *L) {
    return build(L, SL_PATCH_REPLACE);
}

/* patch:move(from, path) → patch */
static int slL_patch_move(lua_State *L) {
    return build(L, SL_PATCH_MOVE);
}

/* patch:copy(from, path) → patch */
static int slL_patch_copy(lua_State *L) {
    return build(L, SL_PATCH_COPY);
}

/* patch:test(path, value) → patch */
static int slL_patch_test(lua_State *L) {
    return build(L, SL_PATCH_TEST);
}

/* Appends { op, path = argument 2, match = argument 3, value = argument 4 }. */
static int build_identity(lua_State *L, enum sl_patch_op op) {
    check_patch(L, 1);
    lua_settop(L, 4);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, operations[op].name);
    lua_setfield(L, 5, "op");
    lua_pushvalue(L, 2);
    lua_setfield(L, 5, "path");
    lua_pushvalue(L, 3);
    lua_setfield(L, 5, "match");
    lua_pushvalue(L, 4);
    lua_setfield(L, 5, "value");
    slL_patch_append(L, 1);
    lua_settop(L, 1);
    return 1;
}

/* patch:remove_by(array, match [, value]) → patch: removes the elements that match */
static int slL_patch_remove_by(lua_State *L) {
    return build_identity(L, SL_PATCH_REMOVE_BY);
}

/* patch:replace_by(array, match, value) → patch: replaces the one element that matches */
static int slL_patch_replace_by(lua_State *L) {
    return build_identity(L, SL_PATCH_REPLACE_BY);
}

/* patch:add_unless(array, match, value) → patch: appends unless an element matches */
static int slL_patch_add_unless(lua_State *L) {
    return build_identity(L, SL_PATCH_ADD_UNLESS);
}

/* patch:is_plain() → boolean: has it RFC 6902's operations alone?       [-0, +1, v] */
static int slL_patch_is_plain(lua_State *L) {
    bool plain = true;
    check_patch(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    for (lua_Integer i = 1; plain && i <= count; i++) {
        struct sl_patch_step step = {.index = i};
        lua_rawgeti(L, 1, i);
        slL_patch_read(L, lua_gettop(L), &step);
        plain = !sl_patch_is_identity(step.op);
        lua_pop(L, 1);
    }
    lua_pushboolean(L, plain);
    return 1;
}

static int give(lua_State *L, void (*function)(lua_State *L, int patch, int document)) {
    check_patch(L, 1);
    luaL_checkany(L, 2);
    function(L, 1, 2);
    return 1;
}

/* patch:resolve(document) → patch in RFC 6902's operations alone        [-0, +1, v] */
static int slL_patch_resolve_lua(lua_State *L) {
    return give(L, slL_patch_resolve);
}

/* patch:inverse(document) → the patch that undoes it; `document` is the one before
 *                                                                       [-0, +1, v] */
static int slL_patch_inverse_lua(lua_State *L) {
    return give(L, slL_patch_inverse);
}

/* patch:apply(document) → new document                                  [-0, +1, v] */
static int slL_patch_apply_lua(lua_State *L) {
    return give(L, slL_patch_apply);
}

/* Replaces an identity operation at the top by a table that may be written. */
static void show_operation(lua_State *L) {
    static const char *const members[] = {"op", "path", "match", "value"};
    int operation = lua_gettop(L);
    if (luaL_getmetafield(L, operation, "__jsontype") == LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        copy_member(L, operation, members[i]);
    lua_remove(L, operation);
}

/* The patch as JSON, with its identity operations as they are: to look at, not to send */
static int slL_patch_tostring(lua_State *L) {
    check_patch(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    lua_newtable(L);
    slL_json_mark_array(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        show_operation(L);
        lua_rawseti(L, -2, i);
    }
    slL_json_encode(L, -1, 0);
    return 1;
}

static const luaL_Reg methods[] = {
    {"add", slL_patch_add},
    {"remove", slL_patch_remove},
    {"replace", slL_patch_replace},
    {"move", slL_patch_move},
    {"copy", slL_patch_copy},
    {"test", slL_patch_test},
    {"remove_by", slL_patch_remove_by},
    {"replace_by", slL_patch_replace_by},
    {"add_unless", slL_patch_add_unless},
    {"is_plain", slL_patch_is_plain},
    {"resolve", slL_patch_resolve_lua},
    {"inverse", slL_patch_inverse_lua},
    {"apply", slL_patch_apply_lua},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"new", slL_patch_new},
    {"diff", slL_patch_diff_lua},
    {NULL, NULL},
};

int slL_open_patch(lua_State *L) {
    if (luaL_newmetatable(L, METATABLE)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, slL_patch_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushliteral(L, "array");
        lua_setfield(L, -2, "__jsontype");
    }
    lua_pop(L, 1);
    luaL_newmetatable(L, IDENTITY_METATABLE);
    lua_pushliteral(L, SL_JSON_UNRESOLVED);
    lua_setfield(L, -2, "__jsontype");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    slL_patch_push_flow_keys(L);
    lua_setfield(L, -2, "flow_keys");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, slL_patch_call);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    return 1;
}
