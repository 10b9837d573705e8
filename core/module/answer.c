/* SPDX-License-Identifier: MIT */
#include "module/answer.h"

#include "module/error.h"
#include "module/json.h"
#include "module/policy.h"
#include "module/secret.h"

#include <string.h>

#define MAX_EXCERPT 60
#define MAX_SEARCHED 4096 /* bytes searched for secrets before the cut */

/* ---- raw
 * ------------------------------------------------------------------------------------ */

static void push_headers(lua_State *L, const struct sl_buffer *lines) {
    lua_newtable(L);
    const char *at = lines->data, *end = lines->data + lines->len;
    while (at && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        lua_pushlstring(L, at, (size_t)(colon - at));
        lua_pushlstring(L, colon + 2, (size_t)(stop - colon - 2));
        if (sl_policy_sealed())
            slL_secret_mask(L); /* as it does in the answer's texts */
        lua_rawset(L, -3);
        at = stop + 1;
    }
}

void slL_answer_push_head(lua_State *L, const struct sl_transfer *transfer) {
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, sl_transfer_status(transfer));
    lua_setfield(L, -2, "status");
    push_headers(L, sl_transfer_headers(transfer));
    lua_setfield(L, -2, "headers");
}

void slL_answer_push_raw(lua_State *L, const struct sl_transfer *transfer) {
    const struct sl_buffer *body = sl_transfer_body(transfer);
    slL_answer_push_head(L, transfer);
    lua_pushlstring(L, body->data ? body->data : "", body->len);
    lua_setfield(L, -2, "body");
}

/* ---- failures
 * ------------------------------------------------------------------------------- */

/* What to do about the well-known failures. Sources: flow-service-api.md §14 (ERR, D),
 * auth.md §6 (TRB). `auth`: it speaks of tokens, keys and organisations, not of the
 * request. */
static const struct known_failure {
    const char *code;
    int auth;
    const char *hint;
} known_failures[] = {
    {"401013", 1,
     "the access token is not valid or has ended: get a new one, or give a client ID and "
     "secret"},
    {"403010", 1,
     "no access token was sent: set AEP_ACCESS_TOKEN, or AEP_CLIENT_ID and "
     "AEP_CLIENT_SECRET"},
    {"403000", 1, "the API key is missing: set AEP_CLIENT_ID"},
    {"403003", 1,
     "the API key is wrong: compare AEP_CLIENT_ID with the Developer Console"},
    {"400003", 1, "the organisation is missing: set AEP_ORG_ID"},
    {"403025", 1,
     "the token belongs to another organisation, or this one is not entitled: compare "
     "AEP_ORG_ID"},
    {"403027", 1,
     "AEP_ORG_ID is malformed, or the account has no product profile: ask an "
     "administrator"},
    {"2000-401", 1, "the token has no access to this organisation: compare AEP_ORG_ID"},
    {"2100-404", 0, "there is no such sandbox: compare AEP_SANDBOX or --sandbox"},
    {"2101-404", 0, "there is no such sandbox: compare AEP_SANDBOX or --sandbox"},
    {"2103-404", 0, "there is no such sandbox: compare AEP_SANDBOX or --sandbox"},
    {"2118-403", 0,
     "a permission is missing: the credential's role needs View Destinations to read, "
     "Manage and Activate Destinations to write"},
    {"2120-403", 0,
     "forbidden: in this sandbox the credential's role needs View Destinations to read, "
     "Manage and Activate Destinations to write"},
    {"1403-400", 0, "the If-Match header is missing: pass the etag"},
    {"1404-412", 0,
     "somebody else changed it meanwhile: read it again and repeat the change"},
    {"1410-400", 0,
     "leave `state` out when creating a flow; enable or disable it afterwards"},
    {"1414-400", 0,
     "the connection spec of a connection cannot change: create another connection"},
    {"1415-400", 0,
     "the auth spec name must be one of authSpec[].name of the connection spec, letter "
     "for letter"},
    {"1418-400", 0, "dataflows still use this connection: delete them first"},
    {"1445-400", 0, "this organisation may not change connections: ask an administrator"},
    {"1447-400", 0, "active dataflows still use it: delete them first"},
    {"412", 0, "somebody else changed it meanwhile: read it again and repeat the change"},
    {"422", 0, "a required field is missing; connectionSpec needs both id and version"},
    {NULL, 0, NULL},
};

