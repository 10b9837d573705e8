/* SPDX-License-Identifier: MIT */
#include "module/task.h"

#include "module/error.h"
#include "module/secret.h"
#include "module/task_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define LOOP "sluice.loop"
#define TASK "sluice.task"

#define MAX_SERVERS 8

static const char loop_key = 0;

/* ---- interruption
 * --------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;
static int wake_pipe[2] = {-1, -1};

void slL_task_interrupt(void) {
    int saved = errno;
    interrupted = 1;
    if (wake_pipe[1] >= 0 && write(wake_pipe[1], "!", 1) < 0) {
        /* a full pipe wakes just as well */
    }
    errno = saved;
}

static void clear_interrupt(void) {
    char bytes[16];
    interrupted = 0;
    while (wake_pipe[0] >= 0 && read(wake_pipe[0], bytes, sizeof bytes) > 0) {
    }
}

int slL_task_wake_fd(void) {
    return wake_pipe[0];
}

static void open_wake_pipe(lua_State *L) {
    if (wake_pipe[0] < 0 && pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        slL_error_raise(L, "io", "cannot make a pipe");
}

/* ---- the loop's parts
 * ----------------------------------------------------------------------- */

struct loop *slL_loop(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loop_key);
    struct loop *loop = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return loop;
}

int slL_task_interrupt_take(lua_State *L) {
    struct loop *loop = slL_loop(L);
    int asked = interrupted;
    if (!loop || !loop->running)
        clear_interrupt();
    return asked;
}

static void check_interrupt(lua_State *L) {
    if (interrupted && slL_task_interrupt_take(L))
        slL_error_raise(L, "interrupted", "interrupted");
}

struct sl_transport *slL_task_transport(lua_State *L) {
    struct loop *loop = slL_loop(L);
    struct sl_error err = {0};
    if (!loop->transport && loop->ended)
        slL_error_raise(L, "interrupted",
                        "the program is over, nothing may start any more");
    if (!loop->transport)
        loop->transport = sl_transport_new(&err);
    if (!loop->transport)
        slL_error_engine(L, &err);
    return loop->transport;
}

void slL_task_add_server(lua_State *L, struct slL_server *server) {
    struct loop *loop = slL_loop(L);
    int count = 0;
    for (struct slL_server *at = loop->servers; at; at = at->next)
        count++;
    if (count >= MAX_SERVERS)
        slL_error_raise(L, "limit", "at most %d servers may run in one program",
                        MAX_SERVERS);
    server->next = loop->servers;
    loop->servers = server;
}

void slL_task_remove_server(lua_State *L, struct slL_server *server) {
    for (struct slL_server **at = &slL_loop(L)->servers; *at; at = &(*at)->next)
        if (*at == server) {
            *at = server->next;
            return;
        }
}

lua_State *slL_task_running(lua_State *L) {
    struct loop *loop = *(struct loop **)lua_getextraspace(L);
    return loop && loop->running ? loop->running->co : L;
}

static void make_ready(struct task *task) {
    struct loop *loop = task->loop;
    task->state = READY;
    task->waits = NULL;
    task->next = NULL;
    *(loop->last ? &loop->last->next : &loop->first) = task;
    loop->last = task;
    loop->ready++;
}

static struct task *take_ready(struct loop *loop) {
    struct task *task = loop->first;
    if (task) {
        loop->first = task->next;
        if (!loop->first)
            loop->last = NULL;
        task->next = NULL;
        loop->ready--;
    }
    return task;
}

void slL_signal_fire(struct slL_signal *signal) {
    signal->done = 1;
    struct task *task = signal->waiters; /* last come first: turn the order round */
    struct task *ordered = NULL;
    while (task) {
        struct task *next = task->next;
        task->next = ordered;
        ordered = task;
        task = next;
    }
    signal->waiters = NULL;
    while (ordered) {
        struct task *next = ordered->next;
        make_ready(ordered);
        ordered = next;
    }
}

void slL_task_stop_waiting(struct task *task) {
    for (struct task **at = &task->waits->waiters; *at; at = &(*at)->next)
        if (*at == task) {
            *at = task->next;
            break;
        }
    make_ready(task);
}

/* ---- running a task
 * ------------------------------------------------------------------------- */

