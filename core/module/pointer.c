/* SPDX-License-Identifier: MIT */
#include "module/pointer.h"

#include <string.h>

#include "module/error.h"
#include "module/json.h"

#define MAX_INDEX_DIGITS 18 /* more than any array has, and fit for 64 bits */

/* --- Tokens ----------------------------------------------------------------------- */

const char *sl_pointer_fault(const char *text, size_t len) {
    const char *end = text + len, *at = text;
    if (len > 0 && text[0] != '/')
        return "it must be empty or begin with '/'";
    while (at < end && (at = memchr(at, '~', (size_t)(end - at)))) {
        at++;
        if (at == end || (*at != '0' && *at != '1'))
            return "'~' must be followed by 0 (for '~') or 1 (for '/')";
    }
    return len > SL_JSON_MAX_DEPTH && sl_pointer_depth(text, len) > SL_JSON_MAX_DEPTH
               ? "it has more parts than a document has levels (512)"
               : NULL;
}

struct sl_pointer sl_pointer_start(const char *text, size_t len) {
    return (struct sl_pointer){.start = text, .at = text, .end = text + len};
}

bool sl_pointer_next(struct sl_pointer *pointer) {
    if (pointer->at == pointer->end)
        return false;
    pointer->token = pointer->at + 1;
    size_t rest = (size_t)(pointer->end - pointer->token);
    const char *slash = rest ? memchr(pointer->token, '/', rest) : NULL;
    pointer->at = slash ? slash : pointer->end;
    pointer->len = (size_t)(pointer->at - pointer->token);
    return true;
}

bool sl_pointer_is_last(const struct sl_pointer *pointer) {
    return pointer->at == pointer->end;
}

size_t sl_pointer_depth(const char *text, size_t len) {
    size_t depth = 0;
    for (size_t i = 0; i < len; i++)
        depth += text[i] == '/';
    return depth;
}

lua_Integer sl_pointer_index(const struct sl_pointer *pointer) {
    lua_Integer index = 0;
    if (pointer->len == 0 || (pointer->len > 1 && pointer->token[0] == '0'))
        return -1;
    for (size_t i = 0; i < pointer->len; i++) {
        if (pointer->token[i] < '0' || pointer->token[i] > '9')
            return -1;
        if (i < MAX_INDEX_DIGITS)
            index = index * 10 + (pointer->token[i] - '0');
    }
    return pointer->len > MAX_INDEX_DIGITS ? LUA_MAXINTEGER : index;
}

void slL_pointer_push_token(lua_State *L, const struct sl_pointer *pointer) {
    const char *at = pointer->token, *end = at + pointer->len;
    if (!memchr(at, '~', pointer->len)) {
        lua_pushlstring(L, at, pointer->len);
        return;
    }
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (; at < end; at++) {
        if (*at == '~')
            luaL_addchar(&out, *++at == '0' ? '~' : '/');
        else
            luaL_addchar(&out, *at);
    }
    luaL_pushresult(&out);
}

void slL_pointer_push_escaped(lua_State *L, const char *token, size_t len) {
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (size_t i = 0; i < len; i++) {
        if (token[i] == '~')
            luaL_addlstring(&out, "~0", 2);
        else if (token[i] == '/')
            luaL_addlstring(&out, "~1", 2);
        else
            luaL_addchar(&out, token[i]);
    }
    luaL_pushresult(&out);
}

