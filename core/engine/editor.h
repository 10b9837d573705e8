/* SPDX-License-Identifier: MIT
 * A line editor on the terminal, on libedit: several lines in one, history, completion,
 * bracketed paste, emacs and vi keys. The terminal is one, so there is one editor. */
#ifndef SL_ENGINE_EDITOR_H
#define SL_ENGINE_EDITOR_H

#include "engine/buffer.h"

/* The longest text that can be edited, in bytes. */
#define SL_EDITOR_MAX ((size_t)1 << 20)

/* What stands in for a text at the cursor. */
struct sl_suggestion {
    size_t remove;      /* so many bytes before the cursor go */
    const char *insert; /* and this comes; NULL: nothing */
    size_t insert_len;
    const char *listing; /* shown below the line, with its newlines; NULL: nothing */
    size_t listing_len;
};

/* What the editor asks its owner. Texts are UTF-8. */
struct sl_editor_hooks {
    void *context;
    /* May Enter end this text? If not, it begins a new line. */
    int (*is_complete)(void *context, const char *text, size_t len);
    /* The Tab key, the cursor before byte `at`. What `suggestion` points to must stay
     * until the next call. */
    void (*suggest)(void *context, const char *text, size_t len, size_t at,
                    struct sl_suggestion *suggestion);
    /* Has somebody pressed Ctrl-C? Asked when `wake_fd` can be read. */
    int (*is_interrupted)(void *context);
    int wake_fd;
};

/* How a reading ended. */
enum sl_editor_end {
    SL_EDITOR_LINE,        /* with a text */
    SL_EDITOR_EDIT,        /* with a text that is wanted in another editor */
    SL_EDITOR_INTERRUPTED, /* by Ctrl-C */
    SL_EDITOR_CLOSED,      /* by Ctrl-D, or the terminal went away */
};

struct sl_editor;

/* Makes the editor. Fails (SL_ERR_LIBRARY, SL_ERR_SYSTEM) where libedit is missing or
 * standard input or both outputs are no terminal. */
SL_MUST_USE struct sl_editor *sl_editor_new(const struct sl_editor_hooks *hooks,
                                            struct sl_error *err);

/* Frees it; NULL is allowed. */
void sl_editor_free(struct sl_editor *editor);

/* The keys of vi, or those of emacs. */
SL_MUST_USE enum sl_code sl_editor_set_keys(struct sl_editor *editor, int vi,
                                            struct sl_error *err);

/* Adds a text to what the arrow keys and the search find. */
SL_MUST_USE enum sl_code sl_editor_remember(struct sl_editor *editor, const char *text,
                                            size_t len, struct sl_error *err);

/* Reads a text, `initial` in it to begin with. Escape sequences of the prompt stand
 * between bytes 1. On success `text` has been appended to. */
SL_MUST_USE enum sl_code sl_editor_read(struct sl_editor *editor, const char *prompt,
                                        size_t prompt_len, const char *initial,
                                        size_t initial_len, struct sl_buffer *text,
                                        enum sl_editor_end *end, struct sl_error *err);

#endif