/* A task that is not over is anchored in the registry under its address. */
static void anchor(lua_State *L, struct task *task, int idx) {
    lua_pushvalue(L, idx);
    lua_rawsetp(L, LUA_REGISTRYINDEX, task);
}

static void unanchor(lua_State *L, struct task *task) {
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, task);
}

/* A failed coroutine keeps its stack for the traceback; closing runs its to-be-closed
 * variables. */
static void add_traceback(lua_State *L, lua_State *co) {
    if (lua_type(co, -1) != LUA_TSTRING)
        return;
    luaL_traceback(L, co, lua_tostring(co, -1), 0);
    lua_xmove(L, co, 1);
    lua_remove(co, -2);
}

static void finish_task(lua_State *L, struct task *task, enum state state) {
    struct task *outer = task->loop->running;
    task->state = state;
    task->observed = task->observed || interrupted; /* the whole program ends */
    if (state == FAILED)
        add_traceback(L, task->co);
    if (lua_status(task->co) > LUA_YIELD) { /* a lost one, too, may have failed */
        task->loop->running = NULL; /* what it closes is no part of the outer task */
        lua_resetthread(task->co);  /* leaves the error alone on its stack */
        task->loop->running = outer;
    }
    slL_signal_fire(&task->finished);
    unanchor(L, task);
}

/* Has the coroutine yielded, or is it new? */
static int is_suspended(lua_State *co) {
    lua_Debug frame;
    if (lua_status(co) != LUA_OK)
        return lua_status(co) == LUA_YIELD;
    return lua_getstack(co, 0, &frame) == 0 && lua_gettop(co) > 0;
}

/* lua_resume counts the function among the values the first time only. */
static int values_to_pass(struct task *task) {
    return lua_status(task->co) == LUA_YIELD ? 0 : lua_gettop(task->co) - 1;
}

static void run_task(lua_State *L, struct task *task) {
    struct loop *loop = task->loop;
    struct task *outer = loop->running;
    int count;
    luaL_checkstack(L, 4, "running a task");
    if (!is_suspended(task->co)) {
        finish_task(L, task, LOST);
        return;
    }
    task->state = RUNNING;
    loop->running = task;
    int status = lua_resume(task->co, L, values_to_pass(task), &count);
    loop->running = outer;
    if (status != LUA_YIELD) {
        finish_task(L, task, status == LUA_OK ? ENDED : FAILED);
        return;
    }
    lua_pop(task->co, count);
    if (task->state ==
        RUNNING) /* a coroutine.yield of the script's own: let others go on */
        make_ready(task);
}

/* ---- waiting
 * -------------------------------------------------------------------------------- */

