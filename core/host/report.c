/* SPDX-License-Identifier: MIT */
#include "host/report.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#include "host/embed.h"
#include "host/signals.h"
#include "module/error.h"
#include "module/secret.h"

static const struct {
    const char *kind;
    int code;
} exit_codes[] = {
    {"usage", SL_EXIT_USAGE},       {"config", SL_EXIT_CONFIG},
    {"auth", SL_EXIT_CONFIG},       {"http", SL_EXIT_NETWORK},
    {"service", SL_EXIT_REFUSED},   {"json", SL_EXIT_SCRIPT},
    {"patch", SL_EXIT_SCRIPT},      {"recipe", SL_EXIT_SCRIPT},
    {"limit", SL_EXIT_NETWORK},     {"io", SL_EXIT_SCRIPT},
    {"internal", SL_EXIT_INTERNAL}, {"permission", SL_EXIT_SCRIPT},
    {NULL, SL_EXIT_SCRIPT},
};

static int exit_code_of_kind(const char *kind) {
    int i = 0;
    while (exit_codes[i].kind && strcmp(exit_codes[i].kind, kind) != 0)
        i++;
    return exit_codes[i].code;
}

/* The text of the field `name` of the object at `idx`, or "".               [-0, +1, e]
 */
static const char *push_field(lua_State *L, int idx, const char *name) {
    if (lua_getfield(L, idx, name) == LUA_TSTRING)
        return lua_tostring(L, -1);
    lua_pop(L, 1);
    return lua_pushliteral(L, "");
}

static int exit_code(lua_State *L, int idx) {
    const char *kind = push_field(L, idx, "kind");
    if (strcmp(kind, "interrupted") == 0)
        return sl_signals_exit_code();
    int code = exit_code_of_kind(kind);
    if (code == SL_EXIT_REFUSED && lua_getfield(L, idx, "status") == LUA_TNUMBER &&
        lua_tonumber(L, -1) >= 500)
        return SL_EXIT_NETWORK;
    return code;
}

/* Any other value that was thrown → message                                 [-1, +1, m]
 */
static void push_message(lua_State *L) {
    if (lua_type(L, -1) == LUA_TSTRING || luaL_callmeta(L, -1, "__tostring"))
        return;
    lua_pushfstring(L, "the script threw a %s value, not a message",
                    luaL_typename(L, -1));
}

/* An error that crossed a task carries the traceback of its origin behind its message:
 * that one is kept apart, and is worth more than the waiter's. */
static const char *inner_traceback(const char *message) {
    return strstr(message, "\nstack traceback:");
}

static void set_traceback(lua_State *L, const char *inner) { /* object → object */
    if (inner)
        lua_pushstring(L, inner + 1);
    else
        luaL_traceback(L, L, NULL, 1);
    lua_setfield(L, -2, "traceback");
}

/* A plain message that begins with a place inside the program is a defect of the program;
 * any other is the script's. */
static void make_object(lua_State *L) {
    push_message(L);
    const char *message = lua_tostring(L, -1) ? lua_tostring(L, -1) : "(no message)";
    const char *inner = inner_traceback(message);
    int ours = sl_embed_is_place(message);
    lua_pushlstring(L, message, inner ? (size_t)(inner - message) : strlen(message));
    slL_error_push(L, ours ? "internal" : "recipe", "%s", lua_tostring(L, -1));
    if (ours) {
        lua_pushliteral(L, "a defect of Sluice; please report it with the lines below");
        lua_setfield(L, -2, "hint");
    }
    set_traceback(L, inner);
}

int sl_report_handler(lua_State *L) {
    if (!slL_error_test(L, -1)) {
        make_object(L);
        return 1;
    }
    int internal = strcmp(push_field(L, -1, "kind"), "internal") == 0;
    lua_pop(L, 1);
    if (internal)
        set_traceback(L, NULL);
    return 1;
}

/* What steers a terminal, or hides in a text or turns it round, as ranges of one length
 * in UTF-8, which sorts as the characters do. */
static const struct {
    size_t width;
    unsigned char first[3], last[3];
    unsigned code; /* of the first */
} unprintable[] = {
    {1, {0x00}, {0x08}, 0x00},                           /* C0 but tab, newline */
    {1, {0x0b}, {0x1f}, 0x0b},                           /* the rest of C0 */
    {1, {0x7f}, {0x7f}, 0x7f},                           /* DEL */
    {2, {0xc2, 0x80}, {0xc2, 0x9f}, 0x80},               /* C1 */
    {2, {0xd8, 0x9c}, {0xd8, 0x9c}, 0x61c},              /* Arabic letter mark */
    {3, {0xe2, 0x80, 0x8b}, {0xe2, 0x80, 0x8f}, 0x200b}, /* no width, direction */
    {3, {0xe2, 0x80, 0xa8}, {0xe2, 0x80, 0xae}, 0x2028}, /* line ends, direction */
    {3, {0xe2, 0x81, 0xa0}, {0xe2, 0x81, 0xaf}, 0x2060}, /* no width, isolation */
    {3, {0xef, 0xbb, 0xbf}, {0xef, 0xbb, 0xbf}, 0xfeff}, /* byte order mark */
};

/* How many bytes at `text` make one such character, and which; 0: none. */
static size_t find_unprintable(const unsigned char *text, size_t len, unsigned *code) {
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++) {
        size_t width = unprintable[i].width;
        if (width > len || memcmp(text, unprintable[i].first, width) < 0 ||
            memcmp(text, unprintable[i].last, width) > 0)
            continue;
        *code = unprintable[i].code + text[width - 1] - unprintable[i].first[width - 1];
        return width;
    }
    return 0;
}

void sl_report_push_printable(lua_State *L, const char *text, size_t len) {
    const unsigned char *bytes = (const unsigned char *)text;
    luaL_Buffer clean;
    luaL_buffinit(L, &clean);
    for (size_t i = 0; i < len;) {
        unsigned code;
        size_t width = find_unprintable(bytes + i, len - i, &code);
        if (width == 0) {
            luaL_addchar(&clean, text[i++]);
            continue;
        }
        char shown[12];
        snprintf(shown, sizeof shown, "<U+%04X>", code);
        luaL_addstring(&clean, shown);
        i += width;
    }
    luaL_pushresult(&clean);
}

/* A text that some script made may hold what it should not. */
static void print(lua_State *L, const char *text, size_t len) {
    lua_pushlstring(L, text, len);
    slL_secret_mask(L);
    text = lua_tolstring(L, -1, &len);
    sl_report_push_printable(L, text, len);
    const char *clean = lua_tolstring(L, -1, &len);
    fwrite(clean, 1, len, stderr);
    fputc('\n', stderr);
    lua_pop(L, 2);
}

int sl_report_error(lua_State *L) {
    size_t len;
    fflush(stdout);
    fputs("sluice: ", stderr);
    const char *line = luaL_tolstring(L, 1, &len);
    print(L, line, len);
    int code = SL_EXIT_INTERNAL; /* a plain string: the handler could not run */
    if (slL_error_test(L, 1)) {
        const char *traceback = push_field(L, 1, "traceback");
        if (*traceback)
            print(L, traceback, strlen(traceback));
        code = exit_code(L, 1);
    }
    lua_pushinteger(L, code);
    return 1;
}
