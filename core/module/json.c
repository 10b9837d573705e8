/* SPDX-License-Identifier: MIT */
#include "module/json.h"

#include "module/error.h"
#include "module/secret.h"
#include "module/json_write.h"

#include <string.h>

#define ARRAY_METATABLE "sluice.json.array"
#define OBJECT_METATABLE "sluice.json.object"
#define DECODING_METATABLE "sluice.json.decoding"
#define LARGE_TEXT 65536 /* bytes from which it pays to look at some values only */
#define TYPE_FIELD "__jsontype"

/* Keys by their addresses: of lua-cjson's decode in the registry, and of an enum
 * sl_json_type in our metatables, which says what TYPE_FIELD does. */
static const char parser_key = 0, type_key = 0;

/* --- Types ------------------------------------------------------------------------ */

void slL_json_null(lua_State *L) {
    lua_pushlightuserdata(L, NULL);
}

static enum sl_json_type named_type(const char *name) {
    return strcmp(name, "array") == 0    ? SL_JSON_ARRAY
           : strcmp(name, "object") == 0 ? SL_JSON_OBJECT
                                         : SL_JSON_OTHER;
}

/* What the metatable at the top says; pops it. */
static enum sl_json_type take_declared_type(lua_State *L) {
    enum sl_json_type type = SL_JSON_OTHER;
    if (lua_rawgetp(L, -1, &type_key) == LUA_TNUMBER) {
        type = (enum sl_json_type)lua_tointeger(L, -1);
        lua_pop(L, 2);
        return type;
    }
    lua_pushliteral(L, TYPE_FIELD);
    if (lua_rawget(L, -3) == LUA_TSTRING)
        type = named_type(lua_tostring(L, -1));
    lua_pop(L, 3);
    return type;
}

enum sl_json_type slL_json_type(lua_State *L, int idx) {
    if (!lua_istable(L, idx))
        return SL_JSON_OTHER;
    enum sl_json_type type = SL_JSON_OTHER;
    if (lua_getmetatable(L, idx))
        type = take_declared_type(L);
    if (type != SL_JSON_OTHER)
        return type;
    int has_first = lua_rawgeti(L, idx, 1) != LUA_TNIL;
    lua_pop(L, 1);
    return has_first ? SL_JSON_ARRAY : SL_JSON_OBJECT;
}

int slL_json_is_array(lua_State *L, int idx) {
    return slL_json_type(L, idx) == SL_JSON_ARRAY;
}

void slL_json_mark_array(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    luaL_getmetatable(L, ARRAY_METATABLE);
    lua_setmetatable(L, idx);
}

/* --- Decoding --------------------------------------------------------------------- */

/* lua-cjson's decode, of an instance of our own: its settings belong to nobody else. */
static void push_parser(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &parser_key) == LUA_TFUNCTION)
        return;
    lua_pop(L, 1);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1); /* cjson instance */
    lua_remove(L, -2);
    lua_getfield(L, -1, "decode_max_depth");
    lua_pushinteger(L, SL_JSON_MAX_DEPTH);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_remove(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &parser_key);
}

/* The walk over what lua-cjson made. The numbers are stack slots. */
struct walk {
    int meta;   /* the metatable of arrays */
    int names;  /* see push_names; 0: look everywhere */
    int marked; /* does a marked string stand for something else? */
};

static void push_number(lua_State *L, const char *token) {
    if (strcmp(token, "-0") == 0)
        lua_pushnumber(L, -0.0);
    else
        lua_stringtonumber(L, token); /* an integer where 64 bits hold it */
}

/* Pushes what a marked string stands for; the array metatable is at `meta`. */
static int push_marked(lua_State *L, const char *text, size_t len, int meta) {
    switch (text[1]) {
    case SL_JSON_MARK_ARRAY:
        lua_newtable(L);
        lua_pushvalue(L, meta);
        lua_setmetatable(L, -2);
        break;
    case SL_JSON_MARK_NUMBER:
        push_number(L, text + 2);
        break;
    default:
        lua_pushlstring(L, text + 1, len - 1);
    }
    return 1;
}

