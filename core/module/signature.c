/* SPDX-License-Identifier: MIT
 * What proves that bytes are somebody's: digests and signatures. */
#include "engine/digest.h"
#include "engine/signature.h"
#include "module/error.h"
#include "module/secret.h"

/* signature.digest(bytes) → SHA-256 in hexadecimal digits                   [-0, +1, v]
 */
static int slL_signature_digest(lua_State *L) {
    size_t len;
    char hex[SL_DIGEST_DIGITS + 1];
    struct sl_error err = {0};
    const char *bytes = luaL_checklstring(L, 1, &len);
    if (sl_digest(bytes, len, hex, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_pushstring(L, hex);
    return 1;
}

/* What is wrong with a key is said, not raised.                             [-0, +2, v]
 */
static int complain(lua_State *L, enum sl_code code, const struct sl_error *err) {
    if (code != SL_ERR_ARGUMENT)
        slL_error_engine(L, err);
    lua_pushnil(L);
    lua_pushstring(L, err->text);
    return 2;
}

static void push_raw(lua_State *L, const unsigned char *bytes, size_t len) {
    lua_pushlstring(L, (const char *)bytes, len);
}

/* signature.make(key, bytes) → signature, public key (raw bytes both) | nil, reason: the
 * key is a secret or a text                                                 [-0, +2, v]
 */
static int slL_signature_make(lua_State *L) {
    size_t pem_len, len;
    unsigned char signature[SL_SIGNATURE_SIZE], key[SL_SIGNATURE_KEY_SIZE];
    struct sl_error err = {0};
    const char *pem = slL_secret_reveal(L, 1, &pem_len);
    const char *bytes = luaL_checklstring(L, 2, &len);
    enum sl_code code = sl_signature_make(pem, pem_len, bytes, len, signature, key, &err);
    if (code != SL_OK)
        return complain(L, code, &err);
    push_raw(L, signature, sizeof signature);
    push_raw(L, key, sizeof key);
    return 2;
}

/* signature.check(key, bytes, signature) → is it good?, public key (raw) | nil, reason
 *                                                                           [-0, +2, v]
 */
static int slL_signature_check(lua_State *L) {
    size_t pem_len, len, signature_len;
    unsigned char key[SL_SIGNATURE_KEY_SIZE];
    bool good = false;
    struct sl_error err = {0};
    const char *pem = luaL_checklstring(L, 1, &pem_len);
    const char *bytes = luaL_checklstring(L, 2, &len);
    const char *signature = luaL_checklstring(L, 3, &signature_len);
    luaL_argcheck(L, signature_len == SL_SIGNATURE_SIZE, 3, "expected 64 bytes");
    enum sl_code code = sl_signature_check(
        pem, pem_len, bytes, len, (const unsigned char *)signature, key, &good, &err);
    if (code != SL_OK)
        return complain(L, code, &err);
    lua_pushboolean(L, good);
    push_raw(L, key, sizeof key);
    return 2;
}

static const luaL_Reg functions[] = {
    {"digest", slL_signature_digest},
    {"make", slL_signature_make},
    {"check", slL_signature_check},
    {NULL, NULL},
};

int slL_open_signature(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
