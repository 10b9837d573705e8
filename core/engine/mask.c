/* SPDX-License-Identifier: MIT */
#include "engine/mask.h"

#include <ctype.h>
#include <string.h>

#define BEFORE "‹secret "
#define BEHIND "›"

struct sl_mask_pattern {
    struct sl_mask_pattern *next;      /* of all */
    struct sl_mask_pattern *same_byte; /* of those with this first byte */
    const char *name;                  /* in `text`, behind the bytes */
    size_t name_len;
    size_t len;
    bool base64;
    bool before, after; /* base64: a neighbour holds some bits of the secret */
    bool word;          /* counts only as a word of its own */
    unsigned char text[];
};

void sl_mask_init(struct sl_mask *mask) {
    *mask = (struct sl_mask){0};
}

void sl_mask_fini(struct sl_mask *mask) {
    while (mask->all) {
        struct sl_mask_pattern *pattern = mask->all;
        mask->all = pattern->next;
        sl_memory_wipe(pattern->text, pattern->len);
        sl_memory_free(pattern);
    }
    sl_mask_init(mask);
}

/* ---- what is looked for ------------------------------------------------------------ */

/* The URL-safe alphabet of base64 as the usual one. */
static unsigned char fold(unsigned char c) {
    return c == '-' ? '+' : c == '_' ? '/' : c;
}

static struct sl_mask_pattern *add_pattern(struct sl_mask *mask, const char *name,
                                           size_t name_len, size_t len) {
    struct sl_mask_pattern *pattern = sl_memory_new(sizeof *pattern + len + name_len);
    if (!pattern)
        return NULL;
    pattern->len = len;
    pattern->name_len = name_len;
    pattern->name = (char *)pattern->text + len;
    memcpy(pattern->text + len, name, name_len);
    pattern->next = mask->all;
    mask->all = pattern;
    return pattern;
}

static void file_pattern(struct sl_mask *mask, struct sl_mask_pattern *pattern) {
    struct sl_mask_pattern **first = &mask->first[fold(pattern->text[0])];
    pattern->same_byte = *first;
    *first = pattern;
}

/* The six bits from bit `at` on. */
static unsigned sextet(const unsigned char *bytes, size_t len, size_t at) {
    unsigned low = at / 8 + 1 < len ? bytes[at / 8 + 1] : 0;
    return ((unsigned)bytes[at / 8] << 8 | low) >> (10 - at % 8) & 63;
}

/* The characters that the secret alone decides, when `shift` bytes of something else
 * stand before it in a group of three. */
static struct sl_mask_pattern *add_base64(struct sl_mask *mask, const char *name,
                                          size_t name_len, const char *bytes, size_t len,
                                          size_t shift) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t first = (shift * 8 + 5) / 6, last = (shift + len) * 8 / 6;
    struct sl_mask_pattern *pattern = add_pattern(mask, name, name_len, last - first);
    if (!pattern)
        return NULL;
    for (size_t i = first; i < last; i++)
        pattern->text[i - first] = (unsigned char)
            digits[sextet((const unsigned char *)bytes, len, i * 6 - shift * 8)];
    pattern->base64 = true;
    pattern->before = shift > 0;
    pattern->after = (shift + len) * 8 % 6 > 0;
    file_pattern(mask, pattern);
    return pattern;
}

enum sl_code sl_mask_add(struct sl_mask *mask, const char *name, size_t name_len,
                         const char *bytes, size_t len, struct sl_error *err) {
    if (len < SL_MASK_SHORTEST)
        return SL_OK;
    struct sl_mask_pattern *pattern = add_pattern(mask, name, name_len, len);
    if (!pattern)
        return sl_error_memory(err);
    memcpy(pattern->text, bytes, len);
    pattern->word = len < SL_MASK_ANYWHERE;
    file_pattern(mask, pattern);
    for (size_t shift = 0; shift < 3; shift++)
        if (!add_base64(mask, name, name_len, bytes, len, shift))
            return sl_error_memory(err);
    return SL_OK;
}

/* ---- how a text may spell a byte --------------------------------------------------- */

enum form { PLAIN, PERCENT, ESCAPED, ESCAPED_TWICE, FORMS };

struct layer { /* of JSON's escapes: bytes of a \u that are still to come */
    unsigned char bytes[4];
    unsigned at, count;
};

