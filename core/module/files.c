/* SPDX-License-Identifier: MIT
 * Files and folders, as far as Lua's own library does not know them. */
#include "engine/folder.h"
#include "engine/output.h"
#include "module/error.h"
#include "module/policy.h"

#include <errno.h>
#include <lualib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* files.make_folder(path); raises kind "io"                                 [-0, +0, v]
 */
static int slL_files_make_folder(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    slL_policy_check_path(L, path, len, SL_POLICY_WRITE);
    if (sl_folder_make(path, len, 0777, &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

static int close_file(lua_State *L) {
    luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* files.create(path) → a file as io.open(path, "w") gives it, with mode 0600; raises kind
 * "io"                                                                      [-0, +1, v]
 */
static int slL_files_create(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    slL_policy_check_path(L, path, len, SL_POLICY_WRITE);
    luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    stream->closef = NULL; /* closed, until it is open */
    luaL_setmetatable(L, LUA_FILEHANDLE);
    if (sl_output_open(path, len, &stream->f, &err) != SL_OK)
        slL_error_engine(L, &err);
    stream->closef = close_file;
    return 1;
}

static const char *kind_of(mode_t mode) {
    if (S_ISLNK(mode))
        return "link";
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "folder" : "other";
}

/* files.look(path, "target" | "link") → { kind, mode, own }, nil when there is nothing;
 * raises kind "io"                                                          [-0, +1, v]
 */
static int slL_files_look(lua_State *L) {
    static const char *const kinds[] = {"target", "link", NULL};
    size_t len;
    struct stat found;
    const char *path = luaL_checklstring(L, 1, &len);
    bool follow = luaL_checkoption(L, 2, "target", kinds) == 0;
    luaL_argcheck(L, strlen(path) == len, 1, "a path holds no NUL");
    slL_policy_check_path(L, path, len, SL_POLICY_READ);
    if ((follow ? stat : lstat)(path, &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        return slL_error_raise(L, "io", "cannot look at %s: %s", path, strerror(errno));
    }
    lua_createtable(L, 0, 3);
    lua_pushstring(L, kind_of(found.st_mode));
    lua_setfield(L, -2, "kind");
    lua_pushinteger(L, found.st_mode & 07777);
    lua_setfield(L, -2, "mode");
    lua_pushboolean(L, found.st_uid == geteuid());
    lua_setfield(L, -2, "own");
    return 1;
}

/* files.close_to_others(path); raises kind "io"                             [-0, +0, v]
 */
static int slL_files_close_to_others(lua_State *L) {
    size_t len;
    struct stat found;
    const char *path = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, strlen(path) == len, 1, "a path holds no NUL");
    slL_policy_check_path(L, path, len, SL_POLICY_WRITE);
    if (stat(path, &found) != 0 || chmod(path, found.st_mode & 07700) != 0)
        return slL_error_raise(L, "io", "cannot close %s to others: %s", path,
                               strerror(errno));
    return 0;
}

static const luaL_Reg functions[] = {
    {"close_to_others", slL_files_close_to_others},
    {"look", slL_files_look},
    {"make_folder", slL_files_make_folder},
    {"create", slL_files_create},
    {NULL, NULL},
};

int slL_open_files(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
