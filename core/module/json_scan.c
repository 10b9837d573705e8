/* SPDX-License-Identifier: MIT */
#include "module/json_scan.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char byte;

#define EXACT_DIGITS 15 /* so many decimal digits survive in any double */
#define MAX_EXPONENT 308

/* What may come next. */
enum state {
    VALUE,        /* a value, nothing else */
    VALUE_OR_END, /* after '[' */
    NAME,         /* after ',' in an object */
    NAME_OR_END,  /* after '{' */
    AFTER_VALUE,
    DONE,
    FAULT,
};

/* An array or object that is open. */
struct level {
    bool object;
    bool inside;      /* it holds what needs a look after parsing */
    const byte *name; /* of its current member */
    size_t name_len;
};

struct scan {
    const byte *text, *at, *end;
    const byte *copied; /* the text before this is in `copy`; `text`: nothing is */
    const byte *opened; /* the last '[' */
    struct sl_buffer *copy;
    struct sl_error *err;
    unsigned depth;
    struct level *levels; /* by depth; 0 is the text itself */
    struct sl_json_visits *visits;
};

/* --- Characters ------------------------------------------------------------------- */

#define REPEAT(b) (UINT64_C(0x0101010101010101) * (b))
#define HIGH REPEAT(0x80)

/* High bits where a byte of `word` is 0 (bytes above the first may be wrong). */
static inline uint64_t zero_bytes(uint64_t word) {
    return (word - REPEAT(1)) & ~word & HIGH;
}

static inline bool is_plain(byte c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* High bits where a byte of `word` is not plain; the lowest one is right. */
static inline uint64_t special_bytes(uint64_t word) {
    uint64_t control = (word - REPEAT(0x20)) & ~word;
    uint64_t found = zero_bytes(word ^ REPEAT('"')) | zero_bytes(word ^ REPEAT('\\'));
    return (found | control | word) & HIGH;
}

static inline const byte *skip_plain(const byte *at, const byte *end) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t special = special_bytes(word);
        if (special)
            return at + __builtin_ctzll(special) / 8;
    }
#endif
    while (at < end && is_plain(*at))
        at++;
    return at;
}

const byte *sl_json_plain(const byte *at, const byte *end) {
    return skip_plain(at, end);
}

