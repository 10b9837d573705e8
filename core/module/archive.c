/* SPDX-License-Identifier: MIT
 * Archives: bundles of files, read and written as a whole. */
#include "engine/archive.h"
#include "engine/digest.h"
#include "engine/place.h"
#include "engine/whole.h"
#include "module/buffer.h"
#include "module/error.h"
#include "module/policy.h"

#include <string.h>

#define ARCHIVE "sluice.archive"
#define FILE_MODE 0644
#define PROGRAM_MODE 0755

/* A path at 1 that the policy allows to use so.                             [-0, +0, v]
 */
static const char *check_path(lua_State *L, unsigned use) {
    size_t len;
    const char *path = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, strlen(path) == len, 1, "holds a NUL");
    slL_policy_check_path(L, path, len, use);
    return path;
}

/* ---- reading ----------------------------------------------------------------------- */

static int free_archive(lua_State *L) {
    sl_archive_fini(luaL_checkudata(L, 1, ARCHIVE));
    return 0;
}

/* Pushes an archive that is given back when the function ends.              [-0, +1, m]
 */
static struct sl_archive *push_archive(lua_State *L) {
    struct sl_archive *archive = lua_newuserdatauv(L, sizeof *archive, 0);
    *archive = (struct sl_archive){0};
    luaL_setmetatable(L, ARCHIVE);
    lua_toclose(L, -1);
    return archive;
}

/* { name =, bytes =, sha256 = }                                             [-0, +1, v]
 */
static void push_member(lua_State *L, const struct sl_member *member) {
    char hex[SL_DIGEST_DIGITS + 1];
    struct sl_error err = {0};
    if (sl_digest(member->bytes, member->len, hex, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_createtable(L, 0, 3);
    lua_pushlstring(L, member->name, member->name_len);
    lua_setfield(L, -2, "name");
    lua_pushlstring(L, member->bytes, member->len);
    lua_setfield(L, -2, "bytes");
    lua_pushstring(L, hex);
    lua_setfield(L, -2, "sha256");
}

/* The members in their order, and how many bytes stand before them; or nil and why not:
 * an archive that is refused is nothing to be surprised of.                 [-0, +2, v]
 */
static int give(lua_State *L, const struct sl_archive *archive, enum sl_code code,
                const struct sl_error *err) {
    if (code == SL_ERR_ARGUMENT || code == SL_ERR_LIMIT) {
        lua_pushnil(L);
        lua_pushstring(L, err->text);
        return 2;
    }
    if (code != SL_OK)
        slL_error_engine(L, err);
    lua_createtable(L, (int)archive->count, 0);
    for (size_t i = 0; i < archive->count; i++) {
        push_member(L, &archive->members[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)archive->front);
    return 2;
}

/* archive.read(path) → members, front | nil, reason                         [-0, +2, v]
 */
static int slL_archive_read(lua_State *L) {
    struct sl_error err = {0};
    const char *path = check_path(L, SL_POLICY_READ);
    struct sl_archive *archive = push_archive(L);
    enum sl_code code = sl_archive_read(path, archive, &err);
    return give(L, archive, code, &err);
}

/* archive.parse(bytes) → members, front | nil, reason                       [-0, +2, v]
 */
static int slL_archive_parse(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *bytes = luaL_checklstring(L, 1, &len);
    struct sl_archive *archive = push_archive(L);
    enum sl_code code = sl_archive_parse(bytes, len, archive, &err);
    return give(L, archive, code, &err);
}

/* ---- writing ----------------------------------------------------------------------- */

/* A text of the table at the top, which keeps it alive.                     [-0, +0, v]
 */
static const char *text_of(lua_State *L, const char *field, size_t *len) {
    if (lua_getfield(L, -1, field) != LUA_TSTRING)
        luaL_error(L, "a member has no text '%s'", field);
    const char *text = lua_tolstring(L, -1, len);
    lua_pop(L, 1);
    return text;
}

/* The members of the list at 1.                                             [-0, +1, v]
 */
static struct sl_member *push_members(lua_State *L, size_t count) {
    struct sl_member *members = lua_newuserdatauv(L, (count + 1) * sizeof *members, 0);
    for (size_t i = 0; i < count; i++) {
        if (lua_geti(L, 1, (lua_Integer)i + 1) != LUA_TTABLE)
            luaL_error(L, "a member is no table");
        members[i].name = text_of(L, "name", &members[i].name_len);
        members[i].bytes = text_of(L, "bytes", &members[i].len);
        lua_pop(L, 1);
    }
    return members;
}

/* archive.write(members, front) → bytes                                     [-0, +1, v]
 */
static int slL_archive_write(lua_State *L) {
    struct sl_error err = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer front = luaL_optinteger(L, 2, 0), count = luaL_len(L, 1);
    luaL_argcheck(L, front >= 0, 2, "expected a number of bytes");
    luaL_argcheck(L, count <= SL_ARCHIVE_MEMBERS_MAX, 1, "too many members");
    const struct sl_member *members = push_members(L, (size_t)count);
    struct sl_buffer *out = slL_buffer_new(L, "an archive", SL_ARCHIVE_MAX);
    if (sl_archive_write(members, (size_t)count, (uint64_t)front, out, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_pushlstring(L, out->data, out->len);
    return 1;
}

/* archive.save(path, bytes, "data" | "program" | "new"); raises kind "io"   [-0, +0, v]
 */
static int slL_archive_save(lua_State *L) {
    static const char *const kinds[] = {"data", "program", "new", NULL};
    size_t len;
    struct sl_error err = {0};
    const char *path = check_path(L, SL_POLICY_WRITE),
               *bytes = luaL_checklstring(L, 2, &len);
    int kind = luaL_checkoption(L, 3, "data", kinds);
    mode_t mode = kind == 1 ? PROGRAM_MODE : FILE_MODE;
    if (sl_whole_write(path, bytes, len, mode, kind == 2, &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

/* archive.make_folder(path): where nothing is yet; raises kind "io"         [-0, +0, v]
 */
static int slL_archive_make_folder(lua_State *L) {
    struct sl_error err = {0};
    if (sl_whole_folder(check_path(L, SL_POLICY_WRITE), &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

/* archive.place(path) → where it leads: absolute, without links; raises kind "io"
 *                                                                           [-0, +1, v]
 */
static int slL_archive_place(lua_State *L) {
    char place[PATH_MAX];
    struct sl_error err = {0};
    const char *path = check_path(L, SL_POLICY_READ);
    if (sl_place_find(path, strlen(path), place, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_pushstring(L, place);
    return 1;
}

static const luaL_Reg functions[] = {
    {"read", slL_archive_read},
    {"parse", slL_archive_parse},
    {"write", slL_archive_write},
    {"save", slL_archive_save},
    {"make_folder", slL_archive_make_folder},
    {"place", slL_archive_place},
    {NULL, NULL},
};

int slL_open_archive(lua_State *L) {
    luaL_newmetatable(L, ARCHIVE);
    lua_pushcfunction(L, free_archive);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, free_archive);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
