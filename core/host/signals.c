/* SPDX-License-Identifier: MIT */
#include "host/signals.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "module/error.h"
#include "module/task.h"

static lua_State *main_state;
static pthread_t main_thread;
static volatile sig_atomic_t received;

/* At a prompt a signal ends what was typed, not the program, unless it comes this often
 * and nothing ends. */
#define PATIENCE 3
static volatile sig_atomic_t at_prompt, unheard, came;

#define EVERYWHERE (LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT)

static int raise_interrupted(lua_State *L) {
    return slL_error_raise(L, "interrupted", "interrupted");
}

/* The hook that the signal sets: raises at the next instruction of the running chunk,
 * unless a call that waited has raised already. */
static void stop(lua_State *L, lua_Debug *ar) {
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    if (slL_task_interrupt_take(L))
        raise_interrupted(L);
}

/* The same for what catches errors and goes on: raises at each instruction. */
static void stop_for_good(lua_State *L, lua_Debug *ar) {
    (void)ar;
    slL_task_interrupt_take(L);
    raise_interrupted(L);
}

int sl_signals_ended(void) {
    return received && !at_prompt;
}

/* What a coroutine looks at now and then: the signal sets no hook in it. */
static void look(lua_State *L, lua_Debug *ar) {
    (void)ar;
    if (slL_task_interrupt_take(L) || sl_signals_ended())
        raise_interrupted(L);
}

static void set_default(int signo) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signo, &action, NULL);
}

/* Nothing of Lua may be touched here but lua_sethook, which is made for it. Threads of
 * libraries hand the signal on, for Lua runs in the main thread. */
static void on_stop(int signo) {
    int saved = errno;
    if (!pthread_equal(pthread_self(), main_thread)) {
        pthread_kill(main_thread, signo);
    } else {
        received = signo;
        came = 1;
        if (!at_prompt || ++unheard >= PATIENCE)
            set_default(signo);
        lua_sethook(slL_task_running(main_state), unheard > 1 ? stop_for_good : stop,
                    EVERYWHERE, 1);
        slL_task_interrupt();
    }
    errno = saved;
}

/* A write went to a pipe that nobody reads. If that is standard output, the process ends
 * as one without a handler would; else the write fails with EPIPE, which is reported. */
static void on_pipe(int signo) {
    int saved = errno;
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR)) {
        set_default(signo);
        raise(signo);
    }
    errno = saved;
}

static void handle(int signo, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

/* A shell starts background jobs with SIGINT ignored: then it stays so. */
static void handle_unless_ignored(int signo, void (*handler)(int)) {
    struct sigaction inherited;
    if (sigaction(signo, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
        handle(signo, handler);
}

void sl_signals_install(lua_State *L) {
    memset(lua_getextraspace(L), 0, LUA_EXTRASPACE); /* no task runs yet */
    main_state = L;
    main_thread = pthread_self();
    handle_unless_ignored(SIGINT, on_stop);
    handle_unless_ignored(SIGTERM, on_stop);
    handle(SIGPIPE, on_pipe);
}

/* [-1, +1, m] */
static int on_failure(lua_State *L) {
    lua_createtable(L, 0, 3);
    lua_insert(L, 1);
    lua_setfield(L, 1, "value");
    lua_pushboolean(L, came);
    lua_setfield(L, 1, "interrupted");
    luaL_traceback(L, L, NULL, 1);
    lua_setfield(L, 1, "traceback");
    return 1;
}

static void settle(lua_State *L) {
    lua_sethook(L, NULL, 0, 0);
    unheard = 0;
    slL_task_interrupt_take(L);
    handle_unless_ignored(SIGINT, on_stop);
    handle_unless_ignored(SIGTERM, on_stop);
}

int sl_signals_call(lua_State *L) {
    lua_pushcfunction(L, on_failure);
    lua_insert(L, 1);
    at_prompt = 1;
    came = 0;
    int failed = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1) != LUA_OK;
    settle(L);
    lua_pushboolean(L, !failed);
    lua_replace(L, 1);
    return lua_gettop(L);
}

void sl_signals_watch(lua_State *coroutine) {
    lua_sethook(coroutine, look, LUA_MASKCOUNT, 10000);
}

int sl_signals_terminated(void) {
    return received == SIGTERM;
}

void sl_signals_uninstall(void) {
    set_default(SIGINT);
    set_default(SIGTERM);
}

int sl_signals_exit_code(void) {
    return 128 + (received ? received : SIGINT);
}
