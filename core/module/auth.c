/* SPDX-License-Identifier: MIT */
#include "module/auth.h"

#include "module/answer.h"
#include "module/error.h"
#include "module/secret.h"

#include <string.h>
#include <time.h>

#define TOKEN_PATH "/ims/token/v3"
#define TOO_MANY_REQUESTS 429
#define MAX_TOKEN ((size_t)64 << 10)
#define RENEW_BEFORE_S 300.0 /* or a tenth of the token's life, if that is less */
#define MILLISECONDS_ABOVE                                                               \
    10000000.0 /* the JWT grant's expires_in counts ms: auth.md §3 */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time); /* goes on while the machine sleeps */
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

bool slL_auth_has_token(const struct slL_auth *auth) {
    return auth->token && (auth->renew_at == 0 || now() < auth->renew_at);
}

void slL_auth_drop_token(struct slL_auth *auth) {
    sl_memory_wipe(auth->token, auth->token_len);
    sl_memory_free(auth->token);
    auth->token = NULL;
    auth->token_len = 0;
    auth->renew_at = 0;
}

void slL_auth_set_token(lua_State *L, struct slL_auth *auth, const char *token,
                        size_t len, double life) {
    double margin = life / 10 < RENEW_BEFORE_S ? life / 10 : RENEW_BEFORE_S;
    slL_auth_drop_token(auth);
    auth->token = sl_memory_dup(token, len);
    if (!auth->token)
        slL_error_raise(L, "limit", "memory ran out");
    auth->token_len = len;
    auth->renew_at = life > 0 ? now() + life - margin : 0;
}

void slL_auth_lead(struct slL_auth *auth) {
    auth->busy = true;
    auth->attempt++;
    auth->ready = (struct slL_signal){.waiters = auth->ready.waiters};
}

void slL_auth_fini(struct slL_auth *auth) {
    slL_auth_drop_token(auth);
}

void slL_auth_release(struct slL_auth *auth) {
    auth->busy = false;
    slL_signal_fire(&auth->ready);
}

/* ---- asking
 * --------------------------------------------------------------------------------- */

static void add_form_field(lua_State *L, struct sl_buffer *form, int config,
                           const char *name, const char *field) {
    size_t len;
    if (lua_getfield(L, config, field) != LUA_TNIL) {
        const char *value = slL_secret_test(L, -1, &len);
        if (!value)
            value = lua_tolstring(L, -1, &len);
        slL_buffer_add_text(L, form, "&");
        slL_buffer_add_text(L, form, name);
        slL_buffer_add_text(L, form, "=");
        slL_buffer_add_encoded(L, form, value, len);
    }
    lua_pop(L, 1);
}

static void check_credentials(lua_State *L, int config) {
    int has_id = lua_getfield(L, config, "client_id") != LUA_TNIL;
    int has_secret = lua_getfield(L, config, "client_secret") != LUA_TNIL;
    lua_pop(L, 2);
    if (!has_id || !has_secret)
        slL_error_raise(
            L, "auth",
            "there is no valid access token, and no %s to get one with; set %s",
            has_id ? "client secret" : "client ID",
            has_id ? "AEP_CLIENT_SECRET" : "AEP_CLIENT_ID and AEP_CLIENT_SECRET");
}

const char *slL_auth_push_url(lua_State *L, int config) {
    lua_getfield(L, config, "ims_url");
    const char *url = lua_pushfstring(L, "%s" TOKEN_PATH, lua_tostring(L, -1));
    lua_remove(L, -2);
    return url;
}

void slL_auth_start(lua_State *L, int config, struct slL_call *call, double seconds) {
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
        NULL};
    int top = lua_gettop(L);
    check_credentials(L, config);
    struct sl_buffer *form = slL_buffer_new(L, "the token request", MAX_TOKEN);
    slL_buffer_add_text(L, form, "grant_type=client_credentials");
    add_form_field(L, form, config, "client_id", "client_id");
    add_form_field(L, form, config, "client_secret", "client_secret");
    add_form_field(L, form, config, "scope", "scopes");
    struct sl_request request = {.method = "POST",
                                 .url = slL_auth_push_url(L, config),
                                 .headers = headers,
                                 .body = form->data,
                                 .body_len = form->len};
    slL_http_limits(L, config, &request);
    slL_http_limit_time(&request, seconds);
    slL_call_start(L, call, &request);
    lua_settop(L, top);
}

/* ---- the answer
 * ----------------------------------------------------------------------------- */

/* Is the value at the top the service's own refusal, rather than its being down or busy?
 */
static bool is_refusal(lua_State *L) {
    if (!slL_error_test(L, -1))
        return false;
    lua_getfield(L, -1, "kind");
    lua_getfield(L, -2, "status");
    lua_Integer status = lua_tointeger(L, -1);
    bool refusal = strcmp(lua_tostring(L, -2), "service") == 0 && status >= 400 &&
                   status < 500 && status != TOO_MANY_REQUESTS;
    lua_pop(L, 2);
    return refusal;
}

/* The service's refusal of a token is about credentials, whatever its status says. */
static int raise_refused(lua_State *L) {
    if (is_refusal(L)) {
        lua_pushliteral(L, "auth");
        lua_setfield(L, -2, "kind");
        lua_pushliteral(L, "no token was given out: compare AEP_CLIENT_ID, "
                           "AEP_CLIENT_SECRET and AEP_SCOPES with the Developer Console");
        lua_setfield(L, -2, "hint");
    }
    return lua_error(L);
}

static int value_protected(lua_State *L) {
    struct slL_call *call = lua_touserdata(L, 1);
    struct slL_asked asked = {
        .method = "POST", .url = lua_tostring(L, 2), .confidential = 1};
    slL_answer_push_value(L, call->transfer, &asked);
    return 1;
}

static void push_token_answer(lua_State *L, int config, struct slL_call *call) {
    lua_pushcfunction(L, value_protected);
    lua_pushlightuserdata(L, call);
    slL_auth_push_url(L, config);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        raise_refused(L);
}

static double seconds_to_live(lua_State *L, int answer) {
    lua_getfield(L, answer, "expires_in");
    double seconds = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return seconds > MILLISECONDS_ABOVE ? seconds / 1000 : seconds;
}

void slL_auth_finish(lua_State *L, struct slL_auth *auth, int config,
                     struct slL_call *call) {
    size_t len;
    int top = lua_gettop(L);
    push_token_answer(L, config, call);
    if (!lua_istable(L, -1) || lua_getfield(L, -1, "access_token") != LUA_TSTRING ||
        lua_rawlen(L, -1) == 0)
        slL_error_raise(L, "auth",
                        "the answer to the token request holds no access_token; check "
                        "the IMS URL");
    const char *token = lua_tolstring(L, -1, &len);
    double life = seconds_to_live(L, top + 1);
    slL_auth_set_token(L, auth, token, len, life);
    slL_secret_push(L, "access token", token, len); /* known as one while it is in use */
    lua_pushvalue(L, -1);
    lua_setfield(L, config, "access_token");
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    lua_pushnumber(L, life);
}
