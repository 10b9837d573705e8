/* SPDX-License-Identifier: MIT
 * The Flow Service, driven by one table: flow-service-api.md §3. What providers alone may
 * call (the writes of connection specs and flow specs) is left out. */
#include "module/buffer.h"
#include "module/client.h"
#include "module/error.h"
#include "module/json.h"

#include "engine/url.h"

#include <string.h>

#define BASE_PATH "/data/foundation/flowservice"

enum {
    ID = 1,      /* the path holds an ID */
    BODY = 2,    /* a body is sent */
    ETAG = 4,    /* If-Match is sent: §12 */
    LIST = 8,    /* the answer is a page: { items, _links } */
    ITEM = 16,   /* the answer wraps one entity in `items`: §2 */
    ACTION = 32, /* the query names an operation: §7 */
};

static const struct operation {
    const char *resource; /* in Lua */
    const char *action;
    const char *method;
    const char *path;   /* of the collection */
    const char *suffix; /* after the ID */
    unsigned flags;
    const char *summary;
} operations[] = {
    {"connection_specs", "list", "GET", "/connectionSpecs", "", LIST,
     "all connection specs"},
    {"connection_specs", "get", "GET", "/connectionSpecs", "", ID | ITEM,
     "one connection spec"},
    {"connection_specs", "configs", "GET", "/connectionSpecs", "/configs", ID,
     "datasets that may be exported"},
    {"connection_specs", "explore", "GET", "/connectionSpecs", "/explore", ID,
     "what a connection spec can reach"},
    {"flow_specs", "list", "GET", "/flowSpecs", "", LIST, "all flow specs"},
    {"flow_specs", "get", "GET", "/flowSpecs", "", ID | ITEM, "one flow spec"},
    {"flow_specs", "search", "POST", "/flowSpecs/search", "", BODY | LIST,
     "flow specs by query"},
    {"connections", "list", "GET", "/connections", "", LIST, "base connections"},
    {"connections", "get", "GET", "/connections", "", ID | ITEM, "one base connection"},
    {"connections", "create", "POST", "/connections", "", BODY, "a new base connection"},
    {"connections", "update", "PATCH", "/connections", "", ID | BODY | ETAG,
     "changes a base connection by JSON Patch"},
    {"connections", "delete", "DELETE", "/connections", "", ID,
     "deletes a base connection"},
    {"connections", "test", "GET", "/connections", "/test", ID, "tries the credentials"},
    {"connections", "explore", "GET", "/connections", "/explore", ID,
     "what it can reach"},
    {"connections", "configs", "GET", "/connections", "/configs", ID,
     "its configurations"},
    {"connections", "action", "POST", "/connections", "/action", ID | ACTION,
     "performs an operation on a base connection"},
    {"connections", "search", "POST", "/connections/search", "", BODY | LIST,
     "base connections by query"},
    {"source_connections", "list", "GET", "/sourceConnections", "", LIST,
     "source connections"},
    {"source_connections", "get", "GET", "/sourceConnections", "", ID | ITEM,
     "one source connection"},
    {"source_connections", "create", "POST", "/sourceConnections", "", BODY,
     "a new source connection"},
    {"source_connections", "update", "PATCH", "/sourceConnections", "", ID | BODY | ETAG,
     "changes a source connection by JSON Patch"},
    {"source_connections", "delete", "DELETE", "/sourceConnections", "", ID,
     "deletes a source connection"},
    {"source_connections", "action", "POST", "/sourceConnections", "/action", ID | ACTION,
     "performs an operation on a source connection"},
    {"target_connections", "list", "GET", "/targetConnections", "", LIST,
     "target connections"},
    {"target_connections", "get", "GET", "/targetConnections", "", ID | ITEM,
     "one target connection"},
    {"target_connections", "create", "POST", "/targetConnections", "", BODY,
     "a new target connection"},
    {"target_connections", "update", "PATCH", "/targetConnections", "", ID | BODY | ETAG,
     "changes a target connection by JSON Patch"},
    {"target_connections", "delete", "DELETE", "/targetConnections", "", ID,
     "deletes a target connection"},
    {"target_connections", "action", "POST", "/targetConnections", "/action", ID | ACTION,
     "performs an operation on a target connection"},
    {"flows", "list", "GET", "/flows", "", LIST, "dataflows"},
    {"flows", "get", "GET", "/flows", "", ID | ITEM, "one dataflow"},
    {"flows", "create", "POST", "/flows", "", BODY, "a new dataflow"},
    {"flows", "update", "PATCH", "/flows", "", ID | BODY | ETAG,
     "changes a dataflow by JSON Patch"},
    {"flows", "delete", "DELETE", "/flows", "", ID, "deletes a dataflow"},
    {"flows", "action", "POST", "/flows", "/action", ID | ACTION,
     "enables or disables a dataflow"},
    {"flows", "search", "POST", "/flows/search", "", BODY | LIST, "dataflows by query"},
    {"runs", "list", "GET", "/runs", "", LIST, "runs of dataflows"},
    {"runs", "get", "GET", "/runs", "", ID | ITEM, "one run"},
    {"runs", "create", "POST", "/runs", "", BODY,
     "starts a run (service tokens only: 1427-400)"},
    {"runs", "update", "PUT", "/runs", "", ID | BODY | ETAG,
     "replaces a run (service tokens only: 1427-400)"},
    {"runs", "action", "POST", "/runs", "/action", ID | ACTION,
     "performs an operation on a run"},
};

