/* SPDX-License-Identifier: MIT */
#include "module/request.h"

#include "module/answer.h"
#include "module/canned.h"
#include "module/error.h"
#include "module/event.h"
#include "module/secret.h"

#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define REQUEST "sluice.request"
#define MAX_HEADERS 32
#define CALL_SECONDS 300.0 /* one call with all its repeats */

enum phase { NEEDS_TOKEN, AWAITS_TOKEN, LOADS_TOKEN, ASKS_TOKEN, WANTS_TURN, SENT };

struct slL_request {
    struct slL_client *client;
    struct slL_call *call;
    enum phase phase;
    unsigned long attempt; /* the token request it waits for, or whose token it bears */
    bool leads;            /* it asks for the token, others wait */
    bool renewed;          /* it has been sent a second time, with a new token */
    bool repeatable;       /* doing it twice is doing it once */
    bool token_only;       /* it ends when there is a token */
    bool paced;            /* it counts among those under way */
    bool queued;
    unsigned number; /* of the attempt, from 1 on */
    unsigned asked;  /* token requests it has made */
    double began;    /* the attempt */
    struct slL_signal turn;
    struct slL_request *next; /* behind it in the queue */
};

/* User values of a request, for when it closes and the stack is no longer what it was. */
enum { CONFIG = 1, CALL, USER_VALUES = CALL };

/* What a phase gives instead of a number of results: the signal has come, go on. */
#define GO_ON (-1)

static int came(lua_State *L, int status, lua_KContext context);

static int wait_for(lua_State *L, struct slL_request *request, enum phase phase,
                    struct slL_signal *signal) {
    request->phase = phase;
    return slL_signal_wait(L, signal, (lua_KContext)request, came);
}

/* ---- its turn
 * ------------------------------------------------------------------------------- */

static void enqueue(struct slL_client *client, struct slL_request *request) {
    request->turn = (struct slL_signal){0};
    request->next = NULL;
    request->queued = true;
    *(client->last ? &client->last->next : &client->first) = request;
    client->last = request;
}

static void dequeue(struct slL_client *client, struct slL_request *request) {
    struct slL_request *before = NULL;
    for (struct slL_request *at = client->first; at != request; at = at->next)
        before = at;
    *(before ? &before->next : &client->first) = request->next;
    if (client->last == request)
        client->last = before;
    request->queued = false;
}

/* Lets as many go on as may. */
static void call_next(struct slL_client *client) {
    while (client->first && sl_pace_start(&client->pace)) {
        struct slL_request *request = client->first;
        dequeue(client, request);
        request->paced = true;
        slL_signal_fire(&request->turn);
    }
}

static void leave(struct slL_request *request) {
    if (request->paced)
        sl_pace_left(&request->client->pace);
    request->paced = false;
    if (request->queued)
        dequeue(request->client, request);
    call_next(request->client);
}

/* Runs when the request ends in whatever way: nothing stays under way, and nobody may
 * wait for a leader that is gone, be it in another program. */
static int slL_request_close(lua_State *L) {
    struct slL_request *request = luaL_checkudata(L, 1, REQUEST);
    bool led = request->leads;
    request->leads = false;
    if (led)
        slL_auth_release(&request->client->auth);
    leave(request);
    slL_call_end(request->call);
    lua_getiuservalue(L, 1, CONFIG);
    if (led && lua_getfield(L, -1, "save_token") != LUA_TNIL)
        lua_call(L, 0, 0);
    return 0;
}

/* ---- sending
 * -------------------------------------------------------------------------------- */

static void add_header(lua_State *L, int headers, const char *name, const char *field) {
    if (lua_getfield(L, SL_I_CONFIG, field) != LUA_TNIL)
        slL_headers_add(L, headers, name, -1);
    lua_pop(L, 1);
}

static void add_token(lua_State *L, int headers, const struct slL_auth *auth) {
    struct sl_buffer *value = slL_buffer_new(L, "the authorization header", 128 << 10);
    slL_buffer_add_text(L, value, "Bearer ");
    slL_buffer_add(L, value, auth->token, auth->token_len);
    slL_headers_add_bytes(L, headers, "Authorization", value->data, value->len);
    lua_pop(L, 1);
}