struct reading {
    const unsigned char *at, *end;
    struct layer layers[2];
};

static int hex_digit(int c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int next_percent(struct reading *r) {
    if (r->at == r->end)
        return -1;
    int c = *r->at++;
    if (c != '%' || r->end - r->at < 2)
        return c;
    int high = hex_digit(r->at[0]), low = hex_digit(r->at[1]);
    if (high < 0 || low < 0)
        return c;
    r->at += 2;
    return high * 16 + low;
}

static int next_escaped(struct reading *r, unsigned depth);

static long read_code(struct reading *r, unsigned depth) { /* the XXXX of \uXXXX */
    long code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(next_escaped(r, depth - 1));
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static long read_character(struct reading *r, unsigned depth) {
    long high = read_code(r, depth);
    if (high < 0xd800 || high > 0xdbff)
        return high;
    int backslash = next_escaped(r, depth - 1), u = next_escaped(r, depth - 1);
    if (backslash != '\\' || u != 'u')
        return -1;
    long low = read_code(r, depth);
    return low < 0xdc00 || low > 0xdfff
               ? -1
               : 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Gives the first byte of its UTF-8 and keeps the others. */
static int spell(struct layer *layer, long code) {
    unsigned count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (unsigned i = count; i-- > 1; code >>= 6)
        layer->bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
    layer->bytes[0] = (unsigned char)(heads[count] | code);
    layer->count = count;
    layer->at = 1;
    return layer->bytes[0];
}

static int unescape(struct reading *r, unsigned depth) { /* what follows a backslash */
    static const char names[] = "bfnrt\"\\/", values[] = "\b\f\n\r\t\"\\/";
    int c = next_escaped(r, depth - 1);
    if (c == 'u') {
        long code = read_character(r, depth);
        return code < 0 ? -1 : spell(&r->layers[depth - 1], code);
    }
    const char *name = c > 0 ? strchr(names, c) : NULL;
    return name ? (unsigned char)values[name - names] : -1;
}

/* The next byte below `depth` layers of JSON's escapes; -1: the text ends, or is none.
 * Recursion ends at depth 0. */
static int next_escaped(struct reading *r, unsigned depth) {
    if (depth == 0)
        return r->at < r->end ? *r->at++ : -1;
    struct layer *layer = &r->layers[depth - 1];
    if (layer->at < layer->count)
        return layer->bytes[layer->at++];
    int c = next_escaped(r, depth - 1);
    return c == '\\' ? unescape(r, depth) : c;
}

static int next_byte(struct reading *r, enum form form) {
    static const unsigned depths[FORMS] = {[ESCAPED] = 1, [ESCAPED_TWICE] = 2};
    return form == PERCENT ? next_percent(r) : next_escaped(r, depths[form]);
}

/* ---- finding ----------------------------------------------------------------------- */

struct text {
    const unsigned char *start, *end;
    bool has[FORMS]; /* can anything be spelt so? */
};

struct span {
    size_t start, end;
    const struct sl_mask_pattern *pattern; /* NULL: none */
};

static bool is_same(const struct sl_mask_pattern *pattern, size_t i, int c,
                    enum form form) {
    int wanted = pattern->text[i];
    return c == wanted || (form == PERCENT && c == '+' && wanted == ' ') ||
           (pattern->base64 && c >= 0 && fold((unsigned char)c) == wanted);
}

/* Where the pattern ends that begins at `at`, or NULL. */
static const unsigned char *match(const struct text *text, const unsigned char *at,
                                  const struct sl_mask_pattern *pattern, enum form form) {
    struct reading r = {.at = at, .end = text->end};
    for (size_t i = 0; i < pattern->len; i++)
        if (!is_same(pattern, i, next_byte(&r, form), form))
            return NULL;
    return r.at;
}

static bool is_base64(unsigned char c) {
    return isalnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

/* Takes in the neighbours that hold some of the secret's bits, and the padding. */
static void widen(const struct text *text, struct span *span) {
    const unsigned char *start = text->start;
    size_t len = (size_t)(text->end - start);
    if (span->pattern->before && span->start > 0 && is_base64(start[span->start - 1]))
        span->start--;
    if (span->pattern->after && span->end < len && is_base64(start[span->end]))
        span->end++;
    while (span->pattern->base64 && span->end < len && start[span->end] == '=')
        span->end++;
}

static bool is_word(const struct text *text, const struct span *span) {
    return (span->start == 0 || !isalnum(text->start[span->start - 1])) &&
           (text->start + span->end == text->end || !isalnum(text->start[span->end]));
}

/* Is it better than the best so far: longer, or by a name that comes first? */
static bool is_better(const struct span *span, const struct span *best) {
    const struct sl_mask_pattern *a = span->pattern, *b = best->pattern;
    if (!b || span->end != best->end)
        return !b || span->end > best->end;
    size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = memcmp(a->name, b->name, len);
    return order ? order < 0 : a->name_len < b->name_len;
}

static void try_pattern(const struct text *text, size_t at, enum form form,
                        const struct sl_mask_pattern *pattern, struct span *best) {
    const unsigned char *end = match(text, text->start + at, pattern, form);
    if (!end)
        return;
    struct span span = {at, (size_t)(end - text->start), pattern};
    widen(text, &span);
    if ((!pattern->word || is_word(text, &span)) && is_better(&span, best))
        *best = span;
}

static void try_form(const struct sl_mask *mask, const struct text *text, size_t at,
                     enum form form, struct span *best) {
    struct reading r = {.at = text->start + at, .end = text->end};
    int c = next_byte(&r, form);
    if (c < 0)
        return;
    const struct sl_mask_pattern *pattern = mask->first[fold((unsigned char)c)];
    for (; pattern; pattern = pattern->same_byte)
        try_pattern(text, at, form, pattern, best);
    if (form == PERCENT && c == '+')
        for (pattern = mask->first[' ']; pattern; pattern = pattern->same_byte)
            try_pattern(text, at, form, pattern, best);
}

/* The longest that begins at `at`. */
static struct span longest(const struct sl_mask *mask, const struct text *text,
                           size_t at) {
    struct span best = {0};
    for (enum form form = PLAIN; form < FORMS; form++)
        if (text->has[form])
            try_form(mask, text, at, form, &best);
    return best;
}

static bool is_possible(const struct sl_mask *mask, const struct text *text, size_t at) {
    unsigned char c = text->start[at];
    return mask->first[fold(c)] || c == '%' || c == '+' || c == '\\';
}

/* ---- replacing --------------------------------------------------------------------- */

struct output {
    struct sl_buffer *buffer;
    const char *text;
    size_t done; /* bytes of the text that are written or replaced */
};

static enum sl_code add_until(struct output *out, size_t end, struct sl_error *err) {
    size_t len = end - out->done;
    const char *from = out->text + out->done;
    out->done = end;
    return sl_buffer_add(out->buffer, from, len, err);
}

static enum sl_code replace(struct output *out, const struct span *span,
                            struct sl_error *err) {
    if (!span->pattern)
        return SL_OK;
    enum sl_code code = add_until(out, span->start, err);
    out->done = span->end;
    if (code == SL_OK)
        code = sl_buffer_add_text(out->buffer, BEFORE, err);
    if (code == SL_OK)
        code =
            sl_buffer_add(out->buffer, span->pattern->name, span->pattern->name_len, err);
    return code == SL_OK ? sl_buffer_add_text(out->buffer, BEHIND, err) : code;
}

enum sl_code sl_mask_apply(const struct sl_mask *mask, const char *text, size_t len,
                           struct sl_buffer *out, struct sl_error *err) {
    struct text where = {.start = (const unsigned char *)text, .has = {[PLAIN] = true}};
    struct output output = {.buffer = out, .text = text};
    struct span open = {0};
    enum sl_code code = SL_OK;
    where.end = where.start + len;
    where.has[PERCENT] = len && (memchr(text, '%', len) || memchr(text, '+', len));
    where.has[ESCAPED] = where.has[ESCAPED_TWICE] = len && memchr(text, '\\', len);
    for (size_t i = 0; i < len && code == SL_OK; i++) {
        struct span found = {0};
        if (is_possible(mask, &where, i))
            found = longest(mask, &where, i);
        if (!found.pattern)
            continue;
        if (open.pattern && found.start < open.end) {
            open.end = found.end > open.end ? found.end : open.end;
            continue;
        }
        code = replace(&output, &open, err);
        open = found;
    }
    if (code == SL_OK)
        code = replace(&output, &open, err);
    return code == SL_OK ? add_until(&output, len, err) : code;
}
