/* SPDX-License-Identifier: MIT
 * embed_lua SOURCE CHUNK SYMBOL OUTPUT: writes a Lua source as C arrays, twice: packed by
 * zlib, and compiled with all that messages and tracebacks show. A source that is not Lua
 * stops the build. Runs while the program is built; see EmbedLua.cmake. */
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static int fail(const char *what, const char *why) {
    fprintf(stderr, "embed_lua: %s: %s\n", what, why);
    return 1;
}

static void write_bytes(FILE *out, const char *symbol, const char *suffix,
                        const char *bytes, size_t len) {
    fprintf(out, "const unsigned char %s%s[] = {", symbol, suffix);
    for (size_t i = 0; i < len; i++)
        fprintf(out, "%s0x%02x,", i % 16 == 0 ? "\n" : "", (unsigned char)bytes[i]);
    fprintf(out, "0};\nconst unsigned long %s%s_size = %zu;\n", symbol, suffix, len);
}

/* Pushes the text of a file; NULL when it cannot be read. */
static const char *push_file(lua_State *L, const char *path, size_t *len) {
    luaL_Buffer text;
    FILE *in = fopen(path, "rb");
    if (!in)
        return NULL;
    luaL_buffinit(L, &text);
    for (size_t got = 1; got > 0;) {
        char *room = luaL_prepbuffer(&text);
        got = fread(room, 1, LUAL_BUFFERSIZE, in);
        luaL_addsize(&text, got);
    }
    luaL_pushresult(&text);
    int failed = ferror(in);
    fclose(in);
    return failed ? NULL : lua_tolstring(L, -1, len);
}

/* Pushes the text, packed; NULL when that fails. */
static const char *push_packed(lua_State *L, const char *text, size_t len,
                               size_t *packed_len) {
    luaL_Buffer packed;
    uLongf size = compressBound(len);
    char *room = luaL_buffinitsize(L, &packed, size);
    if (compress2((Bytef *)room, &size, (const Bytef *)text, len, 9) != Z_OK)
        return NULL;
    luaL_pushresultsize(&packed, size);
    return lua_tolstring(L, -1, packed_len);
}

/* Pushes the function at the top, compiled, with its lines and names. */
static const char *push_code(lua_State *L, size_t *len) {
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
    lua_getfield(L, -1, "dump");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 1);
    return lua_tolstring(L, -1, len);
}

static int embed(lua_State *L, char **arguments) {
    size_t text_len, code_len, packed_len;
    const char *path = arguments[1], *symbol = arguments[3];
    const char *text = push_file(L, path, &text_len);
    if (!text)
        return fail(path, strerror(errno));
    lua_pushfstring(L, "@%s", arguments[2]);
    if (luaL_loadbufferx(L, text, text_len, lua_tostring(L, -1), "t") != LUA_OK)
        return fail(path, lua_tostring(L, -1));
    const char *code = push_code(L, &code_len);
    const char *packed = push_packed(L, text, text_len, &packed_len);
    if (!packed)
        return fail(path, "cannot be packed");
    FILE *out = fopen(arguments[4], "wb");
    if (!out)
        return fail(arguments[4], strerror(errno));
    write_bytes(out, symbol, "", packed, packed_len);
    fprintf(out, "const unsigned long %s_length = %zu;\n", symbol, text_len);
    write_bytes(out, symbol, "_code", code, code_len);
    return fclose(out) == 0 ? 0 : fail(arguments[4], strerror(errno));
}

int main(int argc, char **argv) {
    if (argc != 5)
        return fail("usage", "embed_lua SOURCE CHUNK SYMBOL OUTPUT");
    lua_State *L = luaL_newstate();
    int code = L ? embed(L, argv) : fail("memory", "not enough");
    if (L)
        lua_close(L);
    return code;
}
