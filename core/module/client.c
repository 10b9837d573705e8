/* SPDX-License-Identifier: MIT
 * An authorised client of the platform: four headers, JSON both ways, a token when one is
 * needed. */
#include "module/client.h"

#include "engine/url.h"
#include "module/answer.h"
#include "module/auth.h"
#include "module/error.h"
#include "module/json.h"
#include "module/secret.h"

#include <string.h>

#define CLIENT "sluice.client"
#define REQUEST "sluice.request"
#define MAX_HEADERS 32

/* User values of a client: the configuration, and the error of the last failed token
 * request. */
enum { CONFIG = 1, TOKEN_ERROR = 2 };

struct client {
    struct slL_auth auth;
};

enum phase { NEEDS_TOKEN, AWAITS_TOKEN, ASKS_TOKEN, SENT };

/* Stack of a request: where the things live that it needs to the end. */
enum {
    I_CLIENT = 1,
    I_ARGUMENTS,
    I_REQUEST,
    I_CONFIG,
    I_CALL,
    I_METHOD,
    I_URL,
    I_BODY,
    I_TOP = I_BODY
};

struct request {
    struct client *client;
    struct slL_call *call;
    enum phase phase;
    unsigned long attempt; /* the token request it waits for, or whose token it bears */
    bool leads;            /* it asks for the token, others wait */
    bool renewed;          /* it has been sent a second time, with a new token */
};

/* ---- making a client
 * ------------------------------------------------------------------------ */

struct setting {
    const char *name;
    enum { URL, TEXT, LIMIT } type; /* a limit is checked by slL_http_limits */
    bool required;
};

static const struct setting settings[] = {
    {"base_url", URL, true},
    {"ims_url", URL, true},
    {"org", TEXT, true},
    {"client_id", TEXT, false},
    {"client_secret", TEXT, false},
    {"scopes", TEXT, false},
    {"token", TEXT, false},
    {"sandbox", TEXT, true},
    {"cacert", LIMIT, false},
    {"connect_timeout", LIMIT, false},
    {"timeout", LIMIT, false},
    {"max_body", LIMIT, false},
    {NULL, LIMIT, false},
};

static void check_url(lua_State *L, const char *name) { /* on the URL at the top */
    struct sl_error err = {0};
    if (lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "config", "client: %s must be a string", name);
    const char *url = lua_tostring(L, -1);
    if (sl_url_check(url, &err) != SL_OK)
        slL_error_raise(L, "config", "%s: %s", name, err.text);
    size_t len = lua_rawlen(L, -1);
    if (url[len - 1] == '/')
        slL_error_raise(L, "config", "%s: %s must not end with a slash", name, url);
    if (strcspn(url, "?#") < len)
        slL_error_raise(L, "config", "%s: %s must end with its path, without ? and #",
                        name, url);
}

static void check_text(lua_State *L, const char *name) { /* on the value at the top */
    size_t len;
    const char *text = slL_secret_test(L, -1, &len);
    if (!text && lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "config", "client: %s must be a string or a secret, got %s",
                        name, luaL_typename(L, -1));
    if (!text)
        lua_tolstring(L, -1, &len);
    if (len == 0)
        slL_error_raise(L, "config", "client: %s is empty", name);
}

static void copy_setting(lua_State *L, const struct setting *setting, int to) {
    int type = lua_getfield(L, 1, setting->name);
    if (type == LUA_TNIL && setting->required)
        slL_error_raise(L, "config", "client: %s is missing", setting->name);
    if (type != LUA_TNIL && setting->type == URL)
        check_url(L, setting->name);
    if (type != LUA_TNIL && setting->type == TEXT)
        check_text(L, setting->name);
    lua_setfield(L, to, setting->name);
}

static void take_token(lua_State *L, struct client *client, int config) {
    size_t len;
    if (lua_getfield(L, config, "token") != LUA_TNIL) {
        const char *token = slL_secret_reveal(L, -1, &len);
        slL_auth_set_token(L, &client->auth, token, len);
    }
    lua_pop(L, 1);
}

/* client.new{ base_url =, ims_url =, org =, sandbox =, client_id =, client_secret =,
 * scopes =, token =, cacert =, connect_timeout =, timeout =, max_body = } → client. Sends
 * nothing. */
static int slL_client_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    struct client *client = lua_newuserdatauv(L, sizeof *client, 2);
    *client = (struct client){0};
    luaL_setmetatable(L, CLIENT);
    lua_newtable(L);
    int config = lua_gettop(L);
    for (const struct setting *setting = settings; setting->name; setting++)
        copy_setting(L, setting, config);
    struct sl_request limits = {0};
    slL_http_limits(L, config, &limits); /* raises now what would be wrong later */
    lua_pop(L, 1);
    take_token(L, client, config);
    lua_setiuservalue(L, -2, CONFIG);
    return 1;
}