/* --- Errors ----------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *field, const char *text, size_t len) {
    lua_pushlstring(L, text, len);
    lua_setfield(L, -2, field);
}

void slL_pointer_push_fault(lua_State *L, const char *text, size_t len,
                            const char *fault) {
    slL_error_push(L, "patch", "the JSON pointer \"%s\" is wrong: %s", text, fault);
    lua_pushliteral(L, "pointer_syntax");
    lua_setfield(L, -2, "code");
    set_text(L, "pointer", text, len);
}

static size_t parent_len(const struct sl_pointer *pointer) {
    return (size_t)(pointer->token - 1 - pointer->start);
}

const char *slL_pointer_push_parent(lua_State *L, const struct sl_pointer *pointer) {
    if (parent_len(pointer) == 0)
        return lua_pushliteral(L, "the document");
    return lua_pushlstring(L, pointer->start, parent_len(pointer));
}

void slL_pointer_push_miss(lua_State *L, const struct sl_pointer *pointer,
                           const char *code) {
    size_t len = (size_t)(pointer->end - pointer->start);
    lua_pushlstring(L, pointer->start, len);
    slL_error_push(L, "patch", "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
    lua_replace(L, -3);
    lua_setfield(L, -2, "pointer");
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    slL_pointer_push_token(L, pointer);
    lua_setfield(L, -2, "part");
    set_text(L, "nearest", pointer->start, parent_len(pointer));
}

static const char *push_named_token(lua_State *L, const struct sl_pointer *pointer) {
    return lua_pushlstring(L, pointer->token, pointer->len);
}

static void push_no_member(lua_State *L, const struct sl_pointer *pointer) {
    const char *token = push_named_token(L, pointer);
    const char *parent = slL_pointer_push_parent(L, pointer);
    lua_pushfstring(L, "%s has no member \"%s\"", parent, token);
    lua_rotate(L, -3, 1);
    lua_pop(L, 2);
    slL_pointer_push_miss(L, pointer, "not_found");
}

static void push_no_element(lua_State *L, const struct sl_pointer *pointer,
                            lua_Integer len) {
    const char *token = push_named_token(L, pointer);
    const char *parent = slL_pointer_push_parent(L, pointer);
    lua_pushfstring(L, "%s has no element %s: it has %I of them, counted from 0", parent,
                    token, (LUAI_UACINT)len);
    lua_rotate(L, -3, 1);
    lua_pop(L, 2);
    slL_pointer_push_miss(L, pointer, "not_found");
}

static void push_bad_index(lua_State *L, const struct sl_pointer *pointer) {
    const char *token = push_named_token(L, pointer);
    const char *parent = slL_pointer_push_parent(L, pointer);
    if (strcmp(token, "-") == 0)
        lua_pushfstring(L,
                        "\"-\" is the place after the last element of %s: only add may "
                        "use it",
                        parent);
    else
        lua_pushfstring(L,
                        "%s is an array, and \"%s\" is no index: digits without sign or "
                        "leading zero",
                        parent, token);
    lua_rotate(L, -3, 1);
    lua_pop(L, 2);
    slL_pointer_push_miss(L, pointer, "bad_index");
}

static void push_scalar(lua_State *L, int idx, const struct sl_pointer *pointer) {
    const char *type = lua_isuserdata(L, idx) && !lua_touserdata(L, idx)
                           ? "null"
                           : luaL_typename(L, idx);
    const char *parent = slL_pointer_push_parent(L, pointer);
    lua_pushfstring(L, "%s is a %s and holds nothing", parent, type);
    lua_remove(L, -2);
    slL_pointer_push_miss(L, pointer, "not_found");
}

/* --- Looking up ------------------------------------------------------------------- */

static bool step_array(lua_State *L, int idx, const struct sl_pointer *pointer) {
    lua_Integer index = sl_pointer_index(pointer);
    lua_Integer len = (lua_Integer)lua_rawlen(L, idx);
    if (index < 0)
        push_bad_index(L, pointer);
    else if (index >= len)
        push_no_element(L, pointer, len);
    else
        return lua_rawgeti(L, idx, index + 1), true;
    return false;
}

