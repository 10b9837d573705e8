/* SPDX-License-Identifier: MIT
 * Where secrets come from: the environment, files, programs, the terminal, standard
 * input. They go into their userdata without ever being a Lua string. */
#include "engine/intake.h"
#include "module/buffer.h"
#include "module/error.h"
#include "module/policy.h"
#include "module/secret.h"
#include "module/task.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SECRET ((size_t)64 << 10)
#define MAX_WORDS 256
#define COMMAND_MS 120000L /* somebody may have to type a passphrase */

static struct sl_buffer *push_buffer(lua_State *L) {
    return slL_buffer_new(L, "the secret", MAX_SECRET);
}

/* A name that will be shown, at `idx` or else `fallback`. */
static const char *check_name(lua_State *L, int idx, const char *fallback) {
    size_t len;
    const char *name = luaL_optlstring(L, idx, fallback, &len);
    for (size_t i = 0; i < len; i++)
        if (iscntrl((unsigned char)name[i]))
            luaL_argerror(L, idx, "the name of a secret holds no control characters");
    luaL_argcheck(L, len > 0, idx, "the name of a secret is not empty");
    return name;
}

/* Pushes the secret that was read, or raises. */
static int finish(lua_State *L, enum sl_code code, const struct sl_error *err,
                  const char *name, const struct sl_buffer *read, const char *source) {
    if (code == SL_ERR_INTERRUPTED)
        slL_task_interrupt_take(L); /* what the signal asked for happens here */
    if (code == SL_ERR_INTERRUPTED || code == SL_ERR_MEMORY)
        return slL_error_engine(L, err);
    if (code != SL_OK)
        return slL_error_raise(L, "config", "the secret from %s: %s", source, err->text);
    slL_secret_push(L, name, read->data, read->len);
    return 1;
}

/* secret.env(variable [, name]) → secret, or nil when it is unset or empty */
static int slL_secret_env(lua_State *L) {
    const char *variable = luaL_checkstring(L, 1);
    const char *value = getenv(variable);
    if (!value || !*value)
        return 0;
    slL_secret_push(L, check_name(L, 2, variable), value, strlen(value));
    return 1;
}

/* The functions that know no policy carry a mark. */
static int is_free(lua_State *L) {
    return lua_toboolean(L, lua_upvalueindex(1));
}

/* secret.file(path [, name]) → secret */
static int slL_secret_file(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, strlen(path) == len, 1, "a path holds no NUL");
    const char *name = check_name(L, 2, path);
    if (!is_free(L))
        slL_policy_check_path(L, path, len, SL_POLICY_READ);
    struct sl_buffer *read = push_buffer(L);
    enum sl_code code = sl_intake_file(path, slL_task_wake_fd(), read, &err);
    return finish(L, code, &err, name, read, path);
}

/* The words of the list at index 1, which keeps them alive; pushes the memory. */
static const char **check_words(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    luaL_argcheck(L, count > 0 && count < MAX_WORDS, 1,
                  "a command is a list of words, the program first");
    size_t size = sizeof(char *) * ((size_t)count + 1);
    const char **words = lua_newuserdatauv(L, size, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, 1, i) != LUA_TSTRING ||
            strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1))
            luaL_argerror(L, 1, "the words of a command are strings without NUL");
        words[i - 1] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    words[count] = NULL;
    return words;
}

/* secret.command(words [, name]) → secret: what the program prints; no shell has a part
 * in it. */
static int slL_secret_command(lua_State *L) {
    struct sl_error err = {0};
    lua_settop(L, 2);
    const char **words = check_words(L);
    const char *name = check_name(L, 2, words[0]);
    if (!is_free(L))
        slL_policy_check_command(L, words[0]);
    struct sl_buffer *read = push_buffer(L);
    enum sl_code code =
        sl_intake_command(words, COMMAND_MS, slL_task_wake_fd(), read, &err);
    const char *source = lua_pushfstring(L, "the command %s", words[0]);
    return finish(L, code, &err, name, read, source);
}

/* secret.prompt(label) → secret, typed at the terminal unseen */
static int slL_secret_prompt(lua_State *L) {
    struct sl_error err = {0};
    luaL_checkstring(L, 1);
    const char *label = check_name(L, 1, NULL);
    struct sl_buffer *read = push_buffer(L);
    enum sl_code code = sl_intake_prompt(label, slL_task_wake_fd(), read, &err);
    return finish(L, code, &err, label, read, "the terminal");
}

/* secret.stdin([name]) → secret: all of standard input */
static int slL_secret_stdin(lua_State *L) {
    struct sl_error err = {0};
    const char *name = check_name(L, 1, "standard input");
    struct sl_buffer *read = push_buffer(L);
    enum sl_code code = sl_intake_input(STDIN_FILENO, slL_task_wake_fd(), read, &err);
    return finish(L, code, &err, name, read, "standard input");
}

void slL_secret_push_free(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"file", slL_secret_file}, {"command", slL_secret_command}, {NULL, NULL}};
    luaL_newlibtable(L, functions);
    lua_pushboolean(L, 1);
    luaL_setfuncs(L, functions, 1);
}

void slL_secret_add_sources(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"env", slL_secret_env},         {"file", slL_secret_file},
        {"command", slL_secret_command}, {"prompt", slL_secret_prompt},
        {"stdin", slL_secret_stdin},     {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