static int earlier(int a, int b) {
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int next_timeout_ms(struct loop *loop) {
    int timeout = loop->first ? 0 : -1;
    if (timeout < 0 && loop->timers) {
        double left = loop->timers->at - slL_task_now();
        timeout = left <= 0 ? 0 : left > 60 ? 60000 : (int)(left * 1000) + 1;
    }
    for (struct slL_server *at = loop->servers; at; at = at->next)
        timeout = earlier(timeout, sl_listener_timeout_ms(at->listener));
    return timeout;
}

static void run_servers(struct loop *loop) {
    for (struct slL_server *at = loop->servers, *next; at; at = next) {
        next = at->next;
        sl_listener_run(at->listener);
        at->on_work(at);
    }
}

static unsigned gather_fds(struct loop *loop, struct pollfd *fds) {
    unsigned count = 0;
    fds[count++] = (struct pollfd){.fd = wake_pipe[0], .events = POLLIN};
    for (struct slL_server *at = loop->servers; at; at = at->next)
        fds[count++] =
            (struct pollfd){.fd = sl_listener_fd(at->listener), .events = POLLIN};
    return count;
}

static int has_transfers(struct loop *loop) {
    return loop->transport && sl_transport_active(loop->transport) > 0;
}

/* Waits for whatever comes first, and sees to it. */
static void poll_once(lua_State *L, struct loop *loop) {
    struct pollfd fds[MAX_SERVERS + 1];
    struct sl_error err = {0};
    enum sl_code code = SL_OK;
    unsigned count = gather_fds(loop, fds);
    int timeout = next_timeout_ms(loop);
    if (!has_transfers(loop) && count == 1 && timeout < 0)
        slL_error_raise(L, "internal", "waiting for something that can never happen");
    if (has_transfers(loop))
        code = sl_transport_run(loop->transport, fds, count,
                                timeout < 0 ? 60000 : timeout, &err);
    else
        poll(fds, count, timeout);
    run_servers(loop);
    slL_timers_fire(loop);
    if (code != SL_OK)
        slL_error_engine(L, &err);
}

/* Runs one of the `left` tasks of this round, or, after them, waits: so those that are
 * ready come first, but one that is always ready keeps nothing from happening. Gives how
 * many are left. */
static size_t step(lua_State *L, struct loop *loop, size_t left) {
    check_interrupt(L);
    struct task *task = left > 0 ? take_ready(loop) : NULL;
    if (task) {
        run_task(L, task);
        return left - 1;
    }
    poll_once(L, loop);
    return loop->ready;
}

/* Where a waiting task goes on: `context` is its struct wait, kept as a userdata below.
 */
struct wait {
    lua_KFunction k;
    lua_KContext context;
    const struct slL_signal *signal;
};

static void check_cancelled(lua_State *L, struct task *task) {
    if (task && task->cancelled)
        slL_error_raise(L, "interrupted", "the task was cancelled");
}

static int resumed(lua_State *L, int status, lua_KContext context) {
    struct wait wait = *(struct wait *)context;
    struct task *task = slL_loop(L)->running;
    if (!task || task->co != L)
        slL_error_raise(L, "usage",
                        "the coroutine of a task goes on by itself; "
                        "coroutine.resume must not be called on it");
    lua_remove(L, -1); /* the struct wait */
    check_cancelled(L, task);
    slL_deadline_check(L, wait.signal);
    return wait.k(L, status, wait.context);
}

static int yield_for(lua_State *L, struct task *task, struct slL_signal *signal,
                     lua_KContext context, lua_KFunction k) {
    struct wait *wait = lua_newuserdatauv(L, sizeof *wait, 0);
    *wait = (struct wait){k, context, signal};
    task->waits = signal;
    task->next = signal->waiters;
    task->state = WAITING;
    signal->waiters = task;
    return lua_yieldk(L, 0, (lua_KContext)wait, resumed);
}

void slL_task_end(lua_State *L) {
    struct loop *loop = slL_loop(L);
    if (loop)
        loop->ended = 1;
}

int slL_signal_wait(lua_State *L, struct slL_signal *signal, lua_KContext context,
                    lua_KFunction k) {
    struct loop *loop = slL_loop(L);
    struct task *task = loop->running;
    check_cancelled(L, task);
    slL_deadline_check(L, signal);
    if (!signal->done && loop->ended)
        slL_error_raise(L, "interrupted",
                        "the program is over, nothing may wait any more");
    if (!signal->done && task && task->co == L && lua_isyieldable(L))
        return yield_for(L, task, signal, context, k);
    size_t left = loop->ready;
    while (!signal->done) {
        left = step(L, loop, left);
        check_cancelled(L, task);
        slL_deadline_check(L, signal);
    }
    check_interrupt(L); /* what ended may have ended for that */
    return k(L, LUA_OK, context);
}

/* ---- the library
 * ---------------------------------------------------------------------------- */

static struct task *check_task(lua_State *L) {
    return luaL_checkudata(L, 1, TASK);
}

/* task.spawn(fn, …) → task: a call that starts when the caller next waits, beside it. */
static int slL_task_spawn(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    int count = lua_gettop(L);
    struct task *task = lua_newuserdatauv(L, sizeof *task, 2);
    *task = (struct task){.state = ENDED, .loop = slL_loop(L), .observed = 1};
    luaL_setmetatable(L, TASK);
    task->co = lua_newthread(L);
    lua_setiuservalue(L, -2, 1);
    if (!lua_checkstack(task->co, count + LUA_MINSTACK))
        return slL_error_raise(L, "limit", "too many arguments for a task");
    anchor(L, task, -1);
    lua_insert(L, 1);
    lua_xmove(L, task->co, count);
    task->observed = 0;
    slL_deadline_inherit(L, task);
    make_ready(task);
    return 1;
}

/* Gives what the task returned, or raises what it raised. */
static int waited(lua_State *L, int status, lua_KContext context) {
    (void)status;
    struct task *task = (struct task *)context;
    task->observed = 1;
    if (task->state == LOST)
        return slL_error_raise(L, "usage",
                               "a script resumed or closed the coroutine of "
                               "the task, which is the task's own");
    int count = task->state == FAILED ? 1 : lua_gettop(task->co);
    luaL_checkstack(L, count, "results of a task");
    if (!lua_checkstack(task->co, count))
        return slL_error_raise(L, "limit", "too many results of a task");
    for (int i = 1; i <= count; i++)
        lua_pushvalue(task->co, i);
    lua_xmove(task->co, L, count);
    return task->state == FAILED ? lua_error(L) : count;
}

/* task:wait() → what the function returned; raises what it raised. */
static int slL_task_wait(lua_State *L) {
    struct task *task = check_task(L);
    if (task == task->loop->running)
        return luaL_error(L, "a task cannot wait for itself");
    lua_settop(L, 1);
    return slL_signal_wait(L, &task->finished, (lua_KContext)task, waited);
}

/* task:cancel(): whatever it waits for, or next waits for, raises in it. */
static int slL_task_cancel(lua_State *L) {
    struct task *task = check_task(L);
    task->cancelled = 1;
    task->observed = 1;
    if (task->state == WAITING)
        slL_task_stop_waiting(task);
    return 0;
}

/* task:done() → boolean */
static int slL_task_done(lua_State *L) {
    lua_pushboolean(L, check_task(L)->finished.done);
    return 1;
}

/* A failure that nobody asked about must not vanish. */
static int slL_task_gc(lua_State *L) {
    struct task *task = check_task(L);
    if (task->state == FAILED && !task->observed && lua_checkstack(task->co, 1)) {
        lua_pushvalue(task->co, 1);
        lua_xmove(task->co, L, 1); /* its __tostring may raise: not in that coroutine */
        luaL_tolstring(L, -1, NULL);
        slL_secret_mask(L);
        const char *text = lua_tostring(L, -1);
        lua_warning(L, "sluice: a task failed and nobody waited for it: ", 1);
        lua_warning(L, text, 0);
    }
    return 0;
}

/* task.now() → seconds of a clock that never goes back */
static int slL_task_clock(lua_State *L) {
    lua_pushnumber(L, slL_task_now());
    return 1;
}

/* task.time() → seconds since 1970, with their fraction */
static int slL_task_time(lua_State *L) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    lua_pushnumber(L, (lua_Number)time.tv_sec + (lua_Number)time.tv_nsec / 1e9);
    return 1;
}