bool slL_pointer_step(lua_State *L, int idx, const struct sl_pointer *pointer) {
    idx = lua_absindex(L, idx);
    enum sl_json_type type = slL_json_type(L, idx);
    if (type == SL_JSON_ARRAY)
        return step_array(L, idx, pointer);
    if (type == SL_JSON_OTHER) {
        push_scalar(L, idx, pointer);
        return false;
    }
    slL_pointer_push_token(L, pointer);
    if (lua_rawget(L, idx) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    push_no_member(L, pointer);
    return false;
}

bool slL_pointer_get(lua_State *L, int idx, const char *text, size_t len) {
    luaL_checkstack(L, 10, "JSON pointer");
    const char *fault = sl_pointer_fault(text, len);
    if (fault) {
        slL_pointer_push_fault(L, text, len, fault);
        return false;
    }
    struct sl_pointer pointer = sl_pointer_start(text, len);
    bool found = true;
    lua_pushvalue(L, idx);
    while (found && sl_pointer_next(&pointer)) {
        found = slL_pointer_step(L, -1, &pointer);
        lua_remove(L, -2);
    }
    return found;
}

/* Pushes what the current token names in the value at the top, or nil. */
static void push_child(lua_State *L, const struct sl_pointer *pointer) {
    if (slL_json_is_array(L, -1)) {
        lua_Integer index = sl_pointer_index(pointer);
        lua_rawgeti(L, -1, index < LUA_MAXINTEGER ? index + 1 : 0);
        return;
    }
    slL_pointer_push_token(L, pointer);
    lua_rawget(L, -2);
}

bool slL_pointer_find(lua_State *L, int idx, const char *text, size_t len) {
    luaL_checkstack(L, 6, "JSON pointer");
    struct sl_pointer pointer = sl_pointer_start(text, len);
    lua_pushvalue(L, idx);
    while (sl_pointer_next(&pointer)) {
        if (lua_istable(L, -1))
            push_child(L, &pointer);
        else
            lua_pushnil(L);
        lua_remove(L, -2);
    }
    return !lua_isnil(L, -1);
}

/* --- The Lua face ----------------------------------------------------------------- */

/* pointer.get(document, pointer) → value | nil, error                   [-0, +1|2, m] */
static int slL_pointer_get_lua(lua_State *L) {
    size_t len;
    luaL_checkany(L, 1);
    luaL_checktype(L, 2, LUA_TSTRING);
    const char *text = lua_tolstring(L, 2, &len);
    if (slL_pointer_get(L, 1, text, len))
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

/* pointer.parse(pointer) → array of unescaped tokens; raises kind "patch" [-0, +1, v] */
static int slL_pointer_parse_lua(lua_State *L) {
    size_t len;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *text = lua_tolstring(L, 1, &len);
    const char *fault = sl_pointer_fault(text, len);
    if (fault) {
        slL_pointer_push_fault(L, text, len, fault);
        return lua_error(L);
    }
    struct sl_pointer pointer = sl_pointer_start(text, len);
    lua_newtable(L);
    slL_json_mark_array(L, -1);
    for (lua_Integer i = 1; sl_pointer_next(&pointer); i++) {
        slL_pointer_push_token(L, &pointer);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* pointer.escape(token) → token with '~' and '/' escaped                [-0, +1, v] */
static int slL_pointer_escape_lua(lua_State *L) {
    size_t len;
    const char *token = luaL_checklstring(L, 1, &len);
    slL_pointer_push_escaped(L, token, len);
    return 1;
}

/* Adds "/token" to the text at the top. */
static void append_token(lua_State *L, int tokens, lua_Integer i) {
    size_t len;
    int type = lua_rawgeti(L, tokens, i);
    if (type != LUA_TSTRING && !lua_isinteger(L, -1))
        luaL_error(L,
                   "pointer.format: part %I is a %s: a string or an index was expected",
                   (LUAI_UACINT)i, lua_typename(L, type));
    const char *token = lua_tolstring(L, -1, &len);
    lua_pushliteral(L, "/");
    slL_pointer_push_escaped(L, token, len);
    lua_remove(L, -3);
    lua_concat(L, 3);
}

/* pointer.format(tokens) → pointer; tokens are strings or indexes from 0  [-0, +1, v] */
static int slL_pointer_format_lua(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    lua_pushliteral(L, "");
    for (lua_Integer i = 1; i <= count; i++)
        append_token(L, 1, i);
    return 1;
}

static const luaL_Reg functions[] = {
    {"get", slL_pointer_get_lua},
    {"parse", slL_pointer_parse_lua},
    {"format", slL_pointer_format_lua},
    {"escape", slL_pointer_escape_lua},
    {NULL, NULL},
};

int slL_open_pointer(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
