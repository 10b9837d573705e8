/* SPDX-License-Identifier: MIT */
#include "engine/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 4096
#define WITHOUT_END (-1L) /* no deadline */
#define LOOK_AGAIN_MS 10L
#define GRACE_MS 1000L /* a program that is to end may tidy up */

static enum sl_code refuse(const char *what, int number, struct sl_error *err) {
    return sl_error_set(err, SL_ERR_SYSTEM, "%s: %s", what, strerror(number));
}

/* ---- reading ----------------------------------------------------------------------- */

static long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static long left_ms(long until) {
    long left = until - now_ms();
    return left > 0 ? left : 0;
}

static enum sl_code interrupted(struct sl_error *err) {
    return sl_error_set(err, SL_ERR_INTERRUPTED, "interrupted");
}

/* Waits until there is something to read. */
static enum sl_code await(int descriptor, int wake_fd, long until, struct sl_error *err) {
    struct pollfd wanted[] = {{.fd = descriptor, .events = POLLIN},
                              {.fd = wake_fd, .events = POLLIN}};
    int found = poll(wanted, 2, until == WITHOUT_END ? -1 : (int)left_ms(until));
    if (wanted[1].revents || (found < 0 && errno == EINTR))
        return interrupted(err);
    if (found < 0)
        return refuse("cannot wait", errno, err);
    return found > 0 ? SL_OK : sl_error_set(err, SL_ERR_TIMEOUT, "it took too long");
}

/* Reads once; SL_OK with `*count` 0 at the end. */
static enum sl_code read_some(int descriptor, struct sl_buffer *out, ssize_t *count,
                              struct sl_error *err) {
    char probe; /* when the buffer is full, only the end may come */
    size_t left = out->max - out->len, len = left < CHUNK ? left : CHUNK;
    enum sl_code code = sl_buffer_reserve(out, len, err);
    if (code != SL_OK)
        return code;
    *count = read(descriptor, len ? out->data + out->len : &probe, len ? len : 1);
    sl_memory_wipe(&probe, sizeof probe);
    if (*count < 0)
        return refuse("cannot read", errno, err);
    if (!len && *count)
        return sl_error_set(err, SL_ERR_LIMIT, "%s is larger than its limit of %zu bytes",
                            out->name, out->max);
    out->len += (size_t)*count;
    out->data[out->len] = '\0';
    return SL_OK;
}

static enum sl_code read_all(int descriptor, int wake_fd, long until,
                             struct sl_buffer *out, struct sl_error *err) {
    ssize_t count = 1;
    enum sl_code code = SL_OK;
    while (code == SL_OK && count > 0) {
        code = await(descriptor, wake_fd, until, err);
        if (code == SL_OK)
            code = read_some(descriptor, out, &count, err);
    }
    return code;
}

/* Leaves one line end out; what is then empty was nothing. */
static enum sl_code trim(struct sl_buffer *out, const char *what, struct sl_error *err) {
    if (out->len && out->data[out->len - 1] == '\n')
        out->len -= out->len > 1 && out->data[out->len - 2] == '\r' ? 2 : 1;
    return out->len ? SL_OK : sl_error_set(err, SL_ERR_SYSTEM, "%s", what);
}

/* Opened so that a pipe nobody writes to yet is waited for below, not here. */
enum sl_code sl_intake_file(const char *path, int wake_fd, struct sl_buffer *out,
                            struct sl_error *err) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return refuse("cannot be opened", errno, err);
    enum sl_code code = read_all(descriptor, wake_fd, WITHOUT_END, out, err);
    close(descriptor);
    return code == SL_OK ? trim(out, "it is empty", err) : code;
}

enum sl_code sl_intake_input(int descriptor, int wake_fd, struct sl_buffer *out,
                             struct sl_error *err) {
    if (isatty(descriptor))
        return sl_error_set(err, SL_ERR_SYSTEM,
                            "it is a terminal, which shows what is typed");
    enum sl_code code = read_all(descriptor, wake_fd, WITHOUT_END, out, err);
    return code == SL_OK ? trim(out, "it is empty", err) : code;
}

/* ---- a program --------------------------------------------------------------------- */

struct child {
    pid_t pid;
    int output; /* its standard output, for reading */
};

/* Gives 0 or the number of the error. */
static int add_actions(posix_spawn_file_actions_t *actions, int output) {
    int number = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (number == 0 && !isatty(STDIN_FILENO))
        number = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null",
                                                  O_RDONLY, 0);
    return number;
}

