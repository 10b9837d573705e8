/* SPDX-License-Identifier: MIT
 * Small documents that outlive a run and are nobody else's business, such as tokens. */
#include "engine/digest.h"
#include "engine/folder.h"
#include "engine/private.h"
#include "module/buffer.h"
#include "module/error.h"
#include "module/json.h"
#include "module/policy.h"
#include "module/secret.h"

#include <string.h>

#define STORE "sluice.store"
#define FOLDER_MODE 0700
#define MAX_DOCUMENT ((size_t)64 << 10)

static struct sl_private *check_store(lua_State *L) {
    struct sl_private *store = luaL_checkudata(L, 1, STORE);
    if (store->folder < 0)
        luaL_error(L, "the store is closed");
    return store;
}

static int check(lua_State *L, enum sl_code code, const struct sl_error *err) {
    if (code != SL_OK)
        slL_error_engine(L, err);
    return 0;
}

static const char *check_text(lua_State *L, int idx, size_t *len) {
    const char *text = luaL_checklstring(L, idx, len);
    luaL_argcheck(L, strlen(text) == *len, idx, "holds a NUL");
    return text;
}

/* store.open(path [, create]) → store, or nil when there is no such folder */
static int slL_store_open(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = check_text(L, 1, &len);
    slL_policy_check_path(L, path, len, SL_POLICY_WRITE);
    lua_settop(L, 2);
    struct sl_private *store = lua_newuserdatauv(L, sizeof *store, 0);
    sl_private_init(store);
    luaL_setmetatable(L, STORE);
    if (lua_toboolean(L, 2))
        check(L, sl_folder_make(path, len, FOLDER_MODE, &err), &err);
    check(L, sl_private_open(store, path, &err), &err);
    return store->folder < 0 ? 0 : 1;
}

/* store.name(text, …) → a name that tells nothing of the texts, the same for the same */
static int slL_store_name(lua_State *L) {
    char hex[SL_DIGEST_DIGITS + 1];
    struct sl_error err = {0};
    int count = lua_gettop(L);
    struct sl_buffer *all = slL_buffer_new(L, "the texts of a name", MAX_DOCUMENT);
    for (int i = 1; i <= count; i++) {
        size_t len;
        const char *text = luaL_checklstring(L, i, &len);
        slL_buffer_add(L, all, (const char *)&len,
                       sizeof len); /* no two lists are one text */
        slL_buffer_add(L, all, text, len);
    }
    check(L, sl_digest(all->data ? all->data : "", all->len, hex, &err), &err);
    lua_pushstring(L, hex);
    return 1;
}

/* store:read(name) → the document with its secrets, nil when there is none */
static int slL_store_read(lua_State *L) {
    size_t len;
    bool found = false;
    struct sl_error err = {0};
    struct sl_private *store = check_store(L);
    const char *name = check_text(L, 2, &len);
    struct sl_buffer *text = slL_buffer_new(L, "the document", MAX_DOCUMENT);
    check(L, sl_private_read(store, name, text, &found, &err), &err);
    if (!found)
        return 0;
    slL_json_decode(L, text->data, text->len, name);
    slL_secret_wrap(L, -1);
    return 1;
}

/* The blanks a level that a document for people has. */
static int check_indent(lua_State *L, int idx) {
    if (lua_isnoneornil(L, idx))
        return 0;
    luaL_checktype(L, idx, LUA_TTABLE);
    lua_getfield(L, idx, "indent");
    lua_Integer indent = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    luaL_argcheck(L, indent >= 0 && indent <= SL_JSON_MAX_INDENT, idx,
                  "indent is 0 to 16");
    return (int)indent;
}

/* store:write(name, document [, { indent }]), which the holder of the lock may do */
static int slL_store_write(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    struct sl_private *store = check_store(L);
    const char *name = check_text(L, 2, &len);
    luaL_checkany(L, 3);
    int indent = check_indent(L, 4);
    struct sl_buffer *text = slL_buffer_new(L, "the document", MAX_DOCUMENT);
    slL_json_reveal(L, 3, indent, text);
    if (indent)
        slL_buffer_add(L, text, "\n", 1);
    return check(L, sl_private_write(store, name, text->data, text->len, &err), &err);
}

/* store:remove(name) → was it there? */
static int slL_store_remove(lua_State *L) {
    size_t len;
    bool removed = false;
    struct sl_error err = {0};
    struct sl_private *store = check_store(L);
    check(L, sl_private_remove(store, check_text(L, 2, &len), &removed, &err), &err);
    lua_pushboolean(L, removed);
    return 1;
}

/* store:lock(name) → is it ours now? Does not wait. */
static int slL_store_lock(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    struct sl_private *store = check_store(L);
    check(L, sl_private_lock(store, check_text(L, 2, &len), &err), &err);
    lua_pushboolean(L, store->lock >= 0);
    return 1;
}

/* store:unlock() */
static int slL_store_unlock(lua_State *L) {
    sl_private_unlock(check_store(L));
    return 0;
}

static int slL_store_close(lua_State *L) {
    sl_private_close(luaL_checkudata(L, 1, STORE));
    return 0;
}

static const luaL_Reg functions[] = {
    {"open", slL_store_open},
    {"name", slL_store_name},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"read", slL_store_read},
    {"write", slL_store_write},
    {"remove", slL_store_remove},
    {"lock", slL_store_lock},
    {"unlock", slL_store_unlock},
    {"close", slL_store_close},
    {NULL, NULL},
};

int slL_open_store(lua_State *L) {
    luaL_newmetatable(L, STORE);
    lua_pushcfunction(L, slL_store_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, slL_store_close);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
