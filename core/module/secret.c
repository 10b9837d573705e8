/* SPDX-License-Identifier: MIT */
#include "module/secret.h"

#include "engine/mask.h"
#include "module/buffer.h"
#include "module/error.h"

#include <string.h>

#define METATABLE "sluice.secret"
#define LIVE "sluice.secrets" /* in the registry: secret → true, weak */
#define MASK "sluice.mask"
#define MAX_MASKED ((size_t)1 << 30)

/* name, NUL, value, NUL in one block, so that the value never exists as a Lua string of
 * ours. */
struct secret {
    size_t name_len;
    size_t len;
    char text[];
};

/* Pushes a secret whose bytes are still to be filled in. */
static struct secret *new_secret(lua_State *L, const char *name, size_t name_len,
                                 size_t len) {
    struct secret *secret = lua_newuserdatauv(L, sizeof *secret + name_len + len + 2, 0);
    secret->name_len = name_len;
    secret->len = len;
    memset(secret->text, 0, name_len + len + 2);
    memcpy(secret->text, name, name_len);
    luaL_setmetatable(L, METATABLE);
    lua_getfield(L, LUA_REGISTRYINDEX, LIVE);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return secret;
}

static char *bytes_of(struct secret *secret) {
    return secret->text + secret->name_len + 1;
}

void slL_secret_push(lua_State *L, const char *name, const char *bytes, size_t len) {
    struct secret *secret = new_secret(L, name, strlen(name), len);
    memcpy(bytes_of(secret), bytes, len);
}

const char *slL_secret_test(lua_State *L, int idx, size_t *len) {
    struct secret *secret = luaL_testudata(L, idx, METATABLE);
    if (!secret)
        return NULL;
    if (len)
        *len = secret->len;
    return bytes_of(secret);
}

const char *slL_secret_reveal(lua_State *L, int idx, size_t *len) {
    const char *bytes = slL_secret_test(L, idx, len);
    return bytes ? bytes : luaL_checklstring(L, idx, len);
}

const char *slL_secret_name(lua_State *L, int idx) {
    struct secret *secret = luaL_testudata(L, idx, METATABLE);
    return secret ? secret->text : "";
}

/* ---- masking ----------------------------------------------------------------------- */

static int mask_gc(lua_State *L) {
    sl_mask_fini(lua_touserdata(L, 1));
    return 0;
}

static struct sl_mask *push_mask(lua_State *L) {
    struct sl_mask *mask = lua_newuserdatauv(L, sizeof *mask, 0);
    sl_mask_init(mask);
    luaL_setmetatable(L, MASK);
    return mask;
}

/* Adds every secret that is alive, of the table at the top. */
static void add_live(lua_State *L, struct sl_mask *mask) {
    struct sl_error err = {0};
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        struct secret *secret = lua_touserdata(L, -2);
        if (sl_mask_add(mask, secret->text, secret->name_len, bytes_of(secret),
                        secret->len, &err) != SL_OK)
            slL_error_engine(L, &err);
    }
}

void slL_secret_push_mask(lua_State *L) {
    luaL_checkstack(L, 8, NULL);
    struct sl_mask *mask = push_mask(L);
    if (lua_getfield(L, LUA_REGISTRYINDEX, LIVE) == LUA_TTABLE)
        add_live(L, mask);
    lua_pop(L, 1);
}