/* Pushes what the scalar at the top should be, if not itself. */
static int push_restored(lua_State *L, const struct walk *walk) {
    int type = lua_type(L, -1);
    if (type == LUA_TNUMBER) {
        lua_Integer integer;
        if (!lua_numbertointeger(lua_tonumber(L, -1), &integer) ||
            (lua_Number)integer != lua_tonumber(L, -1))
            return 0;
        lua_pushinteger(L, integer);
        return 1;
    }
    if (type != LUA_TSTRING || !walk->marked)
        return 0;
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    return text[0] == SL_JSON_MARK && push_marked(L, text, len, walk->meta);
}

static void restore_member(lua_State *L, const struct walk *walk) { /* t k v → t k */
    if (push_restored(L, walk)) {
        lua_pushvalue(L, -3);
        lua_insert(L, -2);
        lua_rawset(L, -5); /* an existing field: next may go on */
    }
    lua_pop(L, 1);
}

static void tag_array(lua_State *L, int meta) { /* of the table at the top */
    if (lua_rawlen(L, -1) > 0) {
        lua_pushvalue(L, meta);
        lua_setmetatable(L, -2);
    }
}

static void enter_table(lua_State *L, const struct walk *walk) { /* t → t nil */
    luaL_checkstack(L, 8, "JSON text");
    tag_array(L, walk->meta);
    lua_pushnil(L);
}

/* Enters the member at the top or, where that need not be, leaves it. */
static void visit_table(lua_State *L, const struct walk *walk) { /* k v → k v nil | k */
    if (!walk->names || lua_type(L, -2) != LUA_TSTRING) {
        enter_table(L, walk);
        return;
    }
    lua_pushvalue(L, -2);
    int listed = lua_rawget(L, walk->names) != LUA_TNIL;
    int inside = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (inside) {
        enter_table(L, walk);
        return;
    }
    if (listed)
        tag_array(L, walk->meta);
    lua_pop(L, 1);
}

/* Tags the arrays in the table at the top and restores what lua-cjson changed. The Lua
 * stack holds the way down: a table and its current key for each level. */
static void restore_tables(lua_State *L, const struct walk *walk) {
    int root = lua_gettop(L);
    enter_table(L, walk);
    for (;;) {
        if (lua_next(L, -2)) {
            if (lua_istable(L, -1))
                visit_table(L, walk);
            else
                restore_member(L, walk);
        } else if (lua_gettop(L) > root) {
            lua_pop(L, 1);
        } else {
            return;
        }
    }
}

/* Pushes the names as keys; true: look inside, too. */
static void push_names(lua_State *L, const struct sl_json_visits *visits) {
    lua_createtable(L, 0, (int)visits->count);
    for (size_t i = 0; i < visits->count; i++) {
        lua_pushlstring(L, visits->names[i].name, visits->names[i].len);
        lua_pushboolean(L, visits->names[i].inside);
        lua_rawset(L, -3);
    }
}

/* Restores the value at the top; `visits` NULL: looks everywhere. */
static void restore(lua_State *L, int marked, const struct sl_json_visits *visits) {
    int value = lua_gettop(L);
    struct walk walk = {.meta = value + 1, .marked = marked};
    luaL_getmetatable(L, ARRAY_METATABLE);
    if (visits && !visits->all) {
        push_names(L, visits);
        walk.names = value + 2;
    }
    lua_pushvalue(L, value);
    if (lua_istable(L, -1))
        restore_tables(L, &walk);
    else
        push_restored(L, &walk);
    lua_replace(L, value);
    lua_settop(L, value);
}

static int raise_scan(lua_State *L, const struct sl_error *err, const char *source) {
    if (err->code == SL_ERR_MEMORY)
        return slL_error_engine(L, err);
    return slL_error_raise(L, "json", "%s: %s", source, err->text);
}

/* Lives in a userdata, so that its memory is given back when Lua throws. */
struct decoding {
    struct sl_buffer copy;
    struct sl_json_visits visits;
};

static struct decoding *new_decoding(lua_State *L) {
    struct decoding *decoding = lua_newuserdatauv(L, sizeof *decoding, 0);
    memset(decoding, 0, sizeof *decoding);
    sl_buffer_init(&decoding->copy, "JSON text", SL_JSON_MAX_COPY);
    luaL_setmetatable(L, DECODING_METATABLE);
    return decoding;
}

