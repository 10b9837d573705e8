/* SPDX-License-Identifier: MIT
 * Secrets that come in answers: the service shows credentials that it keeps, and hands
 * out new ones. They are known by their keys. */
#include "module/error.h"
#include "module/json.h"
#include "module/policy.h"
#include "module/secret.h"

#include <string.h>
#include <strings.h>

#define LEARNED "sluice.secret.keys" /* in the registry: key → true */
#define MAX_LEARNED 1000

/* auth.md §8, and how the token service and the landing zone call theirs (§2, §4;
 * destinations.md). In any case of letters. */
static const struct {
    const char *name;
    size_t len;
} keys[] = {
#define KEY(name)                                                                        \
    { name, sizeof name - 1 }
    KEY("accessToken"),
    KEY("access_token"),
    KEY("awsSecretAccessKey"),
    KEY("awsSessionToken"),
    KEY("clientSecret"),
    KEY("client_secret"),
    KEY("client_secrets"),
    KEY("connectionString"),
    KEY("password"),
    KEY("s3Role"),
    KEY("s3SecretKey"),
    KEY("sasKey"),
    KEY("sasToken"),
    KEY("sasUri"),
    KEY("secretAccessKey"),
    KEY("secretKey"),
    KEY("servicePrincipalKey"),
    KEY("sshKey"),
#undef KEY
};

/* Stack of a walk. */
struct walk {
    int learned; /* the table of keys that answers have taught */
    int format;  /* the string "format" */
    int mask;    /* for all other texts, 0: they stay as they are */
};

/* What was learned holds inside of credentials and parameters only: as the key of
 * anything else it may be a harmless word. */
static int is_inside(const char *key) {
    return strcmp(key, "auth") == 0 || strcmp(key, "params") == 0;
}

static int is_known(const char *key, size_t len) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].len == len && strncasecmp(keys[i].name, key, len) == 0)
            return 1;
    return 0;
}

static int is_learned(lua_State *L, const struct walk *walk, int key) {
    lua_pushvalue(L, key);
    int learned = lua_rawget(L, walk->learned) != LUA_TNIL;
    lua_pop(L, 1);
    return learned;
}

static int is_secret_key(lua_State *L, const struct walk *walk, int key, int inside) {
    size_t len;
    if (lua_type(L, key) != LUA_TSTRING)
        return 0;
    const char *name = lua_tolstring(L, key, &len);
    return is_known(name, len) || (inside && is_learned(L, walk, key));
}

/* Is the value of the member at `key` a JSON Schema of a password? Then its key is one of
 * a secret from here on. */
static void learn(lua_State *L, const struct walk *walk, int key, int value) {
    if (lua_type(L, key) != LUA_TSTRING)
        return;
    lua_pushvalue(L, walk->format);
    if (lua_rawget(L, value) == LUA_TSTRING &&
        strcmp(lua_tostring(L, -1), "password") == 0 && !is_learned(L, walk, key)) {
        lua_Integer count = (lua_rawgeti(L, walk->learned, 0), lua_tointeger(L, -1));
        if (count < MAX_LEARNED) {
            lua_pushvalue(L, key);
            lua_pushboolean(L, 1);
            lua_rawset(L, walk->learned);
            lua_pushinteger(L, count + 1);
            lua_rawseti(L, walk->learned, 0);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Puts a secret in the place of the text at the top, the value of that field of the table
 * at `at`, unless there is nothing to hide. */
static void hide(lua_State *L, int at, int field, int name) {
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (strspn(text, "*") == len)
        return;
    lua_pushvalue(L, field);
    slL_secret_push(L, lua_tostring(L, name), text, len);
    lua_rawset(L, at);
}

/* The texts of the list at the top. */
static void hide_list(lua_State *L, int name) {
    int list = lua_gettop(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_pushinteger(L, i);
        if (lua_rawgeti(L, list, i) == LUA_TSTRING)
            hide(L, list, list + 1, name);
        lua_settop(L, list);
    }
}

/* The same with a text that may hold one that was sent. */
static void mask(lua_State *L, const struct walk *walk, int at, int key) {
    lua_pushvalue(L, -1);
    slL_secret_apply_mask(L, walk->mask);
    if (!lua_rawequal(L, -1, -2)) {
        lua_pushvalue(L, key);
        lua_insert(L, -2);
        lua_rawset(L, at);
    } else {
        lua_pop(L, 1);
    }
}

/* A table on the way down. */
struct place {
    int table; /* stack slot */
    int depth;
    int inside; /* of credentials or parameters */
};

static void visit(lua_State *L, const struct walk *walk, struct place place);

static void visit_member(lua_State *L, const struct walk *walk, struct place place) {
    int value = lua_gettop(L), key = value - 1;
    int type = lua_type(L, value), named = lua_type(L, key) == LUA_TSTRING;
    if (type == LUA_TTABLE) {
        learn(L, walk, key, value);
        if (is_secret_key(L, walk, key, place.inside))
            hide_list(L, key);
        visit(L, walk,
              (struct place){value, place.depth + 1,
                             place.inside || (named && is_inside(lua_tostring(L, key)))});
    } else if (type == LUA_TSTRING && is_secret_key(L, walk, key, place.inside)) {
        hide(L, place.table, key, key);
    } else if (type == LUA_TSTRING && walk->mask) {
        mask(L, walk, place.table, key);
    }
}

/* Depth is bounded by SL_JSON_MAX_DEPTH. */
static void visit(lua_State *L, const struct walk *walk, struct place place) {
    if (place.depth > SL_JSON_MAX_DEPTH)
        slL_error_raise(L, "json", "nested deeper than %d levels", SL_JSON_MAX_DEPTH);
    luaL_checkstack(L, 12, "an answer");
    for (lua_pushnil(L); lua_next(L, place.table); lua_pop(L, 1))
        visit_member(L, walk, place);
}

/* A text that is the whole answer. */
static void mask_text(lua_State *L, int idx) {
    lua_pushvalue(L, idx);
    slL_secret_mask(L);
    lua_replace(L, idx);
}

void slL_secret_wrap(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L), masks = sl_policy_sealed() != NULL;
    if (masks && lua_type(L, idx) == LUA_TSTRING)
        mask_text(L, idx);
    if (!lua_istable(L, idx))
        return;
    luaL_checkstack(L, 6, "an answer");
    lua_getfield(L, LUA_REGISTRYINDEX, LEARNED);
    lua_pushliteral(L, "format");
    if (masks)
        slL_secret_push_mask(L);
    const struct walk walk = {
        .learned = top + 1, .format = top + 2, .mask = masks ? top + 3 : 0};
    visit(L, &walk, (struct place){idx, 1, 0});
    lua_settop(L, top);
}

/* secret.wrap(value) → value: the texts of a decoded answer that stand under secret keys
 * become secrets, in place. */
static int slL_secret_wrap_lua(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    slL_secret_wrap(L, 1);
    return 1;
}

void slL_secret_add_answers(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LEARNED);
    lua_pop(L, 1);
    lua_pushcfunction(L, slL_secret_wrap_lua);
    lua_setfield(L, -2, "wrap");
}