static int slL_client_gc(lua_State *L) {
    struct client *client = luaL_checkudata(L, 1, CLIENT);
    slL_auth_fini(&client->auth);
    slL_auth_release(&client->auth);
    return 0;
}

/* ---- one request
 * ---------------------------------------------------------------------------- */

/* Runs when the request ends in whatever way: nothing stays under way, and nobody may
 * wait for a leader that is gone. */
static int slL_request_close(lua_State *L) {
    struct request *request = luaL_checkudata(L, 1, REQUEST);
    if (request->leads)
        slL_auth_release(&request->client->auth);
    request->leads = false;
    slL_call_end(request->call);
    return 0;
}

static void add_header(lua_State *L, int headers, const char *name, const char *field) {
    if (lua_getfield(L, I_CONFIG, field) != LUA_TNIL)
        slL_headers_add(L, headers, name, -1);
    lua_pop(L, 1);
}

static void add_token(lua_State *L, int headers, const struct slL_auth *auth) {
    struct sl_buffer *value = slL_buffer_new(L, "the authorization header", 128 << 10);
    slL_buffer_add_text(L, value, "Bearer ");
    slL_buffer_add(L, value, auth->token, auth->token_len);
    slL_secret_push(L, "Authorization", value->data, value->len);
    slL_headers_add(L, headers, "Authorization", -1);
    lua_pop(L, 2);
}

/* The headers of flow-service-api.md §1.1; x-sandbox-name is always sent. */
static struct slL_headers *push_headers(lua_State *L, const struct slL_auth *auth) {
    struct slL_headers *headers = slL_headers_new(L, MAX_HEADERS);
    int idx = lua_gettop(L);
    add_token(L, idx, auth);
    add_header(L, idx, "x-api-key", "client_id");
    add_header(L, idx, "x-gw-ims-org-id", "org");
    add_header(L, idx, "x-sandbox-name", "sandbox");
    if (!lua_isnil(L, I_BODY)) {
        lua_pushliteral(L, "application/json");
        slL_headers_add(L, idx, "Content-Type", -1);
        lua_pop(L, 1);
    }
    lua_getfield(L, I_ARGUMENTS, "headers"); /* these win */
    slL_headers_add_table(L, idx, -1);
    lua_pop(L, 1);
    return headers;
}

static void send_request(lua_State *L, struct request *request) {
    struct sl_request out = {.method = lua_tostring(L, I_METHOD),
                             .url = lua_tostring(L, I_URL)};
    struct slL_headers *headers = push_headers(L, &request->client->auth);
    out.headers = slL_headers_lines(headers);
    if (!lua_isnil(L, I_BODY)) {
        const struct sl_buffer *body = lua_touserdata(L, I_BODY);
        out.body = body->data;
        out.body_len = body->len;
    }
    slL_http_limits(L, I_CONFIG, &out);
    slL_call_start(L, request->call, &out);
    lua_settop(L, I_TOP);
}

static int advance(lua_State *L, int status, lua_KContext context);

static int wait_for(lua_State *L, struct request *request, enum phase phase,
                    struct slL_signal *signal) {
    request->phase = phase;
    return slL_signal_wait(L, signal, (lua_KContext)request, advance);
}

static int has_token(lua_State *L, struct request *request) {
    request->attempt = request->client->auth.attempt;
    send_request(L, request);
    return wait_for(L, request, SENT, &request->call->ended);
}

static int needs_token(lua_State *L, struct request *request) {
    struct slL_auth *auth = &request->client->auth;
    if (slL_auth_has_token(auth))
        return has_token(L, request);
    if (auth->busy) {
        request->attempt = auth->attempt;
        return wait_for(L, request, AWAITS_TOKEN, &auth->ready);
    }
    slL_auth_start(L, auth, I_CONFIG, request->call);
    request->leads = true;
    return wait_for(L, request, ASKS_TOKEN, &request->call->ended);
}

/* The others learn of a failure from the one who asked, and don't ask again. */
static int awaited_token(lua_State *L, struct request *request) {
    if (request->client->auth.failed == request->attempt) {
        lua_getiuservalue(L, I_CLIENT, TOKEN_ERROR);
        return lua_error(L);
    }
    return needs_token(L, request);
}

static int finish_token(lua_State *L) {
    struct request *request = lua_touserdata(L, 3);
    slL_auth_finish(L, &request->client->auth, 2, request->call);
    return 0;
}

static int asked_token(lua_State *L, struct request *request) {
    struct slL_auth *auth = &request->client->auth;
    lua_pushcfunction(L, finish_token);
    lua_pushnil(L);
    lua_pushvalue(L, I_CONFIG);
    lua_pushvalue(L, I_REQUEST);
    if (lua_pcall(L, 3, 0, 0) != LUA_OK) {
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, I_CLIENT, TOKEN_ERROR);
        auth->failed = auth->attempt;
        return lua_error(L);
    }
    request->leads = false;
    slL_auth_release(auth);
    return has_token(L, request); /* however soon it ends: asking again is endless */
}