static const struct known_failure *find_failure(const char *code) {
    for (const struct known_failure *known = known_failures; known->code; known++)
        if (strcmp(known->code, code) == 0)
            return known;
    return NULL;
}

static void set_asked(lua_State *L,
                      const struct slL_asked *asked) { /* on the error at the top */
    lua_pushstring(L, asked->method);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, asked->url);
    lua_setfield(L, -2, "url");
}

#define SL_LAST_CODE SL_ERR_PERMISSION

static const char *const hint_of_code[SL_LAST_CODE + 1] = {
    [SL_ERR_NETWORK] = "check the URL and the network",
    [SL_ERR_TRUST] =
        "it could not be verified, so nothing was sent; --cacert trusts a private CA",
    [SL_ERR_TIMEOUT] =
        "the service did not answer in time: try again, or allow more with timeout",
    [SL_ERR_LIMIT] = "allow more with max_body, or ask for less with limit",
};

void slL_answer_check_transfer(lua_State *L, const struct sl_transfer *transfer,
                               const struct slL_asked *asked) {
    const struct sl_error *err = sl_transfer_error(transfer);
    if (err->code == SL_OK)
        return;
    slL_error_push_engine(L, err);
    set_asked(L, asked);
    if (hint_of_code[err->code]) {
        lua_pushstring(L, hint_of_code[err->code]);
        lua_setfield(L, -2, "hint");
    }
    lua_error(L);
}

/* Pushes the first of the fields that the table at `idx` holds as text or number, else
 * nil. */