#define COUNT (sizeof operations / sizeof *operations)

/* Stack of a call. */
enum { I_CLIENT = 1, I_NAME, I_ARGS, I_OUT };

static const struct operation *find_operation(lua_State *L) {
    const char *name = luaL_checkstring(L, I_NAME);
    const char *dot = strchr(name, '.');
    size_t len = dot ? (size_t)(dot - name) : 0;
    for (size_t i = 0; dot && i < COUNT; i++)
        if (strlen(operations[i].resource) == len &&
            strncmp(operations[i].resource, name, len) == 0 &&
            strcmp(operations[i].action, dot + 1) == 0)
            return &operations[i];
    slL_error_raise(L, "usage", "flow_service.call: there is no operation '%s'", name);
    return NULL;
}

/* ---- the request
 * ---------------------------------------------------------------------------- */

static void add_id(lua_State *L, struct sl_buffer *path) {
    size_t len;
    if (lua_getfield(L, I_ARGS, "id") != LUA_TSTRING || lua_rawlen(L, -1) == 0)
        slL_error_raise(L, "usage",
                        "%s: expected an ID (a string that is not empty), got %s",
                        lua_tostring(L, I_NAME), luaL_typename(L, -1));
    const char *id = lua_tolstring(L, -1, &len);
    if (strspn(id, ".") == len && len <= 2) /* the path would end elsewhere */
        slL_error_raise(L, "usage", "%s: '%s' cannot be an ID", lua_tostring(L, I_NAME),
                        id);
    slL_buffer_add_text(L, path, "/");
    slL_buffer_add_encoded(L, path, id, len);
    lua_pop(L, 1);
}

/* A link of a page is followed whole, its `=` kept: §11. It leads below the service's own
 * path, or is the whole URL of that place; anything else is refused. */
static int set_next_path(lua_State *L, const struct operation *op) {
    if (!(op->flags & LIST) || lua_getfield(L, I_ARGS, "next") == LUA_TNIL)
        return 0;
    if (lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "http", "the link to the next page is a %s, not a string",
                        luaL_typename(L, -1));
    const char *link = lua_tostring(L, -1);
    const char *below = strstr(link, BASE_PATH "/");
    if (*link == '/' && link[1] != '/')
        lua_pushfstring(L, "%s%s", below == link ? "" : BASE_PATH, link);
    else if (below && sl_url_check(link, NULL) == SL_OK)
        lua_pushstring(
            L, below); /* the same path at our own base URL, never at another host */
    else
        slL_error_raise(L, "http", "the link to the next page leads elsewhere: %s", link);
    lua_setfield(L, I_OUT, "path");
    return 1;
}

