/* SPDX-License-Identifier: MIT
 * An authorised client of the platform: its settings, and what a request is made of.
 * `request` sends it. */
#include "module/client.h"

#include "engine/url.h"
#include "module/error.h"
#include "module/json.h"
#include "module/policy.h"
#include "module/request.h"
#include "module/secret.h"

#include <string.h>

#define CLIENT "sluice.client"
#define MAX_ATTEMPTS 100

/* ---- making a client
 * ------------------------------------------------------------------------ */

struct setting {
    const char *name;
    enum {
        URL,
        TEXT,
        SECRET,
        COUNT,
        SECONDS,
        HOOK,
        LIMIT
    } type; /* slL_http_limits checks these */
    bool required;
};

static const struct setting settings[] = {
    {"base_url", URL, true},
    {"ims_url", URL, true},
    {"org", TEXT, true},
    {"client_id", TEXT, false},
    {"client_secret", SECRET, false},
    {"scopes", TEXT, false},
    {"token", SECRET, false},
    {"sandbox", TEXT, true},
    {"cacert", LIMIT, false},
    {"connect_timeout", LIMIT, false},
    {"timeout", LIMIT, false},
    {"max_body", LIMIT, false},
    {"attempts", COUNT, false},
    {"call_timeout", SECONDS, false},
    {"on_call", HOOK, false},
    {"intercept", HOOK, false},
    {"load_token", HOOK, false},
    {"save_token", HOOK, false},
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

/* A secret that comes as text is one from here on. */
static void check_secret(lua_State *L, const char *name) { /* on the value at the top */
    size_t len;
    check_text(L, name);
    if (slL_secret_test(L, -1, NULL))
        return;
    const char *text = lua_tolstring(L, -1, &len);
    slL_secret_push(L, name, text, len);
    lua_replace(L, -2);
}

static void check_count(lua_State *L, const char *name) { /* on the value at the top */
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
        lua_tointeger(L, -1) > MAX_ATTEMPTS)
        slL_error_raise(L, "config", "client: %s must be a whole number from 1 to %d",
                        name, MAX_ATTEMPTS);
}

static void check_seconds(lua_State *L, const char *name) { /* on the value at the top */
    if (lua_type(L, -1) != LUA_TNUMBER || !(lua_tonumber(L, -1) > 0))
        slL_error_raise(L, "config", "client: %s must be a number of seconds above 0",
                        name);
}

static void check_hook(lua_State *L, const char *name) { /* on the value at the top */
    if (!lua_isfunction(L, -1))
        slL_error_raise(L, "config", "client: %s must be a function, got %s", name,
                        luaL_typename(L, -1));
}

static void check_setting(lua_State *L, const struct setting *setting) {
    static void (*const checks[])(lua_State *, const char *) = {
        [URL] = check_url,     [TEXT] = check_text,       [SECRET] = check_secret,
        [COUNT] = check_count, [SECONDS] = check_seconds, [HOOK] = check_hook,
        [LIMIT] = NULL,
    };
    if (checks[setting->type])
        checks[setting->type](L, setting->name);
}

static void copy_setting(lua_State *L, const struct setting *setting, int to) {
    int type = lua_getfield(L, 1, setting->name);
    if (type == LUA_TNIL && setting->required)
        slL_error_raise(L, "config", "client: %s is missing", setting->name);
    if (type != LUA_TNIL)
        check_setting(L, setting);
    lua_setfield(L, to, setting->name);
}

static void take_token(lua_State *L, struct slL_client *client, int config) {
    size_t len;
    if (lua_getfield(L, config, "token") != LUA_TNIL) {
        const char *token = slL_secret_reveal(L, -1, &len);
        slL_auth_set_token(L, &client->auth, token, len, 0);
    }
    lua_pop(L, 1);
}

/* client.new{ base_url =, ims_url =, org =, sandbox =, client_id =, client_secret =,
 * scopes =, token =, cacert =, connect_timeout =, timeout =, max_body =, attempts =,
 * call_timeout =, on_call =, intercept =, load_token =, save_token = } → client. Sends
 * nothing.
 *   attempts      of one call, SL_RETRY_ATTEMPTS unless told
 *   call_timeout  seconds of one call with all its repeats, 300 unless told
 *   on_call       is told of each attempt: module/event.h
 *   intercept     is asked before each call, { method, url, path, query, headers, body },
 *                 and may give { status, headers, body = text, attempts = that it took },
 *                 which then is the answer
 *   load_token    may give a secret and its seconds, or nil and seconds to wait
 *   save_token    gets a new secret and its seconds; nothing when there was none to be
 * had */