static int push_first(lua_State *L, int idx, const char *const *fields) {
    for (; lua_istable(L, idx) && *fields; fields++) {
        int type = lua_getfield(L, idx, *fields);
        if (type == LUA_TNUMBER || (type == LUA_TSTRING && lua_rawlen(L, -1) > 0))
            return 1;
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return 0;
}

static int decode_protected(lua_State *L) {
    const struct sl_buffer *body = lua_touserdata(L, 1);
    slL_json_decode(L, body->data ? body->data : "", body->len, "answer");
    return 1;
}

/* Pushes the decoded body or the error; gives what lua_pcall gives. */
static int decode_body(lua_State *L, const struct sl_transfer *transfer) {
    lua_pushcfunction(L, decode_protected);
    lua_pushlightuserdata(L, (void *)(uintptr_t)sl_transfer_body(transfer));
    return lua_pcall(L, 1, 1, 0);
}

/* Pushes the body as JSON, or nil when it is none. */
static void push_body(lua_State *L, const struct sl_transfer *transfer) {
    if (decode_body(L, transfer) != LUA_OK) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
}

static int is_plain(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
            return 0;
    return 1;
}

/* The first line of the body without secrets, cut: masked first, for half a secret would
 * not be found. */
static void push_beginning(lua_State *L, const struct sl_buffer *body) {
    size_t len = body->len < MAX_SEARCHED ? body->len : MAX_SEARCHED;
    const char *line = memchr(body->data, '\n', len);
    lua_pushlstring(L, body->data, line ? (size_t)(line - body->data) : len);
    slL_secret_mask(L);
    const char *text = lua_tolstring(L, -1, &len);
    if (len > MAX_EXCERPT)
        for (len = MAX_EXCERPT; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    lua_pushlstring(L, text, len);
    lua_remove(L, -2);
}

/* Says what came where JSON was expected: its type and how it begins. */
static void push_excerpt(lua_State *L, const struct sl_transfer *transfer,
                         const struct slL_asked *asked) {
    const struct sl_buffer *body = sl_transfer_body(transfer);
    size_t len = body->len < MAX_EXCERPT ? body->len : MAX_EXCERPT;
    const char *line = body->data ? memchr(body->data, '\n', len) : NULL;
    if (line)
        len = (size_t)(line - body->data);
    if (!asked->confidential && body->data && len && is_plain(body->data, len)) {
        push_beginning(L, body);
        lua_pushfstring(L, "; it begins with '%s'", lua_tostring(L, -1));
        lua_remove(L, -2);
    } else {
        lua_pushliteral(L, "");
    }
}

static void push_content_type(lua_State *L, const struct sl_transfer *transfer) {
    push_headers(L, sl_transfer_headers(transfer));
    if (lua_getfield(L, -1, "content-type") != LUA_TSTRING) {
        lua_pop(L, 1);
        lua_pushliteral(L, "no content type");
    }
    lua_remove(L, -2);
}

/* Is the error at the top somebody's Ctrl-C? */
static int is_interruption(lua_State *L) {
    int found = slL_error_test(L, -1) && lua_getfield(L, -1, "kind") == LUA_TSTRING;
    if (!found)
        return 0;
    found = strcmp(lua_tostring(L, -1), "interrupted") == 0;
    lua_pop(L, 1);
    return found;
}

static int raise_not_json(lua_State *L, const struct sl_transfer *transfer,
                          const struct slL_asked *asked) {
    const char *problem = "unreadable";
    if (is_interruption(L))
        return lua_error(L);
    lua_getfield(L, -1, "message"); /* of the JSON error */
    if (lua_isstring(L, -1))
        problem = lua_tostring(L, -1);
    push_content_type(L, transfer);
    push_excerpt(L, transfer, asked);
    slL_error_push(L, "http", "the answer should be JSON but is not (%s, %I bytes%s): %s",
                   lua_tostring(L, -2), (lua_Integer)sl_transfer_body(transfer)->len,
                   lua_tostring(L, -1), problem);
    lua_pushinteger(L, sl_transfer_status(transfer));
    lua_setfield(L, -2, "status");
    lua_pushliteral(L, "a gateway or proxy may have answered in place of the service: "
                       "check the base URL");
    lua_setfield(L, -2, "hint");
    set_asked(L, asked);
    return lua_error(L);
}

static const char *const code_places[] = {"error_code", "errorCode", "code", NULL};
static const char *const message_places[] = {
    "errorMessage", "message", "detail", "title", "error_description", "error", NULL};
static const char *const details_places[] = {"errorDetails", NULL};
static const char *const title_places[] = {"title", "error", NULL};
static const char *const request_places[] = {"requestId", "request_id", NULL};

/* Where the variants of §14 keep what; the first that is there counts. */
static const struct field {
    const char *name;          /* in the error object */
    const char *const *places; /* in the body */
} fields[] = {
    {"message", message_places}, {"details", details_places},    {"title", title_places},
    {"code", code_places},       {"request_id", request_places}, {NULL, NULL},
};

static void copy_fields(lua_State *L, int body, int error) {
    for (const struct field *field = fields; field->name; field++) {
        if (!push_first(L, body, field->places)) {
            lua_pop(L, 1);
            continue;
        }
        luaL_tolstring(L, -1, NULL); /* codes come as text and as numbers */
        slL_secret_mask(L);
        lua_setfield(L, error, field->name);
        lua_pop(L, 1);
    }
}

#define SERVICE_CODE_LEN 8 /* 1403-400 */

static int is_service_code(const char *text) {
    return strspn(text, "0123456789") == 4 && text[4] == '-' &&
           strspn(text + 5, "0123456789") == 3;
}

/* The first such code in `text`, or NULL. */
static const char *find_service_code(const char *text) {
    for (const char *at = text; *at; at += strspn(at, "0123456789")) {
        at += strcspn(at, "0123456789");
        if (is_service_code(at))
            return at;
    }
    return NULL;
}

/* Such a code also stands at the end of `type` or the start of `title` (§14, variant 6).
 */
static void find_code(lua_State *L, int body, int error) {
    static const char *const places[] = {"type", "title", NULL};
    for (const char *const *place = places; lua_istable(L, body) && *place; place++) {
        if (lua_getfield(L, body, *place) == LUA_TSTRING) {
            const char *code = find_service_code(lua_tostring(L, -1));
            if (code) {
                lua_pushlstring(L, code, SERVICE_CODE_LEN);
                lua_setfield(L, error, "code");
            }
        }
        lua_pop(L, 1);
    }
}

static int known_by(lua_State *L, int error, const char *code) {
    const struct known_failure *known = code ? find_failure(code) : NULL;
    if (!known)
        return 0;
    lua_pushstring(L, known->hint);
    lua_setfield(L, error, "hint");
    if (known->auth) {
        lua_pushliteral(L, "auth");
        lua_setfield(L, error, "kind");
    }
    return 1;
}

static void add_hint(lua_State *L, int error, long status) {
    lua_getfield(L, error, "code");
    if (!known_by(L, error, lua_tostring(L, -1)))
        known_by(L, error, lua_pushfstring(L, "%d", (int)status));
}

static void default_message(lua_State *L, int error, const struct sl_transfer *transfer,
                            const struct slL_asked *asked) {
    if (lua_getfield(L, error, "message") != LUA_TNIL)
        return;
    if (sl_transfer_status(transfer) < 400) {
        lua_pushliteral(
            L, "the service answered with a redirect, which is not followed: check "
               "the base URL");
    } else {
        push_content_type(L, transfer);
        push_excerpt(L, transfer, asked);
        lua_pushfstring(L, "the service gave no reason (%s%s)", lua_tostring(L, -2),
                        lua_tostring(L, -1));
    }
    lua_setfield(L, error, "message");
}

static void add_request_id(lua_State *L, int error, const struct sl_transfer *transfer) {
    push_headers(L, sl_transfer_headers(transfer));
    if (lua_getfield(L, -1, "x-request-id") == LUA_TSTRING)
        lua_setfield(L, error, "request_id");
}

static int raise_failure(lua_State *L, const struct sl_transfer *transfer,
                         const struct slL_asked *asked) {
    long status = sl_transfer_status(transfer);
    push_body(L, transfer);
    int body = lua_gettop(L), error = body + 1;
    slL_error_push(L, "service", "");
    lua_pushnil(L);
    lua_setfield(L, error, "message");
    set_asked(L, asked);
    lua_pushinteger(L, status);
    lua_setfield(L, error, "status");
    copy_fields(L, body, error);
    find_code(L, body, error);
    add_hint(L, error, status);
    add_request_id(L, error, transfer);
    default_message(L, error, transfer, asked);
    lua_settop(L, error);
    return lua_error(L);
}

int slL_answer_is_stale_token(lua_State *L, const struct sl_transfer *transfer) {
    if (sl_transfer_error(transfer)->code != SL_OK || sl_transfer_status(transfer) != 401)
        return 0;
    push_body(L, transfer);
    int body = lua_gettop(L);
    push_first(L, body, code_places);
    luaL_tolstring(L, -1, NULL);
    int stale = strcmp(lua_tostring(L, -1), "401013") == 0;
    lua_settop(L, body - 1);
    return stale;
}

/* ---- successes
 * ------------------------------------------------------------------------------ */

void slL_answer_push_value(lua_State *L, const struct sl_transfer *transfer,
                           const struct slL_asked *asked) {
    slL_answer_check_transfer(L, transfer, asked);
    if (sl_transfer_status(transfer) >= 300)
        raise_failure(L, transfer, asked);
    if (sl_transfer_body(transfer)->len == 0) {
        lua_pushnil(L);
        return;
    }
    if (decode_body(L, transfer) != LUA_OK)
        raise_not_json(L, transfer, asked);
    if (!asked->confidential) /* nobody but ourselves sees the answer otherwise */
        slL_secret_wrap(L, -1);
}