static bool may_renew(lua_State *L, const struct request *request) {
    bool has_secret = lua_getfield(L, I_CONFIG, "client_secret") != LUA_TNIL;
    lua_pop(L, 1);
    return has_secret && !request->renewed;
}

/* Forgets the token that was refused, not one that another request has got meanwhile. */
static int renew_token(lua_State *L, struct request *request) {
    struct slL_auth *auth = &request->client->auth;
    request->renewed = true;
    if (auth->attempt == request->attempt)
        slL_auth_drop_token(auth);
    return needs_token(L, request);
}

static int answered(lua_State *L, struct request *request) {
    const struct sl_transfer *transfer = request->call->transfer;
    struct slL_asked asked = {.method = lua_tostring(L, I_METHOD),
                              .url = lua_tostring(L, I_URL)};
    if (may_renew(L, request) && slL_answer_is_stale_token(L, transfer))
        return renew_token(L, request);
    slL_answer_push_value(L, transfer, &asked);
    slL_answer_push_head(L, transfer);
    return 2;
}

static int advance(lua_State *L, int status, lua_KContext context) {
    static int (*const next[])(lua_State *, struct request *) = {
        [NEEDS_TOKEN] = needs_token,
        [AWAITS_TOKEN] = awaited_token,
        [ASKS_TOKEN] = asked_token,
        [SENT] = answered,
    };
    (void)status;
    struct request *request = (struct request *)context;
    slL_call_check(L, request->call);
    lua_settop(L, I_TOP);
    return next[request->phase](L, request);
}

/* ---- client:request
 * ------------------------------------------------------------------------- */

static void push_method(lua_State *L) {
    if (lua_getfield(L, I_ARGUMENTS, "method") == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushliteral(L, "GET");
    }
    if (lua_type(L, -1) != LUA_TSTRING ||
        strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1))
        slL_error_raise(L, "usage", "request: method must be a string without NUL");
}

static void push_url(lua_State *L) {
    struct sl_error err = {0};
    size_t len;
    if (lua_getfield(L, I_ARGUMENTS, "path") != LUA_TSTRING ||
        *lua_tostring(L, -1) != '/')
        slL_error_raise(L, "usage",
                        "request: path must be a string that starts with a slash");
    const char *path = lua_tolstring(L, -1, &len);
    struct sl_buffer *url = slL_buffer_new(L, "the URL", SL_URL_MAX);
    lua_getfield(L, I_CONFIG, "base_url");
    slL_buffer_add_text(L, url, lua_tostring(L, -1));
    if (sl_url_add_link(url, path, len, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_getfield(L, I_ARGUMENTS, "query");
    slL_url_add_query(L, -1, url);
    lua_pushlstring(L, url->data, url->len);
    lua_replace(L, I_URL);
    lua_settop(L, I_URL);
}

/* The body as JSON with secrets revealed. It stays, while the answer is waited for, in
 * memory that is wiped afterwards; the Lua string it comes as is left to Lua. */
static void push_body(lua_State *L) {
    size_t len;
    if (lua_getfield(L, I_ARGUMENTS, "body") == LUA_TNIL)
        return;
    slL_json_encode(L, I_BODY, SL_JSON_REVEAL, 0);
    const char *text = lua_tolstring(L, -1, &len);
    struct sl_buffer *body =
        slL_buffer_new(L, "the body of the request", SL_TRANSPORT_MAX_BODY);
    slL_buffer_add(L, body, text, len);
    lua_replace(L, I_BODY);
    lua_settop(L, I_BODY);
}

static struct request *push_request(lua_State *L, struct client *client) {
    struct request *request = lua_newuserdatauv(L, sizeof *request, 0);
    *request = (struct request){.client = client};
    luaL_setmetatable(L, REQUEST);
    return request;
}

/* client:request{ method =, path =, query =, headers =, body = } → value, { status,
 * headers }. `body` is sent as JSON; the answer is decoded, nil when empty. Raises error
 * objects. */
int slL_client_request(lua_State *L) {
    struct client *client = luaL_checkudata(L, I_CLIENT, CLIENT);
    luaL_checktype(L, I_ARGUMENTS, LUA_TTABLE);
    lua_settop(L, I_ARGUMENTS);
    struct request *request = push_request(L, client);
    lua_getiuservalue(L, I_CLIENT, CONFIG);
    request->call = slL_call_new(L);
    lua_toclose(L, I_REQUEST);
    push_method(L);
    push_url(L);
    push_body(L);
    return advance(L, LUA_OK, (lua_KContext)request);
}

static const luaL_Reg functions[] = {
    {"new", slL_client_new},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"request", slL_client_request},
    {NULL, NULL},
};

int slL_open_client(lua_State *L) {
    luaL_newmetatable(L, CLIENT);
    lua_pushcfunction(L, slL_client_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newmetatable(L, REQUEST);
    lua_pushcfunction(L, slL_request_close);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 2);
    luaL_newlib(L, functions);
    return 1;
}
