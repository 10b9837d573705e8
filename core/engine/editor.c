/* SPDX-License-Identifier: MIT */
#include "engine/editor.h"

#include "engine/editor_intern.h"
#include "engine/library.h"
#include "engine/wide.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY_SIZE 1000

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

struct sl_edit_library sl_edit;

#define SYMBOL(name) {#name, &sl_edit.name},

static const struct sl_symbol symbols[] = {SL_EDIT_FUNCTIONS(SYMBOL){NULL, NULL}};

static volatile sig_atomic_t resized, continued;

struct sl_editor *sl_editor_of(EditLine *el) {
    void *data = NULL;
    sl_edit.el_wget(el, EL_CLIENTDATA, &data);
    return data;
}

/* ---- the terminal
 * ---------------------------------------------------------------------- */

static void on_signal(int signo) {
    if (signo == SIGWINCH)
        resized = 1;
    else
        continued = 1;
}

static void swap_handlers(bool ours, struct sigaction old[2]) {
    static const int signals[] = {SIGWINCH, SIGCONT};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 2; i++)
        sigaction(signals[i], ours ? &action : &old[i], ours ? &old[i] : NULL);
}

static void write_out(struct sl_editor *editor, const char *sequence) {
    fputs(sequence, editor->out);
    fflush(editor->out);
}

/* Another size, or back from the background: then the terminal has its old settings. */
static void settle(struct sl_editor *editor) {
    if (continued) {
        sl_edit.el_wset(editor->el, EL_PREP_TERM, 0);
        sl_edit.el_wset(editor->el, EL_PREP_TERM, 1);
        write_out(editor, PASTE_ON);
    }
    if (resized)
        sl_edit.el_resize(editor->el);
    if (continued || resized)
        write_out(editor, "\r" SL_CLEAR_BELOW);
    if (continued || resized)
        sl_edit.el_wset(editor->el, EL_REFRESH);
    continued = resized = 0;
}

/* Waits for a byte: 1; 0 at the end, -1 for Ctrl-C. */
static int read_byte(struct sl_editor *editor, char *byte) {
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = editor->hooks.wake_fd, .events = POLLIN}};
    for (;;) {
        settle(editor);
        int ready = poll(fds, 2, -1);
        if (ready > 0 && fds[1].revents &&
            editor->hooks.is_interrupted(editor->hooks.context))
            return -1;
        if (ready < 0 || !fds[0].revents)
            continue;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count >= 0 || errno != EINTR)
            return count == 1;
    }
}

static int is_editing(EditLine *el) {
    int editing = 0;
    sl_edit.el_wget(el, EL_EDITMODE, &editing);
    return editing;
}

/* Ctrl-C comes as a key, or, without keys, as an error. */
static int interrupt(struct sl_editor *editor, wchar_t *character) {
    *character = SL_CTRL_C;
    if (is_editing(editor->el))
        return 1;
    editor->end = SL_EDITOR_INTERRUPTED;
    errno = EINTR;
    return -1;
}

/* What libedit reads from: the next character, 0 at the end. */
static int get_character(EditLine *el, wchar_t *character) {
    struct sl_editor *editor = sl_editor_of(el);
    char bytes[4];
    size_t count = 1, len = 0;
    while (len < count) {
        int got = read_byte(editor, bytes + len);
        if (got < 0)
            return interrupt(editor, character);
        if (got == 0)
            return 0;
        if (len++ == 0)
            count = sl_wide_length((unsigned char)*bytes);
    }
    sl_wide_next(bytes, len, character);
    return 1;
}

static wchar_t *get_prompt(EditLine *el) {
    return sl_editor_of(el)->prompt;
}

/* ---- setting up
 * ------------------------------------------------------------------------ */

/* The user's own settings, as other programs on libedit have them. */
static enum sl_code read_settings(struct sl_editor *editor, struct sl_error *err) {
    const char *file = getenv("EDITRC"), *home = getenv("HOME");
    if (file && *file) {
        sl_edit.el_source(editor->el, file);
        return SL_OK;
    }
    struct sl_buffer path;
    sl_buffer_init(&path, "the path of .editrc", 4096);
    enum sl_code code = sl_buffer_add_text(&path, home ? home : "", err);
    if (code == SL_OK)
        code = sl_buffer_add_text(&path, "/.editrc", err);
    if (code == SL_OK && home)
        sl_edit.el_source(editor->el, path.data);
    sl_buffer_fini(&path);
    return code;
}

enum sl_code sl_editor_set_keys(struct sl_editor *editor, int vi, struct sl_error *err) {
    const wchar_t *name = L"";
    sl_edit.el_wset(editor->el, EL_EDITOR, vi ? L"vi" : L"emacs");
    enum sl_code code = read_settings(editor, err);
    sl_edit.el_wget(editor->el, EL_EDITOR, &name);
    sl_editor_bind(editor, *name == L'v');
    return code;
}