/* The headers of flow-service-api.md §1.1; x-sandbox-name is always sent. */
static struct slL_headers *push_headers(lua_State *L, const struct slL_auth *auth) {
    struct slL_headers *headers = slL_headers_new(L, MAX_HEADERS);
    int idx = lua_gettop(L);
    add_token(L, idx, auth);
    add_header(L, idx, "x-api-key", "client_id");
    add_header(L, idx, "x-gw-ims-org-id", "org");
    add_header(L, idx, "x-sandbox-name", "sandbox");
    if (!lua_isnil(L, SL_I_BODY)) {
        lua_pushliteral(L, "application/json");
        slL_headers_add(L, idx, "Content-Type", -1);
        lua_pop(L, 1);
    }
    lua_getfield(L, SL_I_ARGUMENTS, "headers"); /* these win */
    slL_headers_add_table(L, idx, -1);
    lua_pop(L, 1);
    return headers;
}

/* Seconds until the call, or what it is part of, has to be over; never negative. */
static double seconds_left(lua_State *L) {
    double left = slL_task_deadline(L) - slL_task_now();
    return left > 0 ? left : 0;
}

/* Raises when nothing should be sent any more. */
static void check_time(lua_State *L) {
    if (seconds_left(L) == 0)
        slL_deadline_raise(L);
}

/* The request's own time limit, which is no longer, tells more than the deadline. */
static int wait_for_answer(lua_State *L, struct slL_request *request, enum phase phase) {
    request->call->ended.patient = 1;
    return wait_for(L, request, phase, &request->call->ended);
}

static int send_request(lua_State *L, struct slL_request *request) {
    check_time(L);
    struct sl_request out = {.method = lua_tostring(L, SL_I_METHOD),
                             .url = lua_tostring(L, SL_I_URL)};
    struct slL_headers *headers = push_headers(L, &request->client->auth);
    out.headers = slL_headers_lines(headers);
    if (!lua_isnil(L, SL_I_BODY)) {
        const struct sl_buffer *body = lua_touserdata(L, SL_I_BODY);
        out.body = body->data;
        out.body_len = body->len;
    }
    slL_http_limits(L, SL_I_CONFIG, &out);
    slL_http_limit_time(&out, seconds_left(L));
    request->attempt = request->client->auth.attempt;
    request->number++;
    request->began = slL_task_now();
    slL_call_start(L, request->call, &out);
    lua_settop(L, SL_I_TOP);
    return wait_for_answer(L, request, SENT);
}

static int needs_token(lua_State *L, struct slL_request *request);

static int has_turn(lua_State *L, struct slL_request *request) {
    if (slL_auth_has_token(&request->client->auth))
        return send_request(L, request);
    leave(request); /* the token ended while it waited */
    return needs_token(L, request);
}

static int has_token(lua_State *L, struct slL_request *request) {
    struct slL_client *client = request->client;
    if (request->token_only)
        return 0;
    request->paced = !client->first && sl_pace_start(&client->pace);
    if (request->paced)
        return send_request(L, request);
    enqueue(client, request);
    return wait_for(L, request, WANTS_TURN, &request->turn);
}

/* ---- repeating
 * ------------------------------------------------------------------------------ */

static double chance(void) {
    unsigned bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
        return 1;
    return (double)bits / 4294967295.0;
}

static unsigned attempts_allowed(lua_State *L) {
    lua_getfield(L, SL_I_CONFIG, "attempts");
    unsigned attempts = (unsigned)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return attempts;
}

/* Milliseconds until the next attempt, or -1. */
static long next_wait(lua_State *L, struct slL_request *request, unsigned number,
                      bool repeatable) {
    const struct sl_transfer *transfer = request->call->transfer;
    struct sl_attempt attempt = {
        .number = number,
        .allowed = attempts_allowed(L),
        .repeatable = repeatable,
        .sent = sl_transfer_sent(transfer),
        .code = sl_transfer_error(transfer)->code,
        .status = sl_transfer_status(transfer),
        .retry_after_s = sl_transfer_stats(transfer)->retry_after_s,
        .left_s = seconds_left(L),
    };
    if (!sl_retry_is_passing(attempt.code, attempt.status))
        return -1; /* as after most answers: no need of a chance */
    return sl_retry_wait_ms(&attempt, chance(), &request->client->budget);
}

static int back_off(lua_State *L, struct slL_request *request, enum phase next,
                    double seconds) {
    return wait_for(L, request, next, slL_timer_push(L, seconds));
}

