/* SPDX-License-Identifier: MIT
 * What the keys of the line editor do.
 *
 * Functions of libedit's own cannot be called, but they are bound to keys that begin with
 * ^_ (KEY_…), which our functions push: libedit acts on them next. */
#include "engine/editor_intern.h"

#include "engine/wide.h"

#include <string.h>

#define KEY_NEWLINE L"\037n"
#define KEY_LINE_UP L"\037u"
#define KEY_LINE_DOWN L"\037d"
#define KEY_VI_APPEND L"a"

#define PASTE_END L"\033[201~"
#define PASTE_END_KEPT 5 /* characters of it that are no control characters */

/* ---- texts
 * ----------------------------------------------------------------------------- */

static size_t text_len(const LineInfoW *line) {
    return (size_t)(line->lastchar - line->buffer);
}

/* Puts a text in place of all; false when it is too long. */
static bool replace_all(struct sl_editor *editor, const wchar_t *text) {
    const LineInfoW *line = sl_edit.el_wline(editor->el);
    sl_edit.el_cursor(editor->el, (int)(line->lastchar - line->cursor));
    sl_edit.el_deletestr(editor->el, (int)text_len(sl_edit.el_wline(editor->el)));
    return *text == L'\0' || sl_edit.el_winsertstr(editor->el, text) == 0;
}

/* What is on show, in UTF-8 with `before` bytes before the cursor. */
static enum sl_code get_text(struct sl_editor *editor, struct sl_buffer *text,
                             size_t *before) {
    const LineInfoW *line = sl_edit.el_wline(editor->el);
    size_t first = (size_t)(line->cursor - line->buffer);
    sl_buffer_init(text, "the text", SL_EDITOR_MAX);
    enum sl_code code = sl_wide_add(text, line->buffer, first, NULL);
    if (before)
        *before = text->len;
    if (code == SL_OK)
        code = sl_wide_add(text, line->cursor, text_len(line) - first, NULL);
    return code;
}

static const char *bytes_of(const struct sl_buffer *text) {
    return text->data ? text->data : "";
}

/* ---- keys
 * ------------------------------------------------------------------------------ */

static unsigned char end_with(struct sl_editor *editor, enum sl_editor_end end) {
    editor->end = end;
    sl_edit.el_wpush(editor->el, KEY_NEWLINE);
    return CC_NORM;
}

static unsigned char on_newline(EditLine *el, wint_t key) {
    (void)key;
    return sl_edit.el_winsertstr(el, L"\n") == 0 ? CC_REFRESH : CC_ERROR;
}

static unsigned char on_enter(EditLine *el, wint_t key) {
    struct sl_editor *editor = sl_editor_of(el);
    struct sl_buffer text;
    int complete =
        get_text(editor, &text, NULL) == SL_OK &&
        editor->hooks.is_complete(editor->hooks.context, bytes_of(&text), text.len);
    sl_buffer_fini(&text);
    return complete ? end_with(editor, SL_EDITOR_LINE) : on_newline(el, key);
}

static unsigned char on_interrupt(EditLine *el, wint_t key) {
    (void)key;
    return end_with(sl_editor_of(el), SL_EDITOR_INTERRUPTED);
}

static unsigned char on_edit(EditLine *el, wint_t key) {
    (void)key;
    return end_with(sl_editor_of(el), SL_EDITOR_EDIT);
}

static unsigned char on_insert(EditLine *el, wint_t key) {
    (void)key;
    struct sl_editor *editor = sl_editor_of(el);
    wchar_t *text = editor->pending;
    int refused = text && *text && sl_edit.el_winsertstr(el, text) != 0;
    editor->pending = NULL;
    sl_memory_free(text);
    return refused ? CC_ERROR : CC_REFRESH;
}

static void show_listing(struct sl_editor *editor, const struct sl_suggestion *found) {
    fputs("\r\n" SL_CLEAR_BELOW, editor->out);
    fwrite(found->listing, 1, found->listing_len, editor->out);
    fflush(editor->out);
    sl_edit.el_wset(editor->el, EL_REFRESH);
}

/* How many characters the last `bytes` bytes before the cursor are. */
static int characters(const char *text, size_t before, size_t bytes) {
    int count = 0;
    wchar_t ignored;
    for (size_t at = before - bytes; at < before; count++)
        at += sl_wide_next(text + at, before - at, &ignored);
    return count;
}

/* Takes a suggestion over; false when there is no room. */
static bool take(struct sl_editor *editor, const struct sl_suggestion *found,
                 const struct sl_buffer *text, size_t before) {
    if (found->remove > 0 && found->remove <= before)
        sl_edit.el_deletestr(editor->el, characters(text->data, before, found->remove));
    wchar_t *insert = sl_wide_dup(found->insert, found->insert_len);
    bool good =
        insert && (*insert == L'\0' || sl_edit.el_winsertstr(editor->el, insert) == 0);
    sl_memory_free(insert);
    return good;
}