static int spawn(const char *const *words, int output, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    int number = posix_spawn_file_actions_init(&actions);
    if (number != 0)
        return number;
    number = add_actions(&actions, output);
    if (number == 0)
        number =
            posix_spawnp(pid, words[0], &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

static enum sl_code start(const char *const *words, struct child *child,
                          struct sl_error *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return refuse("no pipe can be made", errno, err);
    int number = spawn(words, ends[1], &child->pid);
    close(ends[1]);
    child->output = ends[0];
    if (number == 0)
        return SL_OK;
    close(ends[0]);
    return refuse("cannot be started", number, err);
}

/* Waits for its end until then. */
static enum sl_code wait_for(pid_t pid, int wake_fd, long until, int *status,
                             struct sl_error *err) {
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    for (;;) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return SL_OK;
        if (wake.revents)
            return interrupted(err);
        if (left_ms(until) == 0)
            return sl_error_set(err, SL_ERR_TIMEOUT, "it took too long");
        poll(&wake, 1, LOOK_AGAIN_MS);
    }
}

static void end_child(pid_t pid) {
    int status;
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    if (wait_for(pid, -1, now_ms() + GRACE_MS, &status, NULL) == SL_OK)
        return;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

static enum sl_code check_status(int status, struct sl_error *err) {
    if (WIFSIGNALED(status))
        return sl_error_set(err, SL_ERR_SYSTEM, "it was ended by signal %d",
                            WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return sl_error_set(err, SL_ERR_SYSTEM, "it ended with code %d",
                            WEXITSTATUS(status));
    return SL_OK;
}

enum sl_code sl_intake_command(const char *const *words, long timeout_ms, int wake_fd,
                               struct sl_buffer *out, struct sl_error *err) {
    struct child child = {.pid = -1, .output = -1};
    int status = 0;
    long until = now_ms() + timeout_ms;
    enum sl_code code = start(words, &child, err);
    if (code != SL_OK)
        return code;
    code = read_all(child.output, wake_fd, until, out, err);
    close(child.output);
    if (code == SL_OK)
        code = wait_for(child.pid, wake_fd, until, &status, err);
    if (code != SL_OK) {
        end_child(child.pid);
        return code;
    }
    code = check_status(status, err);
    return code == SL_OK ? trim(out, "it printed nothing", err) : code;
}

/* ---- the terminal ------------------------------------------------------------------ */

static enum sl_code say(int terminal, const char *text, struct sl_error *err) {
    size_t len = strlen(text);
    return write(terminal, text, len) == (ssize_t)len
               ? SL_OK
               : refuse("cannot write to the terminal", errno, err);
}

/* Reads a line, of which a terminal gives no more than one at once. */
static enum sl_code read_line(int terminal, const char *label, int wake_fd,
                              struct sl_buffer *out, struct sl_error *err) {
    ssize_t count = 1;
    enum sl_code code = say(terminal, label, err);
    if (code == SL_OK)
        code = say(terminal, ": ", err);
    while (code == SL_OK && count > 0 && !(out->len && out->data[out->len - 1] == '\n')) {
        code = await(terminal, wake_fd, WITHOUT_END, err);
        if (code == SL_OK)
            code = read_some(terminal, out, &count, err);
    }
    return code;
}

static enum sl_code open_terminal(int *terminal, struct sl_error *err) {
    *terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    return *terminal >= 0
               ? SL_OK
               : sl_error_set(err, SL_ERR_SYSTEM, "there is no terminal to ask on");
}

enum sl_code sl_intake_ask(const char *label, int wake_fd, struct sl_buffer *out,
                           struct sl_error *err) {
    int terminal;
    enum sl_code code = open_terminal(&terminal, err);
    if (code != SL_OK)
        return code;
    tcflush(terminal, TCIFLUSH); /* what was typed before is no answer */
    code = read_line(terminal, label, wake_fd, out, err);
    if (out->len == 0 || out->data[out->len - 1] != '\n')
        (void)!write(terminal, "\n", 1);
    close(terminal);
    return code == SL_OK ? trim(out, "nothing was typed", err) : code;
}

enum sl_code sl_intake_prompt(const char *label, int wake_fd, struct sl_buffer *out,
                              struct sl_error *err) {
    int terminal;
    struct termios before = {0}, silent;
    enum sl_code code = open_terminal(&terminal, err);
    if (code != SL_OK)
        return code;
    if (tcgetattr(terminal, &before) != 0)
        code = refuse("the terminal cannot be looked at", errno, err);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON;
    if (code == SL_OK && tcsetattr(terminal, TCSAFLUSH, &silent) != 0)
        code = refuse("the terminal cannot be silenced", errno, err);
    if (code == SL_OK) {
        code = read_line(terminal, label, wake_fd, out, err);
        enum sl_code said = say(terminal, "\n", NULL); /* the one typed did not show */
        code = code == SL_OK ? said : code;
        tcsetattr(terminal, TCSAFLUSH, &before);
    }
    close(terminal);
    return code == SL_OK ? trim(out, "nothing was typed", err) : code;
}