/* Pushes a hook of the configuration; is there one? */
static bool push_hook(lua_State *L, const char *name) {
    if (lua_getfield(L, SL_I_CONFIG, name) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

static void report(lua_State *L, struct slL_request *request, long wait_ms) {
    struct slL_event event = {.method = lua_tostring(L, SL_I_METHOD),
                              .url = lua_tostring(L, SL_I_URL),
                              .number = request->number,
                              .wait_ms = wait_ms,
                              .arguments = SL_I_ARGUMENTS};
    if (push_hook(L, "on_call"))
        slL_event_report(L, lua_gettop(L), &event, request->call->transfer);
    lua_settop(L, SL_I_TOP);
}

/* ---- the token
 * ------------------------------------------------------------------------------ */

static void on_opened(void *context) {
    (void)context;
}

/* Opens the platform's connection while the token service thinks. Whether that works is
 * not asked: the request itself would open another one. */
static void open_connection(lua_State *L, struct slL_client *client) {
    struct sl_request out = {
        .method = "HEAD", .url = lua_tostring(L, SL_I_URL), .only_connect = true};
    if (client->opening || !out.url || strncasecmp(out.url, "https:", 6) != 0)
        return;
    slL_http_limits(L, SL_I_CONFIG, &out);
    client->opening =
        sl_transport_start(slL_task_transport(L), &out, on_opened, NULL, NULL);
    lua_pop(L, 1);
}

static int ask_token(lua_State *L, struct slL_request *request) {
    check_time(L);
    request->asked++;
    open_connection(L, request->client);
    slL_auth_start(L, SL_I_CONFIG, request->call, seconds_left(L));
    return wait_for_answer(L, request, ASKS_TOKEN);
}

static int lead_on(lua_State *L, struct slL_request *request) {
    request->leads = false;
    slL_auth_release(&request->client->auth);
    return has_token(L, request); /* however soon it ends: asking again is endless */
}

/* Somebody else may have got one: load_token() → secret, seconds | nothing | nil, seconds
 * to wait until it is worth another look. */
static int load_token(lua_State *L, struct slL_request *request) {
    size_t len;
    if (!push_hook(L, "load_token"))
        return ask_token(L, request);
    lua_call(L, 0, 2);
    const char *token = slL_secret_test(L, -2, &len);
    double seconds = lua_tonumber(L, -1);
    if (token) {
        slL_auth_set_token(L, &request->client->auth, token, len, seconds);
        lua_pushvalue(L, -2);
        lua_setfield(L, SL_I_CONFIG, "access_token"); /* known as a secret while in use */
    }
    lua_settop(L, SL_I_TOP);
    if (token)
        return lead_on(L, request);
    if (seconds > 0)
        return back_off(L, request, LOADS_TOKEN, seconds);
    return ask_token(L, request);
}

static int needs_token(lua_State *L, struct slL_request *request) {
    struct slL_auth *auth = &request->client->auth;
    if (slL_auth_has_token(auth))
        return has_token(L, request);
    if (auth->busy) {
        request->attempt = auth->attempt;
        return wait_for(L, request, AWAITS_TOKEN, &auth->ready);
    }
    slL_auth_lead(auth);
    request->leads = true;
    request->asked = 0;
    return load_token(L, request);
}

/* The others learn of a failure from the one who asked, and don't ask again. */
static int awaited_token(lua_State *L, struct slL_request *request) {
    if (request->client->auth.failed == request->attempt) {
        lua_getiuservalue(L, SL_I_CLIENT, SL_CLIENT_TOKEN_ERROR);
        return lua_error(L);
    }
    return needs_token(L, request);
}

/* save_token(secret, seconds); where there was none to be had, closing the request calls
 * save_token(). */
static void save_token(lua_State *L) {
    if (push_hook(L, "save_token")) {
        lua_insert(L, -3);
        lua_call(L, 2, 0);
    }
}

static int finish_token(lua_State *L) {
    struct slL_request *request = lua_touserdata(L, 3);
    slL_auth_finish(L, &request->client->auth, 2, request->call);
    return 2;
}

static void report_token(lua_State *L, struct slL_request *request, long wait_ms) {
    struct slL_event event = {.method = "POST",
                              .number = request->asked,
                              .wait_ms = wait_ms,
                              .confidential = 1};
    if (push_hook(L, "on_call")) {
        event.url = slL_auth_push_url(L, SL_I_CONFIG);
        slL_event_report(L, SL_I_TOP + 1, &event, request->call->transfer);
    }
    lua_settop(L, SL_I_TOP);
}

static int failed_token(lua_State *L, struct slL_auth *auth) { /* the error at the top */
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, SL_I_CLIENT, SL_CLIENT_TOKEN_ERROR);
    auth->failed = auth->attempt;
    return lua_error(L);
}

static int asked_token(lua_State *L, struct slL_request *request) {
    long wait = next_wait(L, request, request->asked, true);
    report_token(L, request, wait);
    if (wait >= 0)
        return back_off(L, request, LOADS_TOKEN, (double)wait / 1000);
    lua_pushcfunction(L, finish_token);
    lua_pushnil(L);
    lua_pushvalue(L, SL_I_CONFIG);
    lua_pushvalue(L, SL_I_REQUEST);
    if (lua_pcall(L, 3, 2, 0) != LUA_OK)
        return failed_token(L, &request->client->auth);
    save_token(L);
    lua_settop(L, SL_I_TOP);
    return lead_on(L, request);
}

static bool may_renew(lua_State *L, const struct slL_request *request) {
    bool has_secret = lua_getfield(L, SL_I_CONFIG, "client_secret") != LUA_TNIL;
    lua_pop(L, 1);
    return has_secret && !request->renewed;
}

/* Forgets the token that was refused, not one that another request has got meanwhile. */
static int renew_token(lua_State *L, struct slL_request *request) {
    struct slL_auth *auth = &request->client->auth;
    request->renewed = true;
    if (auth->attempt == request->attempt)
        slL_auth_drop_token(auth);
    return needs_token(L, request);
}

/* ---- the answer
 * ----------------------------------------------------------------------------- */

static int push_value(lua_State *L) {
    const struct slL_request *request = lua_touserdata(L, 1);
    struct slL_asked asked = {.method = lua_tostring(L, 2), .url = lua_tostring(L, 3)};
    slL_answer_push_value(L, request->call->transfer, &asked);
    slL_answer_push_head(L, request->call->transfer);
    return 2;
}

/* Did the service perhaps do what was asked, though the answer does not say so? */
static bool is_unsure(const struct slL_request *request) {
    const struct sl_transfer *transfer = request->call->transfer;
    long status = sl_transfer_status(transfer);
    bool answered = sl_transfer_error(transfer)->code == SL_OK;
    return sl_transfer_sent(transfer) &&
           (!answered || status < 400 || status >= 500 || status == 408);
}

static bool is_reading(lua_State *L) {
    const char *method = lua_tostring(L, SL_I_METHOD);
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Adds to the error at the top what the attempts say. */
static int raise_failure(lua_State *L, struct slL_request *request) {
    if (slL_error_test(L, -1) && request->number > 1) {
        lua_pushinteger(L, request->number);
        lua_setfield(L, -2, "attempts");
    }
    if (slL_error_test(L, -1) && !is_reading(L) && is_unsure(request)) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "unsure");
    }
    return lua_error(L);
}

