/* SPDX-License-Identifier: MIT */
#include "module/event.h"

#include "module/answer.h"

/* Each works on the table at the top. */
static void set_number(lua_State *L, const char *name, double value) {
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, long value) {
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *value) {
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static void set_stats(lua_State *L, const struct sl_transfer_stats *stats) {
    set_number(L, "seconds", stats->total_s);
    set_number(L, "first_byte", stats->first_byte_s);
    set_integer(L, "sent", (long)stats->bytes_sent);
    set_integer(L, "received", (long)stats->bytes_received);
    set_integer(L, "connections", stats->connections);
    set_number(L, "http_version", (double)stats->http_version / 10);
}

static void set_answer(lua_State *L, const struct slL_event *event,
                       const struct sl_transfer *transfer) {
    slL_answer_push_raw(L, transfer);
    for (const char *const *name =
             (const char *const[]){"status", "headers", "body", NULL};
         *name; name++) {
        if (event->confidential && **name == 'b')
            continue;
        lua_getfield(L, -1, *name);
        lua_setfield(L, -3, *name);
    }
    lua_getfield(L, -1, "headers");
    lua_getfield(L, -1, "x-request-id");
    lua_setfield(L, -4, "request_id");
    lua_pop(L, 2);
}

static void set_request(lua_State *L, const struct slL_event *event) {
    set_text(L, "method", event->method);
    set_text(L, "url", event->url);
    set_integer(L, "attempt", event->number);
    if (event->wait_ms >= 0)
        set_number(L, "wait", (double)event->wait_ms / 1000);
    if (event->confidential) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "token");
    }
    if (event->arguments) {
        lua_pushvalue(L, event->arguments);
        lua_setfield(L, -2, "request");
    }
}

void slL_event_report(lua_State *L, int hook, const struct slL_event *event,
                      const struct sl_transfer *transfer) {
    const struct sl_error *err = sl_transfer_error(transfer);
    luaL_checkstack(L, 10, "an event");
    lua_pushvalue(L, hook);
    lua_newtable(L);
    set_request(L, event);
    set_stats(L, sl_transfer_stats(transfer));
    if (err->code != SL_OK)
        set_text(L, "error", err->text);
    else
        set_answer(L, event, transfer);
    lua_call(L, 1, 0);
}
