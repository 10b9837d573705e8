/* SPDX-License-Identifier: MIT */
#include "module/json_write.h"

#include "module/error.h"
#include "module/pointer.h"
#include "module/secret.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METATABLE "sluice.json.writer"
#define NUMBER_SIZE 40
#define KEPT 32 /* values of an object that wait on the Lua stack for their turn */

/* Where the writer is: one of these a level, on the C stack. */
struct place {
    const struct place *up;
    const void *table;
    const char *name; /* of the member; NULL in an array */
    size_t name_len;
    lua_Integer index; /* of the element, from 0 */
};

/* A name of a member. Its bytes belong to the table, which nobody changes meanwhile: the
 * writer runs no Lua code. */
struct name {
    const char *text;
    size_t len;
    int value; /* its stack slot, or 0 */
};

/* Lives in a userdata, so that its memory is given back when Lua throws. */
struct writer {
    lua_State *L;
    struct sl_buffer out;
    struct sl_buffer names; /* of all objects being written, innermost last */
    bool reveal;            /* write the bytes of secrets, not their names */
    int indent;
    int depth;
    bool measuring; /* nothing is written; out.len alone counts, up to `limit` or so */
    size_t limit;
};

/* --- Errors ----------------------------------------------------------------------- */

static void push_pointer(lua_State *L, const struct place *place) {
    lua_pushliteral(L, "");
    for (; place; place = place->up) {
        lua_pushliteral(L, "/");
        if (place->name)
            slL_pointer_push_escaped(L, place->name, place->name_len);
        else
            lua_pushfstring(L, "%I", place->index);
        lua_rotate(L, -3, -1);
        lua_concat(L, 3);
    }
}

/* Raises: the value at `place` cannot be written; the reason is at the top. */
static void refuse_pushed(struct writer *w, const struct place *place) {
    lua_State *L = w->L;
    luaL_checkstack(L, 8, "JSON error");
    push_pointer(L, place);
    const char *pointer = lua_tostring(L, -1);
    slL_error_push(L, "json", "cannot encode %s: %s", place ? pointer : "the whole value",
                   lua_tostring(L, -2));
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "pointer");
    lua_error(L);
}

static void refuse(struct writer *w, const struct place *place, const char *reason) {
    luaL_checkstack(w->L, 1, "JSON error");
    lua_pushstring(w->L, reason);
    refuse_pushed(w, place);
}

/* --- Bytes ------------------------------------------------------------------------ */

/* Makes room, or raises. */
static void make_room(struct writer *w, struct sl_buffer *buffer, size_t len) {
    struct sl_error err = {0};
    if (sl_buffer_reserve(buffer, len, &err) != SL_OK)
        slL_error_engine(w->L, &err);
}

static void append(struct writer *w, struct sl_buffer *buffer, const void *bytes,
                   size_t len) {
    if (buffer->room - buffer->len <= len)
        make_room(w, buffer, len);
    memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
}

static void add(struct writer *w, const char *bytes, size_t len) {
    if (w->measuring)
        w->out.len += len;
    else
        append(w, &w->out, bytes, len);
}

static void add_newline(struct writer *w) {
    static const char blanks[] = "                ";
    if (w->indent == 0)
        return;
    add(w, "\n", 1);
    for (int i = 0; i < w->depth; i++)
        add(w, blanks, (size_t)w->indent);
}

static void add_control(struct writer *w, unsigned char c) {
    static const char *const short_forms[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r",
    };
    char text[8];
    if (short_forms[c])
        snprintf(text, sizeof text, "%s", short_forms[c]);
    else
        snprintf(text, sizeof text, "\\u%04X", c);
    add(w, text, strlen(text));
}

static void add_special(struct writer *w, const unsigned char *at) {
    const char escaped[] = {'\\', (char)*at};
    if (*at < 0x20)
        add_control(w, *at);
    else
        add(w, escaped, sizeof escaped);
}

/* A string in quotes; `fault` says what is wrong at `place` when it is not UTF-8. */
static void add_quoted(struct writer *w, const struct place *place, const char *text,
                       size_t len, const char *fault) {
    const unsigned char *at = (const unsigned char *)text, *end = at + len, *from = at;
    add(w, "\"", 1);
    while ((at = sl_json_plain(at, end)) < end) {
        size_t length = sl_json_utf8(at, end);
        if (length == 0)
            refuse(w, place, fault);
        if (length == 1) {
            add(w, (const char *)from, (size_t)(at - from));
            add_special(w, at);
            from = at + 1;
        }
        at += length;
    }
    add(w, (const char *)from, (size_t)(end - from));
    add(w, "\"", 1);
}

