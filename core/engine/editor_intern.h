/* SPDX-License-Identifier: MIT
 * What the two files of the line editor share: libedit's functions, loaded when first
 * used, and the editor. */
#ifndef SL_ENGINE_EDITOR_INTERN_H
#define SL_ENGINE_EDITOR_INTERN_H

#include "engine/editor.h"

#include <histedit.h>
#include <stdbool.h>

#define SL_EDIT_FUNCTIONS(X)                                                             \
    X(el_init)                                                                           \
    X(el_end)                                                                            \
    X(el_wset)                                                                           \
    X(el_wget)                                                                           \
    X(el_wgets)                                                                          \
    X(el_wgetc)                                                                          \
    X(el_wpush)                                                                          \
    X(el_wline)                                                                          \
    X(el_cursor)                                                                         \
    X(el_winsertstr)                                                                     \
    X(el_deletestr)                                                                      \
    X(el_resize)                                                                         \
    X(el_source)                                                                         \
    X(history_winit)                                                                     \
    X(history_wend)                                                                      \
    X(history_w)

#define SL_EDIT_MEMBER(name) __typeof__(&(name)) name;

struct sl_edit_library {
    SL_EDIT_FUNCTIONS(SL_EDIT_MEMBER)
};

extern struct sl_edit_library sl_edit;

#define SL_CLEAR_BELOW "\033[J"

/* The key Ctrl-C: an interruption comes as one. */
#define SL_CTRL_C L'\003'

/* A key that no keyboard has: inserts the text that is pending. */
#define SL_KEY_INSERT L"\037i"

struct sl_editor {
    struct sl_editor_hooks hooks;
    EditLine *el;
    HistoryW *history;
    FILE *out;
    wchar_t *prompt;
    wchar_t *pending;       /* a text that SL_KEY_INSERT inserts */
    wchar_t *draft;         /* what stood there before an old text was fetched */
    int past;               /* how far back the text on show lies; 0: it is new */
    enum sl_editor_end end; /* how the reading ends */
};

/* The editor that libedit works for. */
struct sl_editor *sl_editor_of(EditLine *el);

/* Tells libedit of our functions; to be done once. */
void sl_editor_add_functions(struct sl_editor *editor);

/* Binds our keys, those for emacs or those for vi. */
void sl_editor_bind(struct sl_editor *editor, bool vi);

#endif
