/* SPDX-License-Identifier: MIT */
#include "module/policy.h"

#include "engine/place.h"
#include "engine/policy_call.h"
#include "module/error.h"
#include "module/secret.h"

#include <errno.h>
#include <lualib.h>
#include <string.h>

#define POLICY "sluice.policy"
#define MAX_MEMORY ((size_t)1 << 30) /* of Lua's, under a policy */

/* ---- refusing
 * ------------------------------------------------------------------------------- */

/* How a recipe declares what a refusal is about. */
static const char *const declared[] = {
    [SL_POLICY_ALLOWED] = "",
    [SL_POLICY_BY_HOSTS] = "hosts = { … }",
    [SL_POLICY_BY_SANDBOXES] = "sandboxes = { … }",
    [SL_POLICY_BY_OPERATIONS] = "operations = { … }",
    [SL_POLICY_BY_READ] = "paths = { read = { … } }",
    [SL_POLICY_BY_WRITE] = "paths = { write = { … } }",
    [SL_POLICY_BY_COMMANDS] = "commands = true",
};

static void push_refusal(lua_State *L, enum sl_policy_part part,
                         const struct sl_error *err) {
    slL_error_push_engine(L, err);
    lua_pushfstring(L, "a recipe declares what it needs: permissions = { %s }",
                    declared[part]);
    lua_setfield(L, -2, "hint");
}

static void check(lua_State *L, enum sl_policy_part part, const struct sl_error *err) {
    if (part == SL_POLICY_ALLOWED)
        return;
    push_refusal(L, part, err);
    lua_error(L);
}

void slL_policy_check_call(lua_State *L, const struct sl_request *request) {
    struct sl_error err = {0};
    const struct sl_policy *policy = sl_policy_sealed();
    const struct sl_policy_call call = {request->method, request->url, request->headers};
    if (!policy)
        return;
    enum sl_policy_part part = sl_policy_ask_call(policy, &call, &err);
    if (part == SL_POLICY_ALLOWED)
        return;
    push_refusal(L, part, &err);
    lua_pushstring(L, request->method);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, request->url);
    lua_setfield(L, -2, "url");
    lua_error(L);
}

void slL_policy_check_header(lua_State *L, const char *name) {
    if (sl_policy_sealed() && sl_call_is_identity(name))
        slL_error_raise(L, "permission",
                        "not permitted in a restricted recipe: the header %s, for calls "
                        "are made as whom the run is for",
                        name);
}

void slL_policy_check_command(lua_State *L, const char *program) {
    struct sl_error err = {0};
    const struct sl_policy *policy = sl_policy_sealed();
    if (policy)
        check(L, sl_policy_ask_command(policy, program, &err), &err);
}

/* The place of a path that may be used so. */
static void find_place(lua_State *L, const char *path, size_t len,
                       enum sl_policy_list use, bool own, char place[PATH_MAX]) {
    struct sl_error err = {0};
    const struct sl_policy *policy = sl_policy_sealed();
    if (sl_place_find(path, len, place, &err) != SL_OK)
        slL_error_engine(L, &err);
    if (policy)
        check(L, sl_policy_ask_place(policy, use, own, place, path, &err), &err);
}

void slL_policy_check_path(lua_State *L, const char *path, size_t len,
                           enum sl_policy_list use) {
    char place[PATH_MAX];
    if (sl_policy_sealed())
        find_place(L, path, len, use, true, place);
}

void slL_policy_check_listener(lua_State *L) {
    if (sl_policy_sealed())
        slL_error_raise(L, "permission", "not permitted: a server of one's own");
}

/* ---- sealing
 * -------------------------------------------------------------------------------- */

static int slL_policy_gc(lua_State *L) {
    sl_policy_fini(luaL_checkudata(L, 1, POLICY));
    return 0;
}

/* A path of the policy's lists: where it leads now is what it stands for. */
static const char *word_of(lua_State *L, enum sl_policy_list list, const char *word,
                           char place[PATH_MAX]) {
    struct sl_error err = {0};
    if (list < SL_POLICY_READ)
        return word;
    if (sl_place_find(word, strlen(word), place, &err) != SL_OK)
        slL_error_raise(L, "config", "permissions: %s", err.text);
    return place;
}

static void add_word(lua_State *L, struct sl_policy *policy, enum sl_policy_list list) {
    char place[PATH_MAX];
    struct sl_error err = {0};
    const char *word = luaL_checkstring(L, -1);
    if (sl_policy_add(policy, list, word_of(L, list, word, place), &err) != SL_OK)
        slL_error_engine(L, &err);
}

static void add_operation(lua_State *L, struct sl_policy *policy) {
    unsigned bit = sl_policy_operation(luaL_checkstring(L, -1));
    luaL_argcheck(L, bit != 0, 1, "no such operation");
    policy->operations |= bit;
}