/* Decodes the string at `idx`. */
static void decode_string(lua_State *L, int idx, const char *source) {
    size_t len;
    const char *text = lua_tolstring(L, idx, &len);
    struct decoding *decoding = new_decoding(L);
    struct sl_json_visits *visits = len >= LARGE_TEXT ? &decoding->visits : NULL;
    struct sl_buffer *copy = &decoding->copy;
    struct sl_error err = {0};
    if (sl_json_scan(text, len, copy, visits, &err) != SL_OK)
        raise_scan(L, &err, source);
    int marked = copy->len > 0;
    push_parser(L);
    if (marked)
        lua_pushlstring(L, copy->data, copy->len);
    else
        lua_pushvalue(L, idx);
    sl_buffer_fini(copy);
    lua_call(L, 1, 1);
    restore(L, marked, visits);
    lua_remove(L, -2);
}

void slL_json_decode(lua_State *L, const char *text, size_t len, const char *source) {
    luaL_checkstack(L, 8, "JSON text");
    lua_pushlstring(L, text, len);
    decode_string(L, lua_gettop(L), source);
    lua_remove(L, -2);
}

/* --- Equality and copies ---------------------------------------------------------- */

static int equal_tables(lua_State *L, int a, int b, int depth);

/* A secret is the text it hides. */
static int is_same_scalar(lua_State *L, int a, int b) {
    return lua_rawequal(L, a, b) || slL_secret_equal(L, a, b);
}

/* Are the two values above `top` the same? Takes them. */
static int take_equal(lua_State *L, int top, int depth) {
    int same =
        is_same_scalar(L, top + 1, top + 2) || equal_tables(L, top + 1, top + 2, depth);
    lua_settop(L, top);
    return same;
}

static int equal_arrays(lua_State *L, int a, int b, int depth) {
    int top = lua_gettop(L);
    lua_Unsigned len = lua_rawlen(L, a);
    int same = len == lua_rawlen(L, b);
    for (lua_Unsigned i = 1; same && i <= len; i++) {
        lua_rawgeti(L, a, (lua_Integer)i);
        lua_rawgeti(L, b, (lua_Integer)i);
        same = take_equal(L, top, depth + 1);
    }
    return same;
}

static int has_members(lua_State *L, int idx, lua_Unsigned count) {
    int top = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, idx); lua_settop(L, top + 1))
        count--;
    return count == 0;
}

static int equal_objects(lua_State *L, int a, int b, int depth) {
    int top = lua_gettop(L);
    lua_Unsigned seen = 0;
    for (lua_pushnil(L); lua_next(L, a); seen++) {
        lua_pushvalue(L, top + 1);
        lua_rawget(L, b);
        if (!take_equal(L, top + 1, depth + 1)) {
            lua_settop(L, top);
            return 0;
        }
    }
    return has_members(L, b, seen);
}

/* Of values that are not the same to Lua. Bounded by SL_JSON_MAX_DEPTH. */
static int equal_tables(lua_State *L, int a, int b, int depth) {
    if (!lua_istable(L, a) || !lua_istable(L, b))
        return 0;
    if (depth > SL_JSON_MAX_DEPTH)
        return slL_error_raise(L, "json",
                               "cannot compare values nested deeper than %d levels",
                               SL_JSON_MAX_DEPTH);
    luaL_checkstack(L, 8, "comparing values");
    enum sl_json_type type = slL_json_type(L, a);
    if (type != slL_json_type(L, b))
        return 0;
    return type == SL_JSON_ARRAY ? equal_arrays(L, a, b, depth)
                                 : equal_objects(L, a, b, depth);
}

int slL_json_equal(lua_State *L, int a, int b) {
    return is_same_scalar(L, a, b) ||
           equal_tables(L, lua_absindex(L, a), lua_absindex(L, b), 1);
}