void slL_secret_apply_mask(lua_State *L, int idx) {
    size_t len;
    struct sl_error err = {0};
    const struct sl_mask *mask = lua_touserdata(L, idx);
    if (!mask->all)
        return;
    const char *bytes = lua_tolstring(L, -1, &len);
    luaL_checkstack(L, 4, NULL);
    struct sl_buffer *out = slL_buffer_new(L, "the masked text", MAX_MASKED);
    if (sl_mask_apply(mask, bytes, len, out, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_pushlstring(L, out->data ? out->data : "", out->len);
    sl_buffer_fini(out);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void slL_secret_mask(lua_State *L) {
    int text = lua_gettop(L);
    slL_secret_push_mask(L);
    struct sl_mask *mask = lua_touserdata(L, -1);
    lua_pushvalue(L, text);
    slL_secret_apply_mask(L, text + 1);
    lua_replace(L, text);
    sl_mask_fini(mask);
    lua_settop(L, text);
}

/* secret.mask(text) → text in which every secret that is alive shows as its name */
static int slL_secret_mask_text(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    slL_secret_mask(L);
    return 1;
}

/* secret.new(name, bytes) → secret */
static int slL_secret_new(lua_State *L) {
    size_t len;
    const char *name = luaL_checkstring(L, 1);
    const char *bytes = slL_secret_reveal(L, 2, &len);
    slL_secret_push(L, name, bytes, len);
    return 1;
}

/* secret.is(value) → boolean */
static int slL_secret_is(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, slL_secret_test(L, 1, NULL) != NULL);
    return 1;
}

static int slL_secret_tostring(lua_State *L) {
    lua_pushfstring(L, "‹secret %s›", slL_secret_name(L, 1));
    return 1;
}

/* In a time that does not tell where the difference is. */
static int is_same(const char *a, const char *b, size_t len) {
    unsigned char difference = 0;
    for (size_t i = 0; i < len; i++)
        difference |= (unsigned char)(a[i] ^ b[i]);
    return difference == 0;
}

int slL_secret_equal(lua_State *L, int a, int b) {
    size_t a_len, b_len;
    const char *x = slL_secret_test(L, a, &a_len), *y = slL_secret_test(L, b, &b_len);
    if (!x && !y)
        return 0;
    if (!x && lua_type(L, a) == LUA_TSTRING)
        x = lua_tolstring(L, a, &a_len);
    if (!y && lua_type(L, b) == LUA_TSTRING)
        y = lua_tolstring(L, b, &b_len);
    return x && y && a_len == b_len && is_same(x, y, a_len);
}

/* Equal bytes make equal secrets, whatever their names. */
static int slL_secret_eq(lua_State *L) {
    lua_pushboolean(L, slL_secret_equal(L, 1, 2));
    return 1;
}

static const char *check_part(lua_State *L, int idx, size_t *len) {
    const char *bytes = slL_secret_test(L, idx, len);
    if (!bytes && lua_type(L, idx) != LUA_TSTRING && lua_type(L, idx) != LUA_TNUMBER)
        luaL_error(L, "attempt to concatenate a secret and a %s", luaL_typename(L, idx));
    return bytes ? bytes : lua_tolstring(L, idx, len);
}

/* What a secret is part of is one, too, under its name. */
static int slL_secret_concat(lua_State *L) {
    size_t a_len, b_len;
    const char *a = check_part(L, 1, &a_len), *b = check_part(L, 2, &b_len);
    const struct secret *named = luaL_testudata(L, 1, METATABLE);
    if (!named)
        named = lua_touserdata(L, 2);
    struct secret *whole = new_secret(L, named->text, named->name_len, a_len + b_len);
    memcpy(bytes_of(whole), a, a_len);
    memcpy(bytes_of(whole) + a_len, b, b_len);
    return 1;
}

/* Its number of bytes. */
static int slL_secret_len(lua_State *L) {
    size_t len = 0;
    slL_secret_test(L, 1, &len);
    lua_pushinteger(L, (lua_Integer)len);
    return 1;
}

/* Their order would give them away, comparison by comparison. */
static int slL_secret_order(lua_State *L) {
    return luaL_error(L, "secrets have no order; == tells whether two are the same");
}

static int slL_secret_index(lua_State *L) {
    return luaL_error(L,
                      "a secret has no fields or methods, and its text cannot be read "
                      "(%s); give it where it is needed as it is",
                      luaL_tolstring(L, 1, NULL));
}

static int slL_secret_gc(lua_State *L) {
    struct secret *secret = luaL_checkudata(L, 1, METATABLE);
    sl_memory_wipe(bytes_of(secret), secret->len);
    secret->len = 0;
    return 0;
}

static const luaL_Reg functions[] = {
    {"new", slL_secret_new},
    {"is", slL_secret_is},
    {"mask", slL_secret_mask_text},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", slL_secret_tostring},
    {"__eq", slL_secret_eq},
    {"__concat", slL_secret_concat},
    {"__len", slL_secret_len},
    {"__lt", slL_secret_order},
    {"__le", slL_secret_order},
    {"__index", slL_secret_index},
    {"__gc", slL_secret_gc},
    {NULL, NULL},
};

/* A state has one such set, also when the module is loaded again. */
static void open_live(lua_State *L) {
    if (lua_getfield(L, LUA_REGISTRYINDEX, LIVE) != LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, LIVE);
}

int slL_open_secret(lua_State *L) {
    open_live(L);
    if (luaL_newmetatable(L, METATABLE)) {
        luaL_setfuncs(L, metamethods, 0);
        lua_pushliteral(L, "secret");
        lua_setfield(L, -2, "__metatable"); /* scripts cannot reach the metatable */
        lua_pushliteral(L, "secret");
        lua_setfield(L, -2, "__name"); /* "string expected, got secret" */
    }
    lua_pop(L, 1);
    luaL_newmetatable(L, MASK);
    lua_pushcfunction(L, mask_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    slL_secret_add_sources(L);
    slL_secret_add_answers(L);
    return 1;
}
