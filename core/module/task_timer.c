/* SPDX-License-Identifier: MIT
 * Time in the loop: timers, sleeping, deadlines. */
#include "module/error.h"
#include "module/task_loop.h"

#include <time.h>

#define TIMER "sluice.timer"
#define DEADLINE "sluice.deadline"

double slL_task_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Where the deadline of what runs now is kept. */
static double *deadline_of(struct loop *loop) {
    return loop->running ? &loop->running->deadline : &loop->deadline;
}

double slL_task_deadline(lua_State *L) {
    return *deadline_of(slL_loop(L));
}

/* ---- timers
 * --------------------------------------------------------------------------------- */

void slL_timers_fire(struct loop *loop) {
    double time = slL_task_now();
    while (loop->timers && loop->timers->at <= time) {
        struct timer *timer = loop->timers;
        loop->timers = timer->next;
        timer->loop = NULL;
        slL_signal_fire(&timer->signal);
        if (timer->task && timer->task->state == WAITING && !timer->task->waits->patient)
            slL_task_stop_waiting(timer->task);
    }
}

static void add_timer(struct loop *loop, struct timer *timer) {
    struct timer **at = &loop->timers;
    while (*at && (*at)->at <= timer->at)
        at = &(*at)->next;
    timer->next = *at;
    timer->loop = loop;
    *at = timer;
}

static void remove_timer(struct timer *timer) {
    if (!timer->loop)
        return;
    for (struct timer **at = &timer->loop->timers; *at; at = &(*at)->next)
        if (*at == timer) {
            *at = timer->next;
            break;
        }
    timer->loop = NULL;
}

static int slL_timer_gc(lua_State *L) {
    struct timer *timer = luaL_checkudata(L, 1, TIMER);
    remove_timer(timer);
    slL_signal_fire(&timer->signal);
    return 0;
}

/* Pushes a timer; `task` is woken by it besides what waits for its signal.  [-0, +1, m]
 */
static struct timer *push_timer(lua_State *L, double at, struct task *task) {
    struct timer *timer = lua_newuserdatauv(L, sizeof *timer, 0);
    *timer = (struct timer){.at = at, .task = task};
    luaL_setmetatable(L, TIMER);
    add_timer(slL_loop(L), timer);
    return timer;
}

struct slL_signal *slL_timer_push(lua_State *L, double seconds) {
    return &push_timer(L, slL_task_now() + seconds, NULL)->signal;
}

static int slept(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 0;
}

/* task.sleep(seconds): lets others go on meanwhile. */
int slL_task_sleep(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "expected 0 or more seconds");
    return slL_signal_wait(L, slL_timer_push(L, seconds), 0, slept);
}

/* ---- deadlines
 * ------------------------------------------------------------------------------ */

int slL_deadline_raise(lua_State *L) {
    slL_error_push(L, "limit", "the deadline passed");
    lua_pushliteral(L, "deadline");
    lua_setfield(L, -2, "code");
    return lua_error(L);
}

void slL_deadline_check(lua_State *L, const struct slL_signal *signal) {
    double deadline = *deadline_of(slL_loop(L));
    if (deadline > 0 && !signal->done && !signal->patient && slL_task_now() >= deadline)
        slL_deadline_raise(L);
}

void slL_deadline_inherit(lua_State *L, struct task *task) {
    task->deadline = slL_task_deadline(L);
    if (task->deadline > 0) {
        push_timer(L, task->deadline, task);
        lua_setiuservalue(L, -2, 2);
    }
}

/* The deadline before a narrower one. What it names are its user values: a script may
 * close the coroutine of a deadline when its task is long over. */
struct deadline {
    struct timer *alarm; /* user value 1 */
    struct task *task;   /* user value 2; NULL: outside of tasks */
    struct loop *loop;
    double before;
};

static int slL_deadline_close(lua_State *L) {
    struct deadline *deadline = luaL_checkudata(L, 1, DEADLINE);
    remove_timer(deadline->alarm);
    *(deadline->task ? &deadline->task->deadline : &deadline->loop->deadline) =
        deadline->before;
    return 0;
}

void slL_deadline_push(lua_State *L, double at) {
    struct loop *loop = slL_loop(L);
    double *current = deadline_of(loop);
    struct deadline *deadline = lua_newuserdatauv(L, sizeof *deadline, 2);
    *deadline =
        (struct deadline){.task = loop->running, .loop = loop, .before = *current};
    at = *current > 0 && *current < at ? *current : at;
    lua_rawgetp(L, LUA_REGISTRYINDEX, loop->running); /* nil outside of tasks */
    lua_setiuservalue(L, -2, 2);
    deadline->alarm = push_timer(L, at, loop->running);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, DEADLINE);
    *current = at;
}

static int within(lua_State *L, int status, lua_KContext bottom) {
    (void)status;
    return lua_gettop(L) - (int)bottom;
}

/* task.deadline(seconds, fn, …) → what fn returns. Whatever it does, in tasks of its own
 * too, has to be over by then; what waits longer raises kind "limit", code "deadline". A
 * deadline around it that comes earlier stays. */
int slL_task_within(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds > 0 && seconds < 1e9, 1, "expected more than 0 seconds");
    luaL_checktype(L, 2, LUA_TFUNCTION);
    slL_deadline_push(L, slL_task_now() + seconds);
    lua_replace(L, 1);
    lua_toclose(L, 1);
    lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, within);
    return within(L, LUA_OK, 1);
}

static void set_event(lua_State *L, const char *metatable, const char *event,
                      lua_CFunction function) {
    luaL_newmetatable(L, metatable);
    lua_pushcfunction(L, function);
    lua_setfield(L, -2, event);
    lua_pop(L, 1);
}

void slL_open_timers(lua_State *L) {
    set_event(L, TIMER, "__gc", slL_timer_gc);
    set_event(L, DEADLINE, "__close", slL_deadline_close);
}