static void set_path(lua_State *L, const struct operation *op) {
    if (set_next_path(L, op))
        return;
    struct sl_buffer *path = slL_buffer_new(L, "the URL", SL_URL_MAX);
    slL_buffer_add_text(L, path, BASE_PATH);
    slL_buffer_add_text(L, path, op->path);
    if (op->flags & ID)
        add_id(L, path);
    slL_buffer_add_text(L, path, op->suffix);
    lua_pushlstring(L, path->data, path->len);
    lua_setfield(L, I_OUT, "path");
    lua_getfield(L, I_ARGS, "query");
    lua_setfield(L, I_OUT, "query");
}

static void set_body(lua_State *L, const struct operation *op) {
    if (!(op->flags & BODY))
        return;
    if (lua_getfield(L, I_ARGS, "body") != LUA_TTABLE)
        slL_error_raise(L, "usage", "%s: expected a table as body, got %s",
                        lua_tostring(L, I_NAME), luaL_typename(L, -1));
    if (strcmp(op->method, "PATCH") == 0 && luaL_len(L, -1) == 0)
        slL_error_raise(L, "usage", "%s: the patch is empty; there is nothing to send",
                        lua_tostring(L, I_NAME));
    lua_setfield(L, I_OUT, "body");
}

/* Exactly one pair of quotes, whatever the text came with: §12. */
static void push_quoted_etag(lua_State *L, const char *etag, size_t len) {
    while (len && strchr("\"\\", etag[len - 1]))
        len--;
    while (len && strchr("\"\\", *etag))
        etag++, len--;
    lua_pushlstring(L, etag, len);
    lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
    lua_remove(L, -2);
}

static void set_etag(lua_State *L, const struct operation *op) {
    size_t len;
    if (!(op->flags & ETAG))
        return;
    if (lua_getfield(L, I_ARGS, "etag") != LUA_TSTRING)
        slL_error_raise(L, "usage", "%s: expected the etag, which must be read first",
                        lua_tostring(L, I_NAME));
    const char *etag = lua_tolstring(L, -1, &len);
    lua_newtable(L);
    push_quoted_etag(L, etag, len);
    lua_setfield(L, -2, "If-Match");
    lua_setfield(L, I_OUT, "headers");
}

/* A second PATCH with the same etag is refused, a search changes nothing. */
static void set_repeatable(lua_State *L, const struct operation *op) {
    if (op->flags & (ETAG | LIST)) {
        lua_pushboolean(L, 1);
        lua_setfield(L, I_OUT, "repeatable");
    }
}

static void set_action(lua_State *L, const struct operation *op) {
    if (!(op->flags & ACTION))
        return;
    lua_newtable(L);
    if (lua_getfield(L, I_ARGS, "op") != LUA_TSTRING)
        slL_error_raise(L, "usage", "%s: expected op, such as \"enable\" or \"disable\"",
                        lua_tostring(L, I_NAME));
    lua_setfield(L, -2, "op");
    lua_getfield(L, I_ARGS, "sub_op"); /* nil: none */
    lua_setfield(L, -2, "subOp");
    lua_setfield(L, I_OUT, "query");
}

/* ---- the answer
 * ----------------------------------------------------------------------------- */

static int raise_shape(lua_State *L, const char *expected) {
    return slL_error_raise(L, "http", "%s: the answer has no %s; is the base URL right?",
                           lua_tostring(L, I_NAME), expected);
}

/* One entity comes wrapped, exactly one in `items`; a bare one is taken too. */
static void unwrap_item(lua_State *L, int answer) {
    if (!lua_istable(L, answer))
        raise_shape(L, "item");
    if (lua_getfield(L, answer, "items") == LUA_TTABLE) {
        if (lua_rawgeti(L, -1, 1) != LUA_TTABLE)
            raise_shape(L, "item");
    } else {
        lua_pop(L, 1);
        if (lua_getfield(L, answer, "id") == LUA_TNIL)
            raise_shape(L, "item");
        lua_pushvalue(L, answer);
    }
    lua_replace(L, answer);
}