static unsigned char on_tab(EditLine *el, wint_t key) {
    (void)key;
    struct sl_editor *editor = sl_editor_of(el);
    struct sl_suggestion found = {0};
    struct sl_buffer text;
    size_t before = 0;
    if (get_text(editor, &text, &before) == SL_OK)
        editor->hooks.suggest(editor->hooks.context, bytes_of(&text), text.len, before,
                              &found);
    bool good = found.insert && take(editor, &found, &text, before);
    sl_buffer_fini(&text);
    if (found.listing)
        show_listing(editor, &found);
    return good ? CC_REFRESH : found.listing ? CC_NORM : CC_ERROR;
}

/* ---- history
 * --------------------------------------------------------------------------- */

/* The text that lies `past` back, or NULL. */
static const wchar_t *recall(struct sl_editor *editor, int past) {
    HistEventW event;
    int found = sl_edit.history_w(editor->history, &event, H_FIRST);
    for (int i = 1; found == 0 && i < past; i++)
        found = sl_edit.history_w(editor->history, &event, H_NEXT);
    return found == 0 ? event.str : NULL;
}

static bool keep_draft(struct sl_editor *editor) {
    const LineInfoW *line = sl_edit.el_wline(editor->el);
    size_t len = text_len(line);
    sl_memory_free(editor->draft);
    editor->draft = sl_memory_new((len + 1) * sizeof *editor->draft);
    if (editor->draft && len > 0)
        memcpy(editor->draft, line->buffer, len * sizeof *editor->draft);
    return editor->draft != NULL;
}

static unsigned char go_to(struct sl_editor *editor, int past) {
    if (past < 0 || (editor->past == 0 && past > 0 && !keep_draft(editor)))
        return CC_ERROR;
    const wchar_t *text = past == 0 ? editor->draft : recall(editor, past);
    if (!text || !replace_all(editor, text))
        return CC_ERROR;
    editor->past = past;
    return CC_REFRESH;
}

static bool has_newline(const wchar_t *from, const wchar_t *to) {
    return wmemchr(from, L'\n', (size_t)(to - from)) != NULL;
}

/* The arrow keys move between the lines of a text, and from its first or last to others.
 */
static unsigned char on_up(EditLine *el, wint_t key) {
    (void)key;
    struct sl_editor *editor = sl_editor_of(el);
    const LineInfoW *line = sl_edit.el_wline(el);
    if (!has_newline(line->buffer, line->cursor))
        return go_to(editor, editor->past + 1);
    sl_edit.el_wpush(el, KEY_LINE_UP);
    return CC_NORM;
}

static unsigned char on_down(EditLine *el, wint_t key) {
    (void)key;
    struct sl_editor *editor = sl_editor_of(el);
    const LineInfoW *line = sl_edit.el_wline(el);
    if (!has_newline(line->cursor, line->lastchar))
        return go_to(editor, editor->past - 1);
    sl_edit.el_wpush(el, KEY_LINE_DOWN);
    return CC_NORM;
}

enum sl_code sl_editor_remember(struct sl_editor *editor, const char *text, size_t len,
                                struct sl_error *err) {
    HistEventW event;
    wchar_t *wide = sl_wide_dup(text, len);
    int kept = wide ? sl_edit.history_w(editor->history, &event, H_ENTER, wide) : -1;
    sl_memory_free(wide);
    return kept < 0 ? sl_error_memory(err) : SL_OK;
}

/* ---- pasting
 * --------------------------------------------------------------------------- */

/* A line end becomes a newline, also one of two characters (the terminal swaps them);
 * what would steer the terminal goes. */
static wchar_t pasted(wchar_t *previous, wchar_t character) {
    bool ends = character == L'\r' || character == L'\n';
    bool second = ends && (*previous ^ character) == (L'\r' ^ L'\n');
    *previous = second ? L'\0' : character;
    if (ends)
        return second ? L'\0' : L'\n';
    return character == L'\t' || character >= L' ' ? character : L'\0';
}

/* Enter is for the user to press. */
static void drop_last_newlines(struct sl_buffer *text) {
    const wchar_t *characters = (const wchar_t *)(const void *)text->data;
    while (text->len > 0 && characters[text->len / sizeof *characters - 1] == L'\n')
        text->len -= sizeof *characters;
}

/* Reads what is pasted; false for Ctrl-C, and for what is too long. The text is an array
 * of wide characters with a NUL at its end. */
static bool read_paste(EditLine *el, struct sl_buffer *text) {
    wchar_t key, kept, previous = L'\0';
    size_t matched = 0;
    while (PASTE_END[matched]) {
        if (sl_edit.el_wgetc(el, &key) != 1 || key == SL_CTRL_C)
            return false;
        matched = key == PASTE_END[matched] ? matched + 1 : key == *PASTE_END;
        kept = pasted(&previous, key);
        if (kept && sl_buffer_add(text, (char *)&kept, sizeof kept, NULL) != SL_OK)
            return false;
    }
    text->len -= PASTE_END_KEPT * sizeof kept; /* all of the end but its escape */
    drop_last_newlines(text);
    return sl_buffer_add(text, (const char *)L"", sizeof kept, NULL) == SL_OK;
}