static void add_string(struct writer *w, const struct place *place, const char *text,
                       size_t len) {
    add_quoted(w, place, text, len, "a string that is not valid UTF-8");
}

/* --- Scalars ---------------------------------------------------------------------- */

/* The shortest of the usual three precisions that reads back as the same double. */
static void format_double(char *text, double number) {
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, NUMBER_SIZE, "%.*g", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
}

static void add_double(struct writer *w, const struct place *place, double number) {
    char text[NUMBER_SIZE + 2];
    if (!isfinite(number))
        refuse(w, place, isnan(number) ? "NaN is not JSON" : "infinity is not JSON");
    format_double(text, number);
    char *odd = text + strspn(text, "-+0123456789e");
    if (*odd)
        *odd = '.'; /* whatever the locale writes there */
    else if (!strchr(text, 'e'))
        memcpy(odd, ".0", 3);
    add(w, text, strlen(text));
}

static void add_integer(struct writer *w, lua_Integer number) {
    char text[NUMBER_SIZE], *end = text + sizeof text, *at = end;
    lua_Unsigned rest = (lua_Unsigned)number;
    if (number < 0)
        rest = 0 - rest;
    do {
        *--at = (char)('0' + rest % 10);
    } while (rest /= 10);
    if (number < 0)
        *--at = '-';
    add(w, at, (size_t)(end - at));
}

static void add_number(struct writer *w, const struct place *place) {
    if (lua_isinteger(w->L, -1))
        add_integer(w, lua_tointeger(w->L, -1));
    else
        add_double(w, place, lua_tonumber(w->L, -1));
}

static void add_secret(struct writer *w, const struct place *place) {
    size_t len;
    const char *bytes = slL_secret_test(w->L, -1, &len);
    if (!bytes) {
        refuse(w, place, "userdata has no JSON form");
        return;
    }
    if (w->reveal) {
        add_string(w, place, bytes, len);
        return;
    }
    luaL_tolstring(w->L, -1, &len);
    bytes = lua_tostring(w->L, -1);
    add_string(w, place, bytes, len);
    lua_pop(w->L, 1);
}

static void refuse_type(struct writer *w, const struct place *place, int type) {
    if (type == LUA_TNIL)
        refuse(w, place, "nil has no JSON form (core.json.null is JSON's null)");
    lua_pushfstring(w->L, "a %s has no JSON form", lua_typename(w->L, type));
    refuse_pushed(w, place);
}

static void add_table(struct writer *w, const struct place *up);

static void add_value(struct writer *w, const struct place *place) { /* [-0, +0, v] */
    lua_State *L = w->L;
    size_t len;
    const char *text;
    int type = lua_type(L, -1);
    switch (type) {
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &len);
        add_string(w, place, text, len);
        break;
    case LUA_TNUMBER:
        add_number(w, place);
        break;
    case LUA_TBOOLEAN:
        add(w, lua_toboolean(L, -1) ? "true" : "false", lua_toboolean(L, -1) ? 4 : 5);
        break;
    case LUA_TTABLE:
        add_table(w, place);
        break;
    case LUA_TUSERDATA:
        add_secret(w, place);
        break;
    default:
        if (type != LUA_TLIGHTUSERDATA || lua_touserdata(L, -1))
            refuse_type(w, place, type);
        add(w, "null", 4);
    }
}

/* --- Tables ----------------------------------------------------------------------- */

/* What the keys of a table are. */
struct keys {
    int table;             /* stack slot; the values that are kept follow */
    size_t names;          /* in w->names, from `first` */
    size_t first;          /* offset in bytes */
    lua_Unsigned elements; /* integer keys from 1 */
    lua_Unsigned last;     /* the largest of them */
};

static void collect_name(struct writer *w, const struct keys *keys) { /* … k v */
    struct name name = {0};
    name.text = lua_tolstring(w->L, -2, &name.len);
    if (keys->names < KEPT)
        name.value = keys->table + 1 + (int)keys->names;
    append(w, &w->names, &name, sizeof name);
}

static void collect_key(struct writer *w, const struct place *place, struct keys *keys) {
    lua_State *L = w->L; /* … k v */
    if (lua_type(L, -2) == LUA_TSTRING) {
        if (!w->measuring)
            collect_name(w, keys);
        keys->names++;
    } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) {
        lua_Unsigned index = (lua_Unsigned)lua_tointeger(L, -2);
        keys->elements++;
        keys->last = index > keys->last ? index : keys->last;
    } else {
        lua_pushfstring(
            L, "a table with the key %s (names are strings, indexes count from 1)",
            luaL_tolstring(L, -2, NULL));
        refuse_pushed(w, place);
    }
}