static int finish(lua_State *L, struct slL_request *request) {
    lua_pushcfunction(L, push_value);
    lua_pushvalue(L, SL_I_REQUEST);
    lua_pushvalue(L, SL_I_METHOD);
    lua_pushvalue(L, SL_I_URL);
    if (lua_pcall(L, 3, 2, 0) != LUA_OK)
        return raise_failure(L, request);
    return 2;
}

static void learn(struct slL_request *request) {
    struct slL_client *client = request->client;
    const struct sl_transfer *transfer = request->call->transfer;
    bool overloaded = sl_retry_is_passing(sl_transfer_error(transfer)->code,
                                          sl_transfer_status(transfer));
    sl_pace_learn(&client->pace, request->began, slL_task_now(), overloaded);
    if (!overloaded)
        sl_retry_earn(&client->budget);
    leave(request);
}

static int answered(lua_State *L, struct slL_request *request) {
    learn(request);
    bool stale =
        may_renew(L, request) && slL_answer_is_stale_token(L, request->call->transfer);
    long wait = stale ? 0 : next_wait(L, request, request->number, request->repeatable);
    report(L, request, wait);
    if (stale)
        return renew_token(L, request);
    if (wait >= 0)
        return back_off(L, request, NEEDS_TOKEN, (double)wait / 1000);
    return finish(L, request);
}