static bool take_paste(struct sl_editor *editor) {
    struct sl_buffer text;
    sl_buffer_init(&text, "what is pasted", SL_EDITOR_MAX);
    if (!read_paste(editor->el, &text)) {
        sl_buffer_fini(&text);
        return false;
    }
    sl_memory_free(editor->pending);
    editor->pending = (wchar_t *)(void *)text.data;
    return true;
}

static unsigned char on_paste(EditLine *el, wint_t key) {
    return take_paste(sl_editor_of(el)) ? on_insert(el, key) : CC_ERROR;
}

/* The escape that a paste begins with has ended vi's inserting: it goes on behind the
 * cursor, which that has moved back. */
static unsigned char on_vi_paste(EditLine *el, wint_t key) {
    (void)key;
    if (!take_paste(sl_editor_of(el)))
        return CC_ERROR;
    sl_edit.el_wpush(el, KEY_VI_APPEND SL_KEY_INSERT);
    return CC_NORM;
}

/* ---- binding
 * ------------------------------------------------------------------------ */

static const struct {
    const wchar_t *name;
    unsigned char (*call)(EditLine *, wint_t);
} functions[] = {
    {L"sluice-enter", on_enter},
    {L"sluice-newline", on_newline},
    {L"sluice-interrupt", on_interrupt},
    {L"sluice-edit", on_edit},
    {L"sluice-insert", on_insert},
    {L"sluice-complete", on_tab},
    {L"sluice-up", on_up},
    {L"sluice-down", on_down},
    {L"sluice-paste", on_paste},
    {L"sluice-vi-paste", on_vi_paste},
};

/* What both kinds of keys have; a NULL stands where a kind has none. The escape of an
 * arrow key ends vi's inserting, so that what follows it comes as a command. */
static const struct binding {
    const wchar_t *emacs, *vi_insert, *vi_command, *function;
} bindings[] = {
    {L"^M", L"^M", L"^M", L"sluice-enter"},
    {L"^J", L"^J", L"^J", L"sluice-enter"},
    {L"^C", L"^C", L"^C", L"sluice-interrupt"},
    {L"^I", L"^I", NULL, L"sluice-complete"},
    {L"\\e^M", NULL, NULL, L"sluice-newline"},
    {L"\\e^J", NULL, NULL, L"sluice-newline"},
    {L"^X^E", NULL, L"v", L"sluice-edit"},
    {L"^P", L"^P", L"k", L"sluice-up"},
    {L"^N", L"^N", L"j", L"sluice-down"},
    {L"\\e[A", NULL, L"\\e[A", L"sluice-up"},
    {L"\\e[B", NULL, L"\\e[B", L"sluice-down"},
    {L"\\eOA", NULL, L"\\eOA", L"sluice-up"},
    {L"\\eOB", NULL, L"\\eOB", L"sluice-down"},
    {NULL, NULL, L"[A", L"sluice-up"},
    {NULL, NULL, L"[B", L"sluice-down"},
    {NULL, NULL, L"OA", L"sluice-up"},
    {NULL, NULL, L"OB", L"sluice-down"},
    {L"\\e[200~", NULL, NULL, L"sluice-paste"},
    {NULL, NULL, L"[200~", L"sluice-vi-paste"},
    {NULL, NULL, L"\\e[200~", L"sluice-vi-paste"},
    {L"^R", L"^R", L"^R", L"em-inc-search-prev"},
    {L"^S", L"^S", L"^S", L"em-inc-search-next"},
    {L"\\e[1;5C", NULL, NULL, L"em-next-word"},
    {L"\\e[1;5D", NULL, NULL, L"ed-prev-word"},
    {L"\\e[3~", NULL, L"[3~", L"ed-delete-next-char"},
    {L"^_n", L"^_n", L"^_n", L"ed-newline"},
    {L"^_i", L"^_i", L"^_i", L"sluice-insert"},
    {L"^_u", L"^_u", L"^_u", L"ed-prev-line"},
    {L"^_d", L"^_d", L"^_d", L"ed-next-line"},
};

void sl_editor_add_functions(struct sl_editor *editor) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        sl_edit.el_wset(editor->el, EL_ADDFN, functions[i].name, L"", functions[i].call);
}

/* The two maps of vi are bound one by one; `-a` means the one for commands. */
static void bind_key(struct sl_editor *editor, const wchar_t *map, const wchar_t *key,
                     const wchar_t *function) {
    if (key && map)
        sl_edit.el_wset(editor->el, EL_BIND, map, key, function, NULL);
    else if (key)
        sl_edit.el_wset(editor->el, EL_BIND, key, function, NULL);
}

void sl_editor_bind(struct sl_editor *editor, bool vi) {
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++) {
        const struct binding *row = &bindings[i];
        bind_key(editor, NULL, vi ? row->vi_insert : row->emacs, row->function);
        if (vi)
            bind_key(editor, L"-a", row->vi_command, row->function);
    }
}