/* Of the table at the top, which is followed by what is kept. */
static struct keys collect_keys(struct writer *w, const struct place *place) {
    lua_State *L = w->L;
    struct keys keys = {.table = lua_gettop(L), .first = w->names.len};
    for (lua_pushnil(L); lua_next(L, keys.table);) {
        size_t names = keys.names;
        collect_key(w, place, &keys);
        if (names < keys.names && keys.names <= KEPT)
            lua_insert(L, -2); /* k v → v k */
        else
            lua_pop(L, 1);
    }
    return keys;
}

static void check_keys(struct writer *w, const struct place *place,
                       const struct keys *keys, enum sl_json_type type) {
    if (keys->names > 0 && keys->elements > 0)
        refuse(w, place, "a table with both names and indexes");
    if (type == SL_JSON_ARRAY && keys->names > 0)
        refuse(w, place, "an array with names");
    if (type == SL_JSON_OBJECT && keys->elements > 0)
        refuse(w, place, "an object with indexes");
    if (keys->elements != keys->last) {
        lua_pushfstring(w->L, "an array with holes (%I of %I elements are there)",
                        (LUAI_UACINT)keys->elements, (LUAI_UACINT)keys->last);
        refuse_pushed(w, place);
    }
}

static int compare_names(const void *a, const void *b) {
    const struct name *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort_names(struct name *names, size_t count) {
    if (count > KEPT) {
        qsort(names, count, sizeof *names, compare_names);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct name name = names[i];
        size_t at = i;
        for (; at > 0 && compare_names(&names[at - 1], &name) > 0; at--)
            names[at] = names[at - 1];
        names[at] = name;
    }
}

static struct name *names_at(struct writer *w, size_t first) {
    return (struct name *)(void *)(w->names.data + first);
}

static void add_array(struct writer *w, struct place *place, lua_Unsigned len) {
    add(w, "[", 1);
    w->depth++;
    for (lua_Unsigned i = 1; i <= len; i++) {
        add(w, ",", i > 1);
        add_newline(w);
        place->index = (lua_Integer)i - 1;
        lua_rawgeti(w->L, -1, (lua_Integer)i);
        add_value(w, place);
        lua_pop(w->L, 1);
    }
    w->depth--;
    add_newline(w);
    add(w, "]", 1);
}

static void add_member(struct writer *w, struct place *place, int table,
                       struct name name) {
    place->name = name.text;
    place->name_len = name.len;
    add_newline(w);
    add_quoted(w, place->up, name.text, name.len, "a name that is not valid UTF-8");
    add(w, ": ", w->indent ? 2 : 1);
    if (name.value) {
        lua_pushvalue(w->L, name.value);
    } else {
        lua_pushlstring(w->L, name.text, name.len);
        lua_rawget(w->L, table);
    }
    add_value(w, place);
    lua_pop(w->L, 1);
}

static void add_object(struct writer *w, struct place *place, const struct keys *keys) {
    sort_names(names_at(w, keys->first), keys->names);
    add(w, "{", 1);
    w->depth++;
    for (size_t i = 0; i < keys->names; i++) {
        add(w, ",", i > 0);
        add_member(w, place, keys->table, names_at(w, keys->first)[i]);
    }
    w->depth--;
    w->names.len = keys->first;
    lua_settop(w->L, keys->table);
    add_newline(w);
    add(w, "}", 1);
}

static void check_place(struct writer *w, const struct place *up, const void *table) {
    for (const struct place *p = up; p; p = p->up)
        if (p->table == table)
            refuse(w, up, "a table that contains itself");
    if (w->depth == SL_JSON_MAX_DEPTH) {
        lua_pushfstring(w->L, "nested deeper than %d levels", SL_JSON_MAX_DEPTH);
        refuse_pushed(w, up);
    }
}

/* Raises when the type at the top is that of operations that are not resolved yet. */
static void refuse_unresolved(struct writer *w) {
    const char *type = lua_tostring(w->L, -1);
    if (!type || strcmp(type, SL_JSON_UNRESOLVED) != 0)
        return;
    slL_error_push(w->L, "patch",
                   "the patch has operations that go by identity: resolve it against the "
                   "document first (patch:resolve)");
    lua_pushliteral(w->L, SL_JSON_UNRESOLVED);
    lua_setfield(w->L, -2, "code");
    lua_error(w->L);
}

/* Adds the length of the table at the top, in whatever order its members come. */
static void measure_table(struct writer *w, struct place *place, enum sl_json_type type) {
    lua_State *L = w->L;
    struct keys keys = {0};
    w->depth++;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        collect_key(w, place->up, &keys);
        place->name = NULL;
        place->index = (lua_Integer)keys.elements - 1;
        if (lua_type(L, -2) == LUA_TSTRING) {
            place->name = lua_tolstring(L, -2, &place->name_len);
            add_quoted(w, place->up, place->name, place->name_len,
                       "a name that is not valid UTF-8");
        }
        w->out.len += place->name ? 2 : 1; /* a comma or bracket, and a colon */
        add_value(w, place);
        if (w->out.len > w->limit) {
            lua_pop(L, 2);
            break;
        }
    }
    w->depth--;
    w->out.len += keys.names + keys.elements > 0 ? 1 : 2;
    if (w->out.len <= w->limit)
        check_keys(w, place->up, &keys, type);
}