/* Goes from phase to phase until the request ends or the task yields. */
static int advance(lua_State *L, struct slL_request *request) {
    static int (*const next[])(lua_State *, struct slL_request *) = {
        [NEEDS_TOKEN] = needs_token, [AWAITS_TOKEN] = awaited_token,
        [LOADS_TOKEN] = load_token,  [ASKS_TOKEN] = asked_token,
        [WANTS_TURN] = has_turn,     [SENT] = answered,
    };
    int count;
    do {
        slL_call_check(L, request->call);
        lua_settop(L, SL_I_TOP);
        count = next[request->phase](L, request);
    } while (count == GO_ON);
    return count;
}

/* Without a yield it is `advance` itself that waits: calling it again for every wait
 * would pile up without end. */
static int came(lua_State *L, int status, lua_KContext context) {
    return status == LUA_OK ? GO_ON : advance(L, (struct slL_request *)context);
}

/* ---- without a network
 * ----------------------------------------------------------------------- */

static void push_asked(lua_State *L) {
    lua_createtable(L, 0, 6);
    lua_pushvalue(L, SL_I_METHOD);
    lua_setfield(L, -2, "method");
    lua_pushvalue(L, SL_I_URL);
    lua_setfield(L, -2, "url");
    for (const char *const *name =
             (const char *const[]){"path", "query", "headers", "body", NULL};
         *name; name++) {
        lua_getfield(L, SL_I_ARGUMENTS, *name);
        lua_setfield(L, -2, *name);
    }
}

static void take_canned(lua_State *L, struct slL_request *request, int answer) {
    request->call->transfer = slL_canned_new(L, answer);
    slL_signal_fire(&request->call->ended);
    lua_getfield(L, answer, "attempts");
    request->number = (unsigned)luaL_optinteger(L, -1, 1);
}

/* Does the client's `intercept` know the answer? */
static bool is_intercepted(lua_State *L, struct slL_request *request) {
    if (push_hook(L, "intercept")) {
        push_asked(L);
        lua_call(L, 1, 1);
        if (lua_istable(L, -1))
            take_canned(L, request, lua_gettop(L));
    }
    lua_settop(L, SL_I_TOP);
    return request->call->transfer != NULL;
}

/* ---- the whole
 * ------------------------------------------------------------------------------- */

struct slL_request *slL_request_push(lua_State *L, struct slL_client *client) {
    struct slL_request *request = lua_newuserdatauv(L, sizeof *request, USER_VALUES);
    *request = (struct slL_request){.client = client};
    luaL_setmetatable(L, REQUEST);
    lua_insert(L, -2);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, -3, CONFIG);
    request->call = slL_call_new(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, -4, CALL);
    return request;
}

/* What may be done twice: RFC 9110 §9.2.2, unless the caller knows better. */
static bool is_repeatable(lua_State *L) {
    static const char *const methods[] = {"GET", "HEAD",   "OPTIONS",
                                          "PUT", "DELETE", NULL};
    int type = lua_getfield(L, SL_I_ARGUMENTS, "repeatable");
    bool repeatable = lua_toboolean(L, -1);
    lua_pop(L, 1);
    for (const char *const *method = methods; type == LUA_TNIL && *method; method++)
        repeatable = repeatable || strcmp(lua_tostring(L, SL_I_METHOD), *method) == 0;
    return repeatable;
}

static double call_seconds(lua_State *L) {
    lua_getfield(L, SL_I_CONFIG, "call_timeout");
    double seconds = lua_isnil(L, -1) ? CALL_SECONDS : lua_tonumber(L, -1);
    lua_pop(L, 1);
    return seconds;
}

static void start_clock(lua_State *L) {
    lua_settop(L, SL_I_DEADLINE - 1);
    slL_deadline_push(L, slL_task_now() + call_seconds(L));
    lua_toclose(L, SL_I_DEADLINE);
}

int slL_request_run(lua_State *L, struct slL_request *request) {
    start_clock(L);
    request->repeatable = is_repeatable(L);
    if (is_intercepted(L, request))
        return finish(L, request);
    return advance(L, request);
}

int slL_request_get_token(lua_State *L, struct slL_request *request) {
    start_clock(L);
    request->token_only = true;
    return advance(L, request);
}

int slL_open_request(lua_State *L) {
    luaL_newmetatable(L, REQUEST);
    lua_pushcfunction(L, slL_request_close);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
    return 0;
}