static int slL_loop_gc(lua_State *L) {
    struct loop *loop = lua_touserdata(L, 1);
    loop->ended = 1; /* a finalizer that comes later finds no transport, and makes none */
    *(struct loop **)lua_getextraspace(loop->main) = NULL;
    sl_transport_free(loop->transport);
    loop->transport = NULL;
    return 0;
}

static void new_metatable(lua_State *L, const char *name, lua_CFunction gc,
                          const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    if (methods) {
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

/* A state has one loop, also when the module is loaded again. */
static void open_loop(lua_State *L) {
    if (slL_loop(L))
        return;
    struct loop *loop = lua_newuserdatauv(L, sizeof *loop, 0);
    *loop = (struct loop){0};
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    loop->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    *(struct loop **)lua_getextraspace(loop->main) = loop;
    luaL_setmetatable(L, LOOP);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loop_key);
}

static const luaL_Reg functions[] = {
    {"spawn", slL_task_spawn}, {"sleep", slL_task_sleep}, {"deadline", slL_task_within},
    {"now", slL_task_clock},   {"time", slL_task_time},   {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"wait", slL_task_wait},
    {"cancel", slL_task_cancel},
    {"done", slL_task_done},
    {NULL, NULL},
};

int slL_open_task(lua_State *L) {
    new_metatable(L, LOOP, slL_loop_gc, NULL);
    new_metatable(L, TASK, slL_task_gc, methods);
    slL_open_timers(L);
    open_wake_pipe(L);
    open_loop(L);
    luaL_newlib(L, functions);
    return 1;
}