static void copy_at(lua_State *L, int idx, int depth) {
    if (!lua_istable(L, idx)) {
        lua_pushvalue(L, idx);
        return;
    }
    if (depth > SL_JSON_MAX_DEPTH)
        slL_error_raise(L, "json", "cannot copy a value nested deeper than %d levels",
                        SL_JSON_MAX_DEPTH);
    luaL_checkstack(L, 8, "copying a value");
    lua_createtable(L, (int)lua_rawlen(L, idx), 0);
    int copy = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        copy_at(L, lua_gettop(L) - 1, depth + 1); /* copy k v k v' */
        lua_rawset(L, copy);
    }
    if (lua_getmetatable(L, idx))
        lua_setmetatable(L, copy);
}

void slL_json_copy(lua_State *L, int idx) {
    copy_at(L, lua_absindex(L, idx), 1);
}

/* --- The Lua face ----------------------------------------------------------------- */

/* json.decode(text [, source]) → value                                  [-0, +1, v] */
static int slL_json_decode_lua(lua_State *L) {
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *source = luaL_optstring(L, 2, "JSON");
    decode_string(L, 1, source);
    return 1;
}

static int check_indent(lua_State *L, int idx) {
    if (lua_isnoneornil(L, idx))
        return 0;
    luaL_checktype(L, idx, LUA_TTABLE);
    int is_integer = 1;
    lua_Integer indent = 0;
    if (lua_getfield(L, idx, "indent") != LUA_TNIL)
        indent = lua_tointegerx(L, -1, &is_integer);
    luaL_argcheck(L, is_integer && indent >= 0 && indent <= SL_JSON_MAX_INDENT, idx,
                  "indent is a number of blanks from 0 to 16");
    lua_pop(L, 1);
    return (int)indent;
}

/* json.encode(value [, { indent = n }]) → text                          [-0, +1, v] */
static int slL_json_encode_lua(lua_State *L) {
    luaL_checkany(L, 1);
    slL_json_encode(L, 1, check_indent(L, 2));
    return 1;
}

static int mark(lua_State *L, const char *metatable) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_setmetatable(L, metatable);
    return 1;
}

/* json.array([t]) → t, an array even when it is empty                   [-0, +1, v] */
static int slL_json_array_lua(lua_State *L) {
    return mark(L, ARRAY_METATABLE);
}

/* json.object([t]) → t, an object                                       [-0, +1, v] */
static int slL_json_object_lua(lua_State *L) {
    return mark(L, OBJECT_METATABLE);
}

/* json.is_array(value) → boolean                                        [-0, +1, -] */
static int slL_json_is_array_lua(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, slL_json_is_array(L, 1));
    return 1;
}

/* json.equal(a, b) → boolean                                            [-0, +1, v] */
static int slL_json_equal_lua(lua_State *L) {
    luaL_checkany(L, 2);
    lua_pushboolean(L, slL_json_equal(L, 1, 2));
    return 1;
}

/* json.copy(value) → value                                              [-0, +1, v] */
static int slL_json_copy_lua(lua_State *L) {
    luaL_checkany(L, 1);
    slL_json_copy(L, 1);
    return 1;
}

static void new_type(lua_State *L, const char *metatable, const char *type) {
    if (luaL_newmetatable(L, metatable)) {
        lua_pushstring(L, type);
        lua_setfield(L, -2, TYPE_FIELD);
        lua_pushinteger(L, named_type(type));
        lua_rawsetp(L, -2, &type_key);
    }
    lua_pop(L, 1);
}

static int decoding_gc(lua_State *L) {
    struct decoding *decoding = lua_touserdata(L, 1);
    sl_buffer_fini(&decoding->copy);
    return 0;
}

static void open_metatables(lua_State *L) {
    new_type(L, ARRAY_METATABLE, "array");
    new_type(L, OBJECT_METATABLE, "object");
    if (luaL_newmetatable(L, DECODING_METATABLE)) {
        lua_pushcfunction(L, decoding_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
    {"decode", slL_json_decode_lua},     {"encode", slL_json_encode_lua},
    {"array", slL_json_array_lua},       {"object", slL_json_object_lua},
    {"is_array", slL_json_is_array_lua}, {"equal", slL_json_equal_lua},
    {"copy", slL_json_copy_lua},         {NULL, NULL},
};

int slL_open_json(lua_State *L) {
    open_metatables(L);
    slL_json_open_writer(L);
    luaL_newlib(L, functions);
    slL_json_null(L);
    lua_setfield(L, -2, "null");
    return 1;
}