static int slL_client_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    struct slL_client *client = lua_newuserdatauv(L, sizeof *client, 2);
    *client = (struct slL_client){0};
    luaL_setmetatable(L, CLIENT);
    lua_newtable(L);
    int config = lua_gettop(L);
    for (const struct setting *setting = settings; setting->name; setting++)
        copy_setting(L, setting, config);
    struct sl_request limits = {0};
    slL_http_limits(L, config, &limits); /* raises now what would be wrong later */
    lua_pop(L, 1);
    take_token(L, client, config);
    lua_setiuservalue(L, -2, SL_CLIENT_CONFIG);
    return 1;
}

static int slL_client_gc(lua_State *L) {
    struct slL_client *client = luaL_checkudata(L, 1, CLIENT);
    slL_auth_fini(&client->auth);
    slL_auth_release(&client->auth);
    sl_transfer_free(client->opening);
    client->opening = NULL;
    return 0;
}

/* ---- client:request
 * ------------------------------------------------------------------------- */

static void push_method(lua_State *L) {
    if (lua_getfield(L, SL_I_ARGUMENTS, "method") == LUA_TNIL) {
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
    if (lua_getfield(L, SL_I_ARGUMENTS, "path") != LUA_TSTRING ||
        *lua_tostring(L, -1) != '/')
        slL_error_raise(L, "usage",
                        "request: path must be a string that starts with a slash");
    const char *path = lua_tolstring(L, -1, &len);
    struct sl_buffer *url = slL_buffer_new(L, "the URL", SL_URL_MAX);
    lua_getfield(L, SL_I_CONFIG, "base_url");
    slL_buffer_add_text(L, url, lua_tostring(L, -1));
    if (sl_url_add_link(url, path, len, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_getfield(L, SL_I_ARGUMENTS, "query");
    slL_url_add_query(L, -1, url);
    lua_pushlstring(L, url->data, url->len);
    lua_replace(L, SL_I_URL);
    lua_settop(L, SL_I_URL);
}

/* The body as JSON with secrets revealed, in memory that is wiped afterwards. */
static void push_body(lua_State *L) {
    if (lua_getfield(L, SL_I_ARGUMENTS, "body") == LUA_TNIL)
        return;
    struct sl_buffer *body =
        slL_buffer_new(L, "the body of the request", SL_TRANSPORT_MAX_BODY);
    slL_json_reveal(L, SL_I_BODY, 0, body);
    lua_replace(L, SL_I_BODY);
    lua_settop(L, SL_I_BODY);
}

#define MAX_HEADERS 64

/* Asks the policy before anything is sent, be it for a token; what is sent in the end is
 * checked again. */
static void check_policy(lua_State *L) {
    struct sl_request request = {.method = lua_tostring(L, SL_I_METHOD),
                                 .url = lua_tostring(L, SL_I_URL)};
    if (!sl_policy_sealed())
        return;
    int top = lua_gettop(L);
    struct slL_headers *headers = slL_headers_new(L, MAX_HEADERS);
    lua_getfield(L, SL_I_CONFIG, "sandbox");
    slL_headers_add(L, top + 1, "x-sandbox-name", -1);
    lua_getfield(L, SL_I_ARGUMENTS, "headers");
    slL_headers_add_table(L, top + 1, -1);
    request.headers = slL_headers_lines(headers);
    slL_policy_check_call(L, &request);
    lua_settop(L, top);
}

/* Pushes a request of the client at SL_I_CLIENT, with all but method, URL and body. */
static struct slL_request *push_request(lua_State *L) {
    struct slL_client *client = luaL_checkudata(L, SL_I_CLIENT, CLIENT);
    lua_settop(L, SL_I_ARGUMENTS);
    lua_getiuservalue(L, SL_I_CLIENT, SL_CLIENT_CONFIG);
    struct slL_request *request = slL_request_push(L, client);
    lua_toclose(L, SL_I_REQUEST);
    return request;
}

/* client:authorise(): sees to it that there is a token, asking for one if need be; raises
 * error objects. */
static int slL_client_authorise(lua_State *L) {
    lua_settop(L, SL_I_CLIENT);
    struct slL_request *request = push_request(L);
    lua_settop(L, SL_I_TOP);
    return slL_request_get_token(L, request);
}

/* client:request{ method =, path =, query =, headers =, body =, repeatable = } → value,
 * { status, headers }. `body` is sent as JSON; the answer is decoded, nil when empty.
 * `repeatable`: doing it twice is doing it once, as it is for GET, PUT and DELETE. Raises
 * error objects. */
int slL_client_request(lua_State *L) {
    luaL_checktype(L, SL_I_ARGUMENTS, LUA_TTABLE);
    struct slL_request *request = push_request(L);
    push_method(L);
    push_url(L);
    push_body(L);
    check_policy(L);
    return slL_request_run(L, request);
}

static const luaL_Reg functions[] = {
    {"new", slL_client_new},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"request", slL_client_request},
    {"authorise", slL_client_authorise},
    {NULL, NULL},
};

int slL_open_client(lua_State *L) {
    slL_open_request(L);
    luaL_newmetatable(L, CLIENT);
    lua_pushcfunction(L, slL_client_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
