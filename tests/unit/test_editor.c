/* SPDX-License-Identifier: MIT
 * The line editor on a pseudo-terminal of its own: keys go in, what was read comes out.
 */
#include "unit.h"

#include "engine/editor.h"

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PROMPT "ready>"

static int is_complete(void *context, const char *text, size_t len) {
    (void)context;
    return len == 0 || text[len - 1] == ';' || memchr(text, ';', len) != NULL;
}

/* `l` is listed, `ae` becomes an umlaut, all else has no completion. */
static void suggest(void *context, const char *text, size_t len, size_t at,
                    struct sl_suggestion *found) {
    (void)context, (void)len;
    if (at >= 1 && text[at - 1] == 'l')
        *found = (struct sl_suggestion){.listing = "listed\r\n", .listing_len = 8};
    if (at >= 2 && memcmp(text + at - 2, "ae", 2) == 0)
        *found =
            (struct sl_suggestion){.remove = 2, .insert = "\xc3\xa4", .insert_len = 2};
}

static int is_interrupted(void *context) {
    char byte;
    return read(*(int *)context, &byte, 1) == 1;
}

/* ---- the child: reads twice, the second time with the first in its history
 * ---------------------------------------------------------------------------- */

static int wake[2];

static void on_int(int signo) {
    (void)signo;
    if (write(wake[1], "!", 1) < 0)
        _exit(3);
}

static void report(FILE *out, struct sl_editor *editor, const char *initial) {
    static const char *const names[] = {"line", "edit", "interrupted", "closed"};
    struct sl_buffer text;
    struct sl_error err = {0};
    enum sl_editor_end end;
    sl_buffer_init(&text, "the text", 10000);
    if (sl_editor_read(editor, PROMPT, strlen(PROMPT), initial, strlen(initial), &text,
                       &end, &err) != SL_OK)
        fprintf(out, "error %s|", err.text);
    else
        fprintf(out, "%s %s|", names[end], text.data ? text.data : "");
    if (text.data && sl_editor_remember(editor, text.data, text.len, &err) != SL_OK)
        fprintf(out, "not remembered|");
    sl_buffer_fini(&text);
}

static void edit(int result, int vi, const char *initial) {
    FILE *out = fdopen(result, "w");
    struct sl_error err = {0};
    struct sl_editor_hooks hooks = {.context = &wake[0],
                                    .is_complete = is_complete,
                                    .suggest = suggest,
                                    .is_interrupted = is_interrupted};
    if (!out || pipe(wake) != 0 || signal(SIGINT, on_int) == SIG_ERR)
        _exit(2);
    hooks.wake_fd = wake[0];
    struct sl_editor *editor = sl_editor_new(&hooks, &err);
    if (!editor || sl_editor_set_keys(editor, vi, &err) != SL_OK) {
        fprintf(out, "error %s|", err.text);
    } else {
        report(out, editor, initial);
        report(out, editor, "");
    }
    sl_editor_free(editor);
    fclose(out);
    _exit(0);
}

/* ---- the parent
 * ------------------------------------------------------------------------- */

/* What is sent before would be read as a line that the terminal edits. */
static void wait_for_keys(int terminal) {
    struct termios settings;
    do {
        usleep(1000);
        assert_int_equal(tcgetattr(terminal, &settings), 0);
    } while (settings.c_lflag & ICANON);
}

/* Reads what the terminal shows until the prompt comes. */
static void wait_for_prompt(int terminal) {
    char shown[4096] = "";
    size_t len = 0;
    while (!strstr(shown, PROMPT)) {
        ssize_t count = read(terminal, shown + len, sizeof shown - 1 - len);
        assert_true(count > 0 && len + (size_t)count < sizeof shown - 1);
        len += (size_t)count;
        shown[len] = '\0';
        for (size_t i = 0; i < len; i++)
            if (!shown[i])
                shown[i] = ' ';
    }
    wait_for_keys(terminal);
}

static void send(int terminal, const char *keys) {
    assert_int_equal(write(terminal, keys, strlen(keys)), strlen(keys));
}

/* Types both texts and gives what the child reported. */
static void type(int vi, const char *initial, const char *first, const char *second,
                 char *reported, size_t size) {
    int terminal, result[2];
    assert_int_equal(pipe(result), 0);
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        close(result[0]);
        edit(result[1], vi, initial);
    }
    close(result[1]);
    wait_for_prompt(terminal);
    send(terminal, first);
    wait_for_prompt(terminal);
    send(terminal, second);
    size_t len = 0;
    for (ssize_t count; (count = read(result[0], reported + len, size - 1 - len)) > 0;)
        len += (size_t)count;
    reported[len] = '\0';
    int status = -1;
    for (char rest[1000]; read(terminal, rest, sizeof rest) > 0;) { /* until it ends */
    }
    close(result[0]);
    close(terminal);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static const struct typed {
    const char *initial, *first, *second, *expected;
    int vi;
} rows[] = {
    {"", "a = 1;\r", "b;\r", "line a = 1;|line b;|", 0},
    {"", "f {\r1};\r", "\x1b[A\r", "line f {\n1};|line f {\n1};|", 0},
    {"", "1;\x1b\r2\r", ";\r", "line 1;\n2|line ;|", 0}, /* Alt-Enter always */
    {"x ", "y;\r", ";\r", "line x y;|line ;|", 0},
    {"", "ae\t;\r", "l\t;\r", "line \xc3\xa4;|line l;|", 0},
    {"", "\xc3\xa4\x01\xe2\x82\xac;\r", ";\r", "line \xe2\x82\xac;\xc3\xa4|line ;|", 0},
    {"", "\xff;\r", ";\r", "line \xef\xbf\xbd;|line ;|", 0},
    {"", "half\x03", "\x04", "interrupted |closed |", 0},
    {"", "edit\x18\x05", ";\r", "edit edit|line ;|", 0},
    {"", "\x1b[200~a\rb\r\nc\x1b[Ad\r\n\x1b[201~;\r", ";\r", "line a\nb\nc[Ad;|line ;|",
     0},
    {"", "a;\r", "draft\x1b[A\x1b[B;\r", "line a;|line draft;|", 0},
    {"", "abc;\r",
     "\x12"
     "b\x05!\r",
     "line abc;|line abc;!|", 0}, /* Ctrl-R */
    {"", "a;\x1bix\r", "\x1bk\r", "line ax;|line ax;|", 1},
    {"", "ac;\x1bhh\x1b[200~b\x1b[201~\r", ";\r", "line abc;|line ;|", 1},
    {"", "a\x1bv", ";\r", "edit a|line ;|", 1},
};

static void does_what_the_keys_say(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char reported[1000];
        type(rows[i].vi, rows[i].initial, rows[i].first, rows[i].second, reported,
             sizeof reported);
        assert_string_equal(reported, rows[i].expected);
    }
}

static void needs_a_terminal(void **state) {
    (void)state;
    struct sl_error err = {0};
    struct sl_editor_hooks hooks = {.wake_fd = -1};
    if (isatty(STDIN_FILENO))
        skip();
    assert_null(sl_editor_new(&hooks, &err));
    assert_int_equal(err.code, SL_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "terminal"));
}

/* No settings of whoever runs the tests. */
static int set_up(void **state) {
    (void)state;
    return setenv("EDITRC", "/nonexistent", 1) || setenv("TERM", "xterm", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_the_keys_say),
        cmocka_unit_test(needs_a_terminal),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
