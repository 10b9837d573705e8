/* SPDX-License-Identifier: MIT
 * Calls look sequential and run as coroutines: one loop for each Lua state runs tasks,
 * transfers, servers and timers. A call that waits yields inside a task; outside one it
 * drives the loop. */
#ifndef SL_MODULE_TASK_H
#define SL_MODULE_TASK_H

#include "engine/listener.h"
#include "engine/transport.h"
#include "module/module.h"

struct task;

/* Something that happens once. Its memory must be anchored on the stack of whoever waits;
 * its owner fires it before the memory goes, for a script may have closed that stack. */
struct slL_signal {
    int done;
    int patient; /* it comes by itself in time: a deadline does not end the waiting */
    struct task *waiters;
};

/* Marks it done and makes its waiters ready. Callable from the engine's callbacks. */
void slL_signal_fire(struct slL_signal *signal);

/* Waits for the signal, then returns what `k(L, status, context)` returns: the status is
 * LUA_YIELD after a yield, which does not come back here, LUA_OK where the loop ran in
 * here. Like lua_yieldk it must be the last thing a C function does: `return
 * slL_signal_wait(…)`. [-?, +?, e] */
int slL_signal_wait(lua_State *L, struct slL_signal *signal, lua_KContext context,
                    lua_KFunction k);

/* Pushes a timer, whose signal is fired after so many seconds.              [-0, +1, m]
 */
struct slL_signal *slL_timer_push(lua_State *L, double seconds);

/* Seconds of a clock that never goes back. */
double slL_task_now(void);

/* When what runs now has to be over, in seconds of that clock; 0: no deadline. */
double slL_task_deadline(lua_State *L);

/* Pushes the deadline that is in force until it is closed (lua_toclose): this time, or an
 * earlier one that is in force already.                                     [-0, +1, m]
 */
void slL_deadline_push(lua_State *L, double at);

/* Raises kind "limit", code "deadline".                                     [-0, +0, v]
 */
int slL_deadline_raise(lua_State *L);

/* The transport of this Lua state, made at first use; raises when it cannot be.  [-0, +0,
 * e] */
struct sl_transport *slL_task_transport(lua_State *L);

/* A server that the loop serves. */
struct slL_server {
    struct sl_listener *listener;
    void (*on_work)(struct slL_server *server); /* called after the listener has run */
    struct slL_server *next;
};
void slL_task_add_server(lua_State *L, struct slL_server *server);
void slL_task_remove_server(lua_State *L, struct slL_server *server);

/* Asks for the end: whatever waits or next waits raises an error of kind "interrupted".
 * Async-signal-safe. */
void slL_task_interrupt(void);

/* Is the end asked for, so that something else (a debug hook) is to raise the error in
 * `L`? Outside of tasks that takes the request back; inside one it stays, for whoever
 * drives the tasks must end too. [-0, +0, -] */
int slL_task_interrupt_take(lua_State *L);

/* Can be read from when the end is asked for. */
int slL_task_wake_fd(void);

/* The program is over: a finalizer that would wait from here on gets an error of kind
 * "interrupted", for what it makes would never be freed. */
void slL_task_end(lua_State *L);

/* The coroutine of the running task, or the state's main thread outside of tasks. Reads
 * plain memory only, so a signal handler may call it. */
lua_State *slL_task_running(lua_State *L);

#endif
