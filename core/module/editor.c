/* SPDX-License-Identifier: MIT
 * The line editor in Lua's hands. */
#include "engine/editor.h"

#include "module/buffer.h"
#include "module/error.h"
#include "module/task.h"

#define EDITOR "sluice.editor"

/* User values of an editor. */
enum { IS_COMPLETE = 1, COMPLETE, SUGGESTION, USER_VALUES = SUGGESTION };

struct box {
    struct sl_editor *editor; /* NULL once closed */
    lua_State *L;             /* while it reads; the editor is then its first value */
};

static struct box *check_box(lua_State *L) {
    return luaL_checkudata(L, 1, EDITOR);
}

/* What the editor calls while it reads cannot call the editor. */
static struct box *check_idle(lua_State *L) {
    struct box *box = check_box(L);
    if (box->L)
        luaL_error(L, "the editor is reading");
    return box;
}

static struct box *check_open(lua_State *L) {
    struct box *box = check_idle(L);
    luaL_argcheck(L, box->editor, 1, "the editor is closed");
    return box;
}

/* ---- what the editor asks: nothing may be thrown through it
 * --------------------------------------------------------------------------- */

struct question {
    const char *text;
    size_t len, at;
    int complete;
    struct sl_suggestion *suggestion;
};

/* Calls `ask(editor, question)`; what it raises counts as no answer. */
static void ask(struct box *box, lua_CFunction function, struct question *question) {
    lua_State *L = box->L;
    if (!lua_checkstack(L, 8))
        return;
    lua_pushcfunction(L, function);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, question);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        lua_pop(L, 1);
}

static int ask_is_complete(lua_State *L) {
    struct question *question = lua_touserdata(L, 2);
    lua_getiuservalue(L, 1, IS_COMPLETE);
    lua_pushlstring(L, question->text, question->len);
    lua_call(L, 1, 1);
    question->complete = lua_toboolean(L, -1);
    return 0;
}

/* The text at the top, kept under the number `place` of the table at 3; NULL for nil. */
static const char *keep_text(lua_State *L, int place, size_t *len) {
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, len) : NULL;
    lua_rawseti(L, 3, place);
    return text;
}

static int ask_complete(lua_State *L) {
    struct question *question = lua_touserdata(L, 2);
    struct sl_suggestion *found = question->suggestion;
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, SUGGESTION);
    lua_getiuservalue(L, 1, COMPLETE);
    lua_pushlstring(L, question->text, question->len);
    lua_pushinteger(L, (lua_Integer)question->at);
    lua_call(L, 2, 3);
    lua_Integer remove = lua_tointeger(L, 4);
    found->remove = remove > 0 ? (size_t)remove : 0;
    found->listing = keep_text(L, 2, &found->listing_len);
    found->insert = keep_text(L, 1, &found->insert_len);
    return 0;
}

static int is_complete(void *context, const char *text, size_t len) {
    struct question question = {.text = text, .len = len, .complete = 1};
    ask(context, ask_is_complete, &question);
    return question.complete;
}

static void suggest(void *context, const char *text, size_t len, size_t at,
                    struct sl_suggestion *suggestion) {
    struct question question = {
        .text = text, .len = len, .at = at, .suggestion = suggestion};
    ask(context, ask_complete, &question);
}

static int is_interrupted(void *context) {
    struct box *box = context;
    return slL_task_interrupt_take(box->L);
}

/* ---- the library
 * ---------------------------------------------------------------------------- */

static int reads_vi(lua_State *L, int idx) {
    static const char *const names[] = {"emacs", "vi", NULL};
    return luaL_checkoption(L, idx, "emacs", names);
}

static void need_function(lua_State *L, const char *name, int value) {
    if (lua_getfield(L, 1, name) != LUA_TFUNCTION)
        luaL_error(L, "an editor needs the function '%s'", name);
    lua_setiuservalue(L, 2, value);
}

/* editor.new{ is_complete =, complete =, keys = } → editor; raises kind "io" */
static int slL_editor_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct box *box = lua_newuserdatauv(L, sizeof *box, USER_VALUES);
    *box = (struct box){0};
    luaL_setmetatable(L, EDITOR);
    need_function(L, "is_complete", IS_COMPLETE);
    need_function(L, "complete", COMPLETE);
    lua_getfield(L, 1, "keys");
    int vi = reads_vi(L, 3);
    struct sl_error err = {0};
    struct sl_editor_hooks hooks = {.context = box,
                                    .is_complete = is_complete,
                                    .suggest = suggest,
                                    .is_interrupted = is_interrupted,
                                    .wake_fd = slL_task_wake_fd()};
    box->editor = sl_editor_new(&hooks, &err);
    if (!box->editor || sl_editor_set_keys(box->editor, vi, &err) != SL_OK)
        slL_error_engine(L, &err);
    lua_settop(L, 2);
    return 1;
}

/* The loop cannot go on while a line is edited, so a task may not. */
static void check_no_task(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    lua_State *main = lua_tothread(L, -1);
    lua_pop(L, 1);
    if (slL_task_running(main) != main)
        luaL_error(L, "a task cannot wait for somebody to type");
}

static const char *const reasons[] = {
    [SL_EDITOR_LINE] = "line",
    [SL_EDITOR_EDIT] = "edit",
    [SL_EDITOR_INTERRUPTED] = "interrupted",
    [SL_EDITOR_CLOSED] = "closed",
};

/* editor:read(prompt [, text]) → text | nil, "line" | "edit" | "interrupted" | "closed"
 */
static int slL_editor_read(lua_State *L) {
    struct box *box = check_open(L);
    size_t prompt_len, initial_len;
    const char *prompt = luaL_checklstring(L, 2, &prompt_len);
    const char *initial = luaL_optlstring(L, 3, "", &initial_len);
    struct sl_error err = {0};
    enum sl_editor_end end;
    check_no_task(L);
    struct sl_buffer *text = slL_buffer_new(L, "the text", SL_EDITOR_MAX);
    box->L = L;
    enum sl_code code = sl_editor_read(box->editor, prompt, prompt_len, initial,
                                       initial_len, text, &end, &err);
    box->L = NULL;
    if (code != SL_OK)
        slL_error_engine(L, &err);
    if (end == SL_EDITOR_LINE || end == SL_EDITOR_EDIT)
        lua_pushlstring(L, text->data ? text->data : "", text->len);
    else
        lua_pushnil(L);
    lua_pushstring(L, reasons[end]);
    return 2;
}

/* editor:remember(text) */
static int slL_editor_remember(lua_State *L) {
    struct box *box = check_open(L);
    size_t len;
    struct sl_error err = {0};
    const char *text = luaL_checklstring(L, 2, &len);
    if (sl_editor_remember(box->editor, text, len, &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

/* editor:keys("emacs" | "vi") */
static int slL_editor_keys(lua_State *L) {
    struct box *box = check_open(L);
    struct sl_error err = {0};
    if (sl_editor_set_keys(box->editor, reads_vi(L, 2), &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

/* editor:close(), also when it is collected */
static int slL_editor_close(lua_State *L) {
    struct box *box = check_idle(L);
    sl_editor_free(box->editor);
    box->editor = NULL;
    return 0;
}

static const luaL_Reg functions[] = {
    {"new", slL_editor_new},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"read", slL_editor_read},
    {"remember", slL_editor_remember},
    {"keys", slL_editor_keys},
    {"close", slL_editor_close},
    {NULL, NULL},
};

int slL_open_editor(lua_State *L) {
    luaL_newmetatable(L, EDITOR);
    lua_pushcfunction(L, slL_editor_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, slL_editor_close);
    lua_setfield(L, -2, "__close");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