/* RFC 3629 §4: what the byte after a lead byte may be; all later ones are 80 to BF. */
static const struct lead {
    byte first, last, length, second_low, second_high;
} leads[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static bool continues(const struct lead *lead, const byte *at) {
    if (at[1] < lead->second_low || at[1] > lead->second_high)
        return false;
    for (size_t i = 2; i < lead->length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

size_t sl_json_utf8(const byte *at, const byte *end) {
    if (at >= end)
        return 0;
    if (*at < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        const struct lead *lead = &leads[i];
        if (*at >= lead->first && *at <= lead->last)
            return end - at >= lead->length && continues(lead, at) ? lead->length : 0;
    }
    return 0;
}

/* --- Errors ----------------------------------------------------------------------- */

static void describe(const byte *at, const byte *end, char *out, size_t size) {
    size_t length = sl_json_utf8(at, end);
    if (at >= end)
        snprintf(out, size, "the end of the text");
    else if (length == 0 || *at < 0x20 || *at == 0x7F)
        snprintf(out, size, "byte 0x%02X", *at);
    else
        snprintf(out, size, "'%.*s'", (int)length, (const char *)at);
}

struct position {
    size_t line, column;
};

static struct position locate(const struct scan *s, const byte *at) {
    struct position position = {1, 1};
    for (const byte *p = s->text; p < at; p++) {
        if (*p == '\n')
            position = (struct position){position.line + 1, 1};
        else if ((*p & 0xC0) != 0x80)
            position.column++;
    }
    return position;
}

/* Refuses what is at `at`. */
static enum state expected(struct scan *s, const byte *at, const char *what) {
    struct position position = locate(s, at);
    char found[32];
    describe(at, s->end, found, sizeof found);
    sl_error_set(s->err, SL_ERR_ARGUMENT, "line %zu, column %zu: expected %s, found %s",
                 position.line, position.column, what, found);
    return FAULT;
}

static enum state too_deep(struct scan *s) {
    struct position position = locate(s, s->at);
    sl_error_set(
        s->err, SL_ERR_LIMIT,
        "line %zu, column %zu: arrays and objects are nested deeper than %d levels",
        position.line, position.column, SL_JSON_MAX_DEPTH);
    return FAULT;
}

/* --- The rewritten copy ----------------------------------------------------------- */

static bool copy_bytes(struct scan *s, const void *bytes, size_t len) {
    return sl_buffer_add(s->copy, bytes, len, s->err) == SL_OK;
}

/* Copies what comes before `at`; the text goes on at `next`. */
static bool copy_until(struct scan *s, const byte *at, const byte *next) {
    bool ok = copy_bytes(s, s->copied, (size_t)(at - s->copied));
    s->copied = next;
    return ok;
}

/* Puts a marked string in the place of the token from `from` to `to`. */
static bool copy_marked(struct scan *s, char kind, const byte *from, const byte *to) {
    const char open[] = {'"', SL_JSON_MARK, kind};
    size_t len = kind == SL_JSON_MARK_NUMBER ? (size_t)(to - from) : 0;
    return copy_until(s, from, to) && copy_bytes(s, open, sizeof open) &&
           copy_bytes(s, from, len) && copy_bytes(s, "\"", 1);
}

/* --- What needs a look after parsing ---------------------------------------------- */

/* The slot where this name is or belongs. */
static byte *find_slot(struct sl_json_visits *visits, const byte *name, size_t len) {
    size_t slots = sizeof visits->slots;
    size_t hash =
        len * 31 + (len ? name[0] + name[len - 1] * 7u + name[len / 2] * 3u : 0);
    for (;; hash++) {
        byte *slot = &visits->slots[hash % slots];
        const struct sl_json_visit *visit = &visits->names[*slot - (*slot > 0)];
        if (*slot == 0 || (visit->len == len && memcmp(visit->name, name, len) == 0))
            return slot;
    }
}

static void add_visit(struct sl_json_visits *visits, const byte *name, size_t len,
                      bool inside) {
    byte *slot = find_slot(visits, name, len);
    if (*slot > 0) {
        visits->names[*slot - 1].inside |= inside;
    } else if (visits->count == SL_JSON_MAX_VISITS || memchr(name, '\\', len)) {
        visits->all = true;
    } else {
        visits->names[visits->count++] =
            (struct sl_json_visit){(const char *)name, len, inside};
        *slot = (byte)visits->count;
    }
}

static inline void needs_look(struct scan *s) {
    s->levels[s->depth].inside = true;
}

/* After the end of an array or object: does whatever holds it have to be looked at? */
static void leave_level(struct scan *s, const struct level *left) {
    struct level *holder = &s->levels[s->depth];
    if (left->object && !left->inside)
        return;
    holder->inside = true;
    if (holder->object && s->visits && !s->visits->all)
        add_visit(s->visits, holder->name, holder->name_len, left->inside);
}

/* --- Strings ---------------------------------------------------------------------- */

static int hex_value(byte c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads XXXX at s->at; -1 with the fault set. */
static int scan_hex(struct scan *s) {
    int unit = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int digit = s->at < s->end ? hex_value(*s->at) : -1;
        if (digit < 0) {
            expected(s, s->at, "four hexadecimal digits after '\\u'");
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_first_half(int unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_second_half(int unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The XXXX of \uXXXX, and the second half where it is the first of a pair. */
static bool scan_unicode(struct scan *s) {
    const byte *start = s->at - 2;
    int unit = scan_hex(s);
    if (unit < 0)
        return false;
    if (is_second_half(unit)) {
        expected(s, start, "the first half of a surrogate pair before its second half");
        return false;
    }
    if (!is_first_half(unit))
        return true;
    start = s->at;
    if (s->end - s->at >= 2 && s->at[0] == '\\' && s->at[1] == 'u') {
        s->at += 2;
        if ((unit = scan_hex(s)) < 0)
            return false;
        if (is_second_half(unit))
            return true;
    }
    expected(s, start, "the second half of a surrogate pair (\\uDC00 to \\uDFFF)");
    return false;
}

static bool scan_escape(struct scan *s) { /* s->at is after the backslash */
    byte c = s->at < s->end ? *s->at : 0;
    if (c == 'u') {
        s->at++;
        return scan_unicode(s);
    }
    if (c == 0 || !strchr("\"\\/bfnrt", c)) {
        expected(s, s->at, "one of \" \\ / b f n r t u after '\\'");
        return false;
    }
    s->at++;
    return true;
}

/* One byte or sequence that is not plain, other than the closing quote. */
static bool scan_special(struct scan *s) {
    byte c = *s->at;
    if (c == '\\') {
        s->at++;
        return scan_escape(s);
    }
    if (c < 0x20) {
        expected(s, s->at, "control characters in a string to be escaped");
        return false;
    }
    size_t length = sl_json_utf8(s->at, s->end);
    if (length == 0)
        expected(s, s->at, "valid UTF-8");
    s->at += length;
    return length != 0;
}

static bool scan_string(struct scan *s) { /* s->at is at the opening quote */
    s->at++;
    for (;;) {
        s->at = skip_plain(s->at, s->end);
        if (s->at == s->end) {
            expected(s, s->at, "'\"' at the end of the string");
            return false;
        }
        if (*s->at == '"')
            break;
        if (!scan_special(s))
            return false;
    }
    s->at++;
    return true;
}

/* Does the string from `at`, after its quote, begin with the mark? */
static bool begins_with_mark(const byte *at, const byte *end) {
    return *at == SL_JSON_MARK || (end - at > 6 && (memcmp(at, "\\u007f", 6) == 0 ||
                                                    memcmp(at, "\\u007F", 6) == 0));
}

static enum state scan_string_value(struct scan *s) {
    const byte *inside = s->at + 1;
    if (!scan_string(s))
        return FAULT;
    if (!begins_with_mark(inside, s->end))
        return AFTER_VALUE;
    needs_look(s);
    const char mark = SL_JSON_MARK;
    return copy_until(s, inside, inside) && copy_bytes(s, &mark, 1) ? AFTER_VALUE : FAULT;
}

/* --- Numbers and words ------------------------------------------------------------ */

/* What a number token is made of. */
struct number {
    const byte *start;
    size_t whole, fraction; /* digits before and after the point */
    const byte *fraction_at;
    bool negative, exponent;
};

static size_t scan_digits(struct scan *s) {
    const byte *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return (size_t)(s->at - start);
}

static bool skip(struct scan *s, byte a, byte b) {
    if (s->at == s->end || (*s->at != a && *s->at != b))
        return false;
    s->at++;
    return true;
}

static bool scan_whole(struct scan *s, struct number *n) {
    n->negative = skip(s, '-', '-');
    const byte *first = s->at;
    n->whole = scan_digits(s);
    if (n->whole == 0)
        expected(s, s->at, "a digit after '-'");
    else if (n->whole > 1 && *first == '0')
        expected(s, first + 1, "no digit after a leading 0");
    else
        return true;
    return false;
}

static bool scan_fraction(struct scan *s, struct number *n) {
    if (!skip(s, '.', '.'))
        return true;
    n->fraction_at = s->at;
    n->fraction = scan_digits(s);
    if (n->fraction == 0)
        expected(s, s->at, "a digit after '.'");
    return n->fraction != 0;
}

static bool scan_exponent(struct scan *s, struct number *n) {
    if (!skip(s, 'e', 'E'))
        return true;
    n->exponent = true;
    (void)skip(s, '+', '-');
    if (scan_digits(s) > 0)
        return true;
    expected(s, s->at, "a digit in the exponent");
    return false;
}

/* Can the number not round to an integral double? With 15 digits at hand, a digit that is
 * not 0 keeps it away from the integer below, and one that is not 9 from the one above.
 */
static bool stays_fractional(const struct number *n) {
    size_t room = EXACT_DIGITS - n->whole;
    size_t count = n->fraction < room ? n->fraction : room;
    bool above = false, below = n->fraction <= room;
    for (size_t i = 0; i < count && !(above && below); i++) {
        above |= n->fraction_at[i] != '0';
        below |= n->fraction_at[i] != '9';
    }
    return above && below;
}

/* Is the double that lua-cjson makes of it enough to know the number again? An integer
 * must be exact, a fraction must stay one: the walk over the values makes integers of all
 * integral doubles. */
static bool survives(const struct number *n) {
    if (n->exponent || n->whole > EXACT_DIGITS)
        return false;
    if (n->fraction > 0)
        return stays_fractional(n);
    return !(n->negative && n->whole == 1 && n->start[1] == '0');
}

static enum state keep_number(struct scan *s, const struct number *n) {
    if (!copy_marked(s, SL_JSON_MARK_NUMBER, n->start, s->at))
        return FAULT;
    if (!n->exponent && n->whole <= MAX_EXPONENT)
        return AFTER_VALUE;
    const char *token = s->copy->data + s->copy->len - 1 - (s->at - n->start);
    if (isfinite(strtod(token, NULL)))
        return AFTER_VALUE;
    return expected(s, n->start, "a number that a double can hold (up to 1.8e308)");
}

static enum state scan_number(struct scan *s) {
    struct number n = {.start = s->at};
    needs_look(s);
    if (!scan_whole(s, &n) || !scan_fraction(s, &n) || !scan_exponent(s, &n))
        return FAULT;
    return survives(&n) ? AFTER_VALUE : keep_number(s, &n);
}

static enum state scan_word(struct scan *s, const char *word, size_t len) {
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return expected(s, s->at,
                        "a value (true, false and null are the only bare words)");
    s->at += len;
    return AFTER_VALUE;
}

/* --- Structure -------------------------------------------------------------------- */

static inline void skip_space(struct scan *s) {
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static enum state open_container(struct scan *s, bool object) {
    if (s->depth == SL_JSON_MAX_DEPTH)
        return too_deep(s);
    s->levels[++s->depth] = (struct level){.object = object};
    if (!object)
        s->opened = s->at;
    s->at++;
    return object ? NAME_OR_END : VALUE_OR_END;
}

static enum state close_container(struct scan *s) {
    const struct level *left = &s->levels[s->depth--];
    leave_level(s, left);
    s->at++;
    return AFTER_VALUE;
}

static enum state scan_value(struct scan *s, const char *what) {
    byte c = s->at < s->end ? *s->at : 0;
    switch (c) {
    case '"':
        return scan_string_value(s);
    case '{':
        return open_container(s, true);
    case '[':
        return open_container(s, false);
    case 't':
        return scan_word(s, "true", 4);
    case 'f':
        return scan_word(s, "false", 5);
    case 'n':
        return scan_word(s, "null", 4);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return scan_number(s);
        return expected(s, s->at, what);
    }
}

static enum state first_of_array(struct scan *s) {
    if (s->at == s->end || *s->at != ']')
        return scan_value(s, "a value or ']'");
    if (!copy_marked(s, SL_JSON_MARK_ARRAY, s->opened, s->at + 1))
        return FAULT;
    return close_container(s); /* an array: its holder is looked at */
}

static enum state scan_name(struct scan *s, const char *what) {
    if (s->at == s->end || *s->at != '"')
        return expected(s, s->at, what);
    struct level *level = &s->levels[s->depth];
    level->name = s->at + 1;
    if (!scan_string(s))
        return FAULT;
    level->name_len = (size_t)(s->at - level->name) - 1;
    skip_space(s);
    if (s->at == s->end || *s->at != ':')
        return expected(s, s->at, "':' after the name");
    s->at++;
    return VALUE;
}

static enum state first_of_object(struct scan *s) {
    if (s->at < s->end && *s->at == '}')
        return close_container(s);
    return scan_name(s, "a name in double quotes or '}'");
}

static enum state after_value(struct scan *s) {
    if (s->depth == 0)
        return s->at == s->end
                   ? DONE
                   : expected(s, s->at, "the end of the text after the value");
    bool object = s->levels[s->depth].object;
    byte c = s->at < s->end ? *s->at : 0;
    if (c == ',') {
        s->at++;
        return object ? NAME : VALUE;
    }
    if (c == (object ? '}' : ']'))
        return close_container(s);
    return expected(s, s->at,
                    object ? "',' or '}' after a value" : "',' or ']' after a value");
}

static enum state step(struct scan *s, enum state state) {
    skip_space(s);
    switch (state) {
    case VALUE:
        return scan_value(s, "a value");
    case VALUE_OR_END:
        return first_of_array(s);
    case NAME:
        return scan_name(s, "a name in double quotes after ','");
    case NAME_OR_END:
        return first_of_object(s);
    case AFTER_VALUE:
        return after_value(s);
    default:
        return state;
    }
}

/* A byte order mark is left out: editors put it there, RFC 8259 §8.1 lets readers ignore
 * it. */
static void skip_byte_order_mark(struct scan *s) {
    if (s->end - s->at >= 3 && memcmp(s->at, "\xEF\xBB\xBF", 3) == 0)
        s->copied = s->at = s->at + 3;
}

static enum sl_code scan_text(struct scan *s) {
    skip_byte_order_mark(s);
    enum state state = VALUE;
    while (state < DONE)
        state = step(s, state);
    if (state == DONE && s->copied != s->text)
        (void)copy_until(s, s->end, s->end);
    return s->err->code;
}

enum sl_code sl_json_scan(const char *text, size_t len, struct sl_buffer *copy,
                          struct sl_json_visits *visits, struct sl_error *err) {
    struct sl_error own = {0};
    struct level levels[SL_JSON_MAX_DEPTH + 1]; /* large: set as far as it is used */
    if (len > SL_JSON_MAX_SIZE)
        return sl_error_set(err, SL_ERR_LIMIT, "the text is larger than %zu bytes",
                            SL_JSON_MAX_SIZE);
    const byte *start = (const byte *)text;
    struct scan s = {.text = start, .at = start, .copied = start, .copy = copy};
    s.end = start + len;
    s.err = err ? err : &own;
    s.visits = visits;
    s.levels = levels;
    levels[0] = (struct level){.object = false};
    return scan_text(&s);
}