/* Takes the words of a field of the table at 1. */
static void read_words(lua_State *L, struct sl_policy *policy, const char *field,
                       int list) {
    lua_getfield(L, 1, field);
    luaL_argexpected(L, lua_istable(L, -1), 1, "a policy with all its lists");
    lua_Integer count = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        if (list < 0)
            add_operation(L, policy);
        else
            add_word(L, policy, (enum sl_policy_list)list);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void read_policy(lua_State *L, struct sl_policy *policy) {
    static const struct {
        const char *field;
        int list; /* -1: operations */
    } fields[] = {
        {"hosts", SL_POLICY_HOSTS},       {"sandboxes", SL_POLICY_SANDBOXES},
        {"read", SL_POLICY_READ},         {"write", SL_POLICY_WRITE},
        {"own_read", SL_POLICY_OWN_READ}, {"own_write", SL_POLICY_OWN_WRITE},
        {"never", SL_POLICY_NEVER},       {"operations", -1},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        read_words(L, policy, fields[i].field, fields[i].list);
    lua_getfield(L, 1, "commands");
    policy->commands = lua_toboolean(L, -1);
    lua_pop(L, 1);
}

/* What Lua takes, from the seal on. */
static struct {
    lua_Alloc allocate;
    void *context;
    size_t used;
} memory;

static void *allocate(void *context, void *block, size_t old, size_t size) {
    (void)context;
    if (!block)
        old = 0; /* it is a type */
    if (size > old && size - old > MAX_MEMORY - memory.used)
        return NULL;
    void *found = memory.allocate(memory.context, block, block ? old : 0, size);
    if (found || size == 0)
        memory.used += size - old;
    return found;
}

static void bound_memory(lua_State *L) {
    memory.used = (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
    memory.allocate = lua_getallocf(L, &memory.context);
    if (memory.used < MAX_MEMORY)
        lua_setallocf(L, allocate, NULL);
}

/* policy.seal{ hosts =, sandboxes =, operations =, read =, write =, own_read =,
 * own_write =, never =, commands = } → functions of core.secret that know no policy: {
 * file, command }, for what the user's own options name. Once in a process.       [-0,
 * +1, v]
 */
static int slL_policy_seal(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct sl_policy *policy = lua_newuserdatauv(L, sizeof *policy, 0);
    sl_policy_init(policy);
    luaL_setmetatable(L, POLICY);
    if (sl_policy_sealed())
        slL_error_raise(L, "usage", "the policy of this process is sealed already");
    read_policy(L, policy);
    slL_secret_push_free(L);
    sl_policy_seal(policy);
    bound_memory(L);
    return 1;
}

/* policy.sealed() → boolean                                                 [-0, +1, -]
 */
static int slL_policy_is_sealed(lua_State *L) {
    lua_pushboolean(L, sl_policy_sealed() != NULL);
    return 1;
}

/* ---- files
 * ---------------------------------------------------------------------------------- */

static int close_file(lua_State *L) {
    luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* The mode of a file at `idx`: as io.open has it. */
static const char *check_mode(lua_State *L, int idx) {
    const char *mode = luaL_optstring(L, idx, "r");
    size_t len = *mode && strchr("rwa", *mode) ? 1 : 0;
    len += len && mode[len] == '+';
    len += len && mode[len] == 'b';
    luaL_argcheck(L, len && mode[len] == '\0', idx, "invalid mode");
    return mode;
}

static bool does_read(const char *mode) {
    return *mode == 'r' || (*mode == 'a' && strchr(mode, '+'));
}

static bool does_write(const char *mode) {
    return *mode != 'r' || strchr(mode, '+');
}

/* policy.open(path [, mode [, own]]) → file | nil, message, number: as io.open, for what
 * the policy allows; `own`: for the program itself. Raises kind "permission". [-0, +1, v]
 */
static int slL_policy_open(lua_State *L) {
    size_t len;
    char place[PATH_MAX];
    const char *path = luaL_checklstring(L, 1, &len), *mode = check_mode(L, 2);
    bool own = lua_toboolean(L, 3);
    if (does_read(mode))
        find_place(L, path, len, SL_POLICY_READ, own, place);
    if (does_write(mode))
        find_place(L, path, len, SL_POLICY_WRITE, own, place);
    luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    stream->closef = NULL; /* closed, until it is open */
    luaL_setmetatable(L, LUA_FILEHANDLE);
    errno = sl_place_open(place, mode, &stream->f);
    if (errno != 0)
        return luaL_fileresult(L, 0, path);
    stream->closef = close_file;
    return 1;
}

/* policy.place(path, "read" | "write" [, own]) → where it leads; raises kind "permission"
 *                                                                           [-0, +1, v]
 */
static int slL_policy_place(lua_State *L) {
    static const char *const uses[] = {"read", "write", NULL};
    size_t len;
    char place[PATH_MAX];
    const char *path = luaL_checklstring(L, 1, &len);
    int use = luaL_checkoption(L, 2, NULL, uses);
    find_place(L, path, len, use == 0 ? SL_POLICY_READ : SL_POLICY_WRITE,
               lua_toboolean(L, 3), place);
    lua_pushstring(L, place);
    return 1;
}

/* policy.command(program): may it be run? Raises kind "permission".         [-0, +0, v]
 */
static int slL_policy_command(lua_State *L) {
    slL_policy_check_command(L, luaL_checkstring(L, 1));
    return 0;
}

static const luaL_Reg functions[] = {
    {"seal", slL_policy_seal},       {"sealed", slL_policy_is_sealed},
    {"open", slL_policy_open},       {"place", slL_policy_place},
    {"command", slL_policy_command}, {NULL, NULL},
};

int slL_open_policy(lua_State *L) {
    if (luaL_newmetatable(L, POLICY)) {
        lua_pushcfunction(L, slL_policy_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