/* Depth is bounded by SL_JSON_MAX_DEPTH. */
static void add_table(struct writer *w, const struct place *up) {
    luaL_checkstack(w->L, KEPT + 16, "JSON value");
    struct place place = {.up = up, .table = lua_topointer(w->L, -1)};
    check_place(w, up, place.table);
    enum sl_json_type type = SL_JSON_OTHER;
    if (luaL_getmetafield(w->L, -1, "__jsontype") != LUA_TNIL) {
        refuse_unresolved(w);
        lua_pop(w->L, 1);
        type = slL_json_type(w->L, -1);
    }
    if (w->measuring) {
        measure_table(w, &place, type);
        return;
    }
    struct keys keys = collect_keys(w, up);
    check_keys(w, up, &keys, type);
    if (keys.elements > 0)
        add_array(w, &place, keys.elements);
    else if (keys.names > 0)
        add_object(w, &place, &keys);
    else
        add(w, type == SL_JSON_ARRAY ? "[]" : "{}", 2);
}

/* --- The whole -------------------------------------------------------------------- */

static void writer_fini(struct writer *w) {
    sl_buffer_fini(&w->out);
    sl_buffer_fini(&w->names);
}

static int writer_gc(lua_State *L) {
    writer_fini(lua_touserdata(L, 1));
    return 0;
}

void slL_json_open_writer(lua_State *L) {
    if (luaL_newmetatable(L, METATABLE)) {
        lua_pushcfunction(L, writer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

/* Pushes a writer and leaves the text of the value at `idx` in it.       [-0, +1, v] */
static struct writer *write_value(lua_State *L, int idx, bool reveal, int indent,
                                  const struct sl_buffer *out) {
    luaL_checkstack(L, 8, "JSON value");
    struct writer *w = lua_newuserdatauv(L, sizeof *w, 0);
    *w = (struct writer){.L = L, .reveal = reveal, .out = *out};
    w->indent = indent < SL_JSON_MAX_INDENT ? indent : SL_JSON_MAX_INDENT;
    sl_buffer_init(&w->names, "the list of member names", SL_JSON_MAX_SIZE);
    luaL_setmetatable(L, METATABLE);
    lua_pushvalue(L, idx);
    add_value(w, NULL);
    lua_pop(L, 1);
    return w;
}

void slL_json_encode(lua_State *L, int idx, int indent) {
    struct sl_buffer out;
    sl_buffer_init(&out, "the JSON text", SL_JSON_MAX_SIZE);
    struct writer *w = write_value(L, lua_absindex(L, idx), false, indent, &out);
    lua_pushlstring(L, w->out.data, w->out.len);
    writer_fini(w);
    lua_remove(L, -2);
}

void slL_json_reveal(lua_State *L, int idx, int indent, struct sl_buffer *out) {
    struct writer *w = write_value(L, lua_absindex(L, idx), true, indent, out);
    *out = w->out;
    sl_buffer_init(&w->out, out->name, 0);
    writer_fini(w);
    lua_pop(L, 1);
}

size_t slL_json_size(lua_State *L, int idx, size_t limit) {
    struct writer w = {.L = L, .measuring = true, .limit = limit};
    luaL_checkstack(L, 8, "JSON value");
    lua_pushvalue(L, idx);
    add_value(&w, NULL);
    lua_pop(L, 1);
    return w.out.len > limit ? limit + 1 : w.out.len;
}