/* Characters have widths and forms as UTF-8 says, whatever language is set. */
static void set_characters(void) {
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

/* Standard error, for results go to standard output; buffered, for it is drawn on. */
static FILE *open_terminal(struct sl_error *err) {
    int out = isatty(STDERR_FILENO) ? STDERR_FILENO : STDOUT_FILENO;
    if (!isatty(STDIN_FILENO) || !isatty(out)) {
        sl_error_set(err, SL_ERR_SYSTEM, "lines can be edited on a terminal only");
        return NULL;
    }
    int copy = dup(out);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "w");
    if (!file) {
        sl_error_set(err, SL_ERR_SYSTEM, "cannot write to the terminal: %s",
                     strerror(errno));
        if (copy >= 0)
            close(copy);
    }
    return file;
}

static bool set_up(struct sl_editor *editor) {
    HistEventW event;
    editor->history = sl_edit.history_winit();
    editor->el = sl_edit.el_init("sluice", stdin, editor->out, editor->out);
    if (!editor->history || !editor->el)
        return false;
    sl_edit.history_w(editor->history, &event, H_SETSIZE, HISTORY_SIZE);
    sl_edit.history_w(editor->history, &event, H_SETUNIQUE, 1);
    sl_edit.el_wset(editor->el, EL_CLIENTDATA, editor);
    sl_edit.el_wset(editor->el, EL_GETCFN, get_character);
    sl_edit.el_wset(editor->el, EL_PROMPT_ESC, get_prompt, L'\001');
    sl_edit.el_wset(editor->el, EL_HIST, sl_edit.history_w, editor->history);
    sl_editor_add_functions(editor);
    return true;
}

struct sl_editor *sl_editor_new(const struct sl_editor_hooks *hooks,
                                struct sl_error *err) {
    if (sl_library_load("libedit.so.2", "libedit2", symbols, err) != SL_OK)
        return NULL;
    set_characters();
    struct sl_editor *editor = sl_memory_new(sizeof *editor);
    if (!editor) {
        sl_error_memory(err);
        return NULL;
    }
    editor->hooks = *hooks;
    editor->out = open_terminal(err);
    if (editor->out && !set_up(editor))
        sl_error_memory(err);
    else if (editor->out && sl_editor_set_keys(editor, 0, err) == SL_OK)
        return editor;
    sl_editor_free(editor);
    return NULL;
}

void sl_editor_free(struct sl_editor *editor) {
    if (!editor)
        return;
    if (editor->el)
        sl_edit.el_end(editor->el);
    if (editor->history)
        sl_edit.history_wend(editor->history);
    if (editor->out)
        fclose(editor->out);
    sl_memory_free(editor->prompt);
    sl_memory_free(editor->pending);
    sl_memory_free(editor->draft);
    sl_memory_free(editor);
}

/* ---- reading
 * --------------------------------------------------------------------------- */

static bool begin(struct sl_editor *editor, const char *prompt, size_t prompt_len,
                  const char *initial, size_t initial_len) {
    sl_memory_free(editor->prompt);
    sl_memory_free(editor->pending);
    editor->prompt = sl_wide_dup(prompt, prompt_len);
    editor->pending = sl_wide_dup(initial, initial_len);
    editor->past = 0;
    editor->end = SL_EDITOR_CLOSED;
    if (initial_len > 0)
        sl_edit.el_wpush(editor->el, SL_KEY_INSERT);
    return editor->prompt && editor->pending;
}

/* One line of libedit's, which may hold several. */
static const wchar_t *get_line(struct sl_editor *editor, int *count) {
    struct sigaction old[2];
    swap_handlers(true, old);
    write_out(editor, PASTE_ON);
    const wchar_t *line = sl_edit.el_wgets(editor->el, count);
    write_out(editor, PASTE_OFF);
    swap_handlers(false, old);
    return line;
}

enum sl_code sl_editor_read(struct sl_editor *editor, const char *prompt,
                            size_t prompt_len, const char *initial, size_t initial_len,
                            struct sl_buffer *text, enum sl_editor_end *end,
                            struct sl_error *err) {
    int count = 0;
    if (!begin(editor, prompt, prompt_len, initial, initial_len))
        return sl_error_memory(err);
    const wchar_t *line = get_line(editor, &count);
    if (line && editor->end == SL_EDITOR_CLOSED)
        editor->end = SL_EDITOR_LINE; /* without editing Enter is no key of ours */
    *end = editor->end;
    if (!line)
        write_out(editor, "\n");
    if (!line || editor->end == SL_EDITOR_INTERRUPTED)
        return SL_OK;
    if (count > 0 && line[count - 1] == L'\n')
        count--;
    return sl_wide_add(text, line, (size_t)count, err);
}