/* An array of objects: what is no such list must not pass as an empty one, or what is
 * there already would be created again. */
static int is_list_of_items(lua_State *L, int idx) {
    if (!slL_json_is_array(L, idx))
        return 0;
    lua_Integer count = (lua_Integer)lua_rawlen(L, idx);
    for (lua_Integer i = 1; i <= count; i++) {
        int is_item = lua_rawgeti(L, idx, i) == LUA_TTABLE;
        lua_pop(L, 1);
        if (!is_item)
            return 0;
    }
    return 1;
}

static void check_page(lua_State *L, int answer) {
    if (!lua_istable(L, answer))
        raise_shape(L, "list of items");
    int has_items = lua_getfield(L, answer, "items") != LUA_TNIL;
    if (has_items && !is_list_of_items(L, lua_gettop(L)))
        raise_shape(L, "list of items");
    int has_count = lua_getfield(L, answer, "count") == LUA_TNUMBER;
    if (!has_items && !has_count)
        raise_shape(L, "list of items");
    lua_pop(L, 2);
}

static int answered(lua_State *L, int status, lua_KContext context) {
    (void)status;
    const struct operation *op = (const struct operation *)context;
    int answer = lua_gettop(L) - 1;
    if (op->flags & ITEM)
        unwrap_item(L, answer);
    if (op->flags & LIST)
        check_page(L, answer);
    lua_settop(L, answer + 1);
    return 2;
}

/* flow_service.call(client, "flows.update", { id =, query =, body =, etag =, op =, next =
 * }) → value, { status, headers }. Reading one entity gives it unwrapped, reading many a
 * page { items, _links }, whose _links.next.href is the next call's `next`. */
static int slL_flow_service_call(lua_State *L) {
    const struct operation *op = find_operation(L);
    lua_settop(L, I_ARGS);
    if (lua_isnil(L, I_ARGS)) {
        lua_newtable(L);
        lua_replace(L, I_ARGS);
    }
    luaL_checktype(L, I_ARGS, LUA_TTABLE);
    lua_newtable(L);
    lua_pushstring(L, op->method);
    lua_setfield(L, I_OUT, "method");
    set_path(L, op);
    set_body(L, op);
    set_etag(L, op);
    set_action(L, op);
    set_repeatable(L, op);
    lua_settop(L, I_OUT);
    lua_pushcfunction(L, slL_client_request);
    lua_pushvalue(L, I_CLIENT);
    lua_pushvalue(L, I_OUT);
    lua_callk(L, 2, 2, (lua_KContext)op, answered);
    return answered(L, LUA_OK, (lua_KContext)op);
}

/* ---- the library
 * ---------------------------------------------------------------------------- */

static void set_string(lua_State *L, const char *field, const char *value) {
    lua_pushstring(L, value);
    lua_setfield(L, -2, field);
}

static void set_flag(lua_State *L, const char *field, int value) {
    lua_pushboolean(L, value);
    lua_setfield(L, -2, field);
}

static void push_operation(lua_State *L, const struct operation *op) {
    lua_createtable(L, 0, 9);
    lua_pushfstring(L, "%s.%s", op->resource, op->action);
    lua_setfield(L, -2, "name");
    lua_pushfstring(L, "%s%s%s", op->path, op->flags & ID ? "/{id}" : "", op->suffix);
    lua_setfield(L, -2, "path");
    set_string(L, "resource", op->resource);
    set_string(L, "action", op->action);
    set_string(L, "method", op->method);
    set_string(L, "summary", op->summary);
    set_flag(L, "body", (op->flags & BODY) != 0);
    set_flag(L, "etag", (op->flags & ETAG) != 0);
    set_flag(L, "paged", (op->flags & LIST) != 0);
}

static const luaL_Reg functions[] = {
    {"call", slL_flow_service_call},
    {NULL, NULL},
};

int slL_open_flow_service(lua_State *L) {
    luaL_newlib(L, functions);
    lua_createtable(L, COUNT, 0);
    for (size_t i = 0; i < COUNT; i++) {
        push_operation(L, &operations[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "operations");
    return 1;
}
