/* SPDX-License-Identifier: MIT
 * What the loop keeps, for the files that make it up: task and task_timer. */
#ifndef SL_MODULE_TASK_LOOP_H
#define SL_MODULE_TASK_LOOP_H

#include "module/task.h"

/* LOST: a script resumed or closed the coroutine behind the loop's back. */
enum state { READY, RUNNING, WAITING, ENDED, FAILED, LOST };

struct task {
    lua_State
        *co; /* anchored as user value 1; its stack holds the results or the error */
    struct loop *loop;
    enum state state;
    int cancelled;
    int observed;               /* somebody saw how it ended */
    double deadline;            /* monotonic seconds; 0: none */
    struct slL_signal *waits;   /* what it waits for */
    struct task *next;          /* in the ready queue, or among the waiters of `waits` */
    struct slL_signal finished; /* what waits for it */
};

struct timer {
    struct slL_signal signal;
    struct task
        *task; /* whose deadline it is; NULL: none, or what runs outside of tasks */
    struct loop *loop;
    double at; /* monotonic seconds */
    struct timer *next;
};

struct loop {
    lua_State *main;
    struct sl_transport *transport;
    struct task *first, *last; /* ready to run */
    size_t ready;              /* how many */
    struct task *running;
    struct timer *timers; /* earliest first */
    struct slL_server *servers;
    double deadline; /* outside of tasks; 0: none */
    int ended;       /* nothing may wait any more */
};

/* The loop of this Lua state.                                               [-0, +0, -]
 */
struct loop *slL_loop(lua_State *L);

/* A waiting task goes on, though what it waits for has not come. */
void slL_task_stop_waiting(struct task *task);

/* Fires the timers whose time has come, and wakes the tasks whose deadline has. */
void slL_timers_fire(struct loop *loop);

/* Raises kind "limit", code "deadline", if the deadline of what runs now has passed and
 * the signal has not come.                                                      [-0, +0,
 * v] */
void slL_deadline_check(lua_State *L, const struct slL_signal *signal);

/* Gives a new task, whose userdata is at the top, the deadline of what spawns it.
 * [-0, +0, m] */
void slL_deadline_inherit(lua_State *L, struct task *task);

/* task.sleep, task.deadline */
int slL_task_sleep(lua_State *L);
int slL_task_within(lua_State *L);

/* Registers what they need. */
void slL_open_timers(lua_State *L);

#endif
