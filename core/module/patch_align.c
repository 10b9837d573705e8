/* SPDX-License-Identifier: MIT */
#include "module/patch_align.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_EDITS 2048 /* beyond, no longest common subsequence is looked for */
#define BASE_STEPS ((size_t)1 << 20)
#define STEPS_EACH 32

/* What is left of a sequence when numbers that the other lacks are left out. */
struct rest {
    const int *all;
    int *places; /* in `all` */
    int len;
};

/* The search (E. Myers, "An O(ND) difference algorithm", 1986). rows[d] holds, for each
 * diagonal that d edits reach, how far they lead in `a`. */
struct search {
    struct rest a, b;
    int from, a_to, b_to; /* what is left between the equal ends */
    int *rows;
    size_t room;
    size_t steps; /* left */
    int edits;    /* that lead to the end; -1: not found */
};

/* --- What both have --------------------------------------------------------------- */

/* An open hash table: the numbers met, and on which sides. */
struct slot {
    int number;
    unsigned char used, sides;
};

struct table {
    struct slot *slots;
    size_t mask;
};

static struct slot *slot_of(const struct table *table, int number) {
    size_t at = ((uint32_t)number * 2654435769u >> 7) & table->mask;
    while (table->slots[at].used && table->slots[at].number != number)
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

static void note_all(const struct table *table, const int *all, size_t len,
                     unsigned char side) {
    for (size_t i = 0; i < len; i++) {
        struct slot *slot = slot_of(table, all[i]);
        slot->used = 1;
        slot->number = all[i];
        slot->sides |= side;
    }
}

static void keep_common(const struct table *table, size_t len, struct rest *rest) {
    for (size_t i = 0; i < len; i++)
        if (slot_of(table, rest->all[i])->sides == 3)
            rest->places[rest->len++] = (int)i;
}

static enum sl_code reduce(struct search *s, size_t a_len, size_t b_len) {
    struct table table = {.mask = 15};
    while (table.mask < 2 * (a_len + b_len))
        table.mask = 2 * table.mask + 1;
    table.slots = sl_memory_new((table.mask + 1) * sizeof *table.slots);
    if (!table.slots)
        return SL_ERR_MEMORY;
    note_all(&table, s->a.all, a_len, 1);
    note_all(&table, s->b.all, b_len, 2);
    keep_common(&table, a_len, &s->a);
    keep_common(&table, b_len, &s->b);
    sl_memory_free(table.slots);
    return SL_OK;
}

/* --- The search ------------------------------------------------------------------- */

static bool same(const struct search *s, int x, int y) {
    return s->a.all[s->a.places[x]] == s->b.all[s->b.places[y]];
}

static void keep(const struct search *s, int x, int y, int *match) {
    match[s->a.places[x]] = s->b.places[y];
}

static void match_ends(struct search *s, int *match) {
    s->a_to = s->a.len;
    s->b_to = s->b.len;
    for (; s->from < s->a_to && s->from < s->b_to && same(s, s->from, s->from); s->from++)
        keep(s, s->from, s->from, match);
    for (; s->a_to > s->from && s->b_to > s->from && same(s, s->a_to - 1, s->b_to - 1);
         s->a_to--, s->b_to--)
        keep(s, s->a_to - 1, s->b_to - 1, match);
}

static int *row_of(const struct search *s, int edits) {
    return s->rows + (size_t)edits * ((size_t)edits + 1) / 2;
}

static enum sl_code make_row(struct search *s, int edits) {
    size_t needed = ((size_t)edits + 1) * ((size_t)edits + 2) / 2;
    if (needed <= s->room)
        return SL_OK;
    size_t room = 2 * needed + 64;
    int *rows = sl_memory_resize(s->rows, room * sizeof *rows);
    if (!rows)
        return SL_ERR_MEMORY;
    s->rows = rows;
    s->room = room;
    return SL_OK;
}

/* Did the best way to diagonal `k` leave out a number of `a` last? Else it took in one
 * of `b`. `row` is that of one edit less. */
static bool came_by_leaving_out(const int *row, int edits, int k) {
    if (k == -edits || k == edits)
        return k == edits;
    return row[(k - 1 + edits - 1) / 2] >= row[(k + 1 + edits - 1) / 2];
}

static int step_from(const int *row, int edits, int k) {
    if (edits == 0)
        return 0;
    if (came_by_leaving_out(row, edits, k))
        return row[(k - 1 + edits - 1) / 2] + 1;
    return row[(k + 1 + edits - 1) / 2];
}

/* Goes as far as `edits` edits lead; true at the end. */
static bool extend(struct search *s, int edits) {
    int n = s->a_to - s->from, m = s->b_to - s->from;
    int *row = row_of(s, edits);
    const int *before = row_of(s, edits > 0 ? edits - 1 : 0);
    for (int k = -edits; k <= edits; k += 2) {
        int x = step_from(before, edits, k), start = x;
        while (x < n && x - k < m && same(s, s->from + x, s->from + x - k))
            x++;
        row[(k + edits) / 2] = x;
        if (x >= n && x - k >= m)
            return true;
        size_t steps = (size_t)(x - start) + 1;
        s->steps = s->steps > steps ? s->steps - steps : 0;
    }
    return false;
}

static enum sl_code search(struct search *s) {
    s->edits = -1;
    for (int edits = 0; edits <= MAX_EDITS && s->steps > 0; edits++) {
        if (make_row(s, edits) != SL_OK)
            return SL_ERR_MEMORY;
        if (extend(s, edits)) {
            s->edits = edits;
            break;
        }
    }
    return SL_OK;
}

/* Goes the way back and keeps what it did not edit. */
static void trace(const struct search *s, int *match) {
    int x = s->a_to - s->from, k = (s->a_to - s->b_to);
    for (int edits = s->edits; edits >= 0; edits--) {
        const int *before = row_of(s, edits > 0 ? edits - 1 : 0);
        int start = step_from(before, edits, k);
        for (; x > start; x--)
            keep(s, s->from + x - 1, s->from + x - 1 - k, match);
        if (edits > 0 && came_by_leaving_out(before, edits, k))
            x--, k--;
        else
            k++;
    }
}

static enum sl_code align(struct search *s, size_t a_len, size_t b_len, int *match) {
    if (reduce(s, a_len, b_len) != SL_OK)
        return SL_ERR_MEMORY;
    match_ends(s, match);
    if (search(s) != SL_OK)
        return SL_ERR_MEMORY;
    if (s->edits >= 0)
        trace(s, match);
    return SL_OK;
}

enum sl_code sl_patch_align(const int *a, size_t a_len, const int *b, size_t b_len,
                            int *match, struct sl_error *err) {
    for (size_t i = 0; i < a_len; i++)
        match[i] = -1;
    if (a_len == 0 || b_len == 0)
        return SL_OK;
    int *places = sl_memory_new((a_len + b_len) * sizeof *places);
    struct search s = {
        .a = {.all = a, .places = places},
        .b = {.all = b, .places = places ? places + a_len : NULL},
        .steps = BASE_STEPS + STEPS_EACH * (a_len + b_len),
    };
    enum sl_code code = places ? align(&s, a_len, b_len, match) : SL_ERR_MEMORY;
    sl_memory_free(s.rows);
    sl_memory_free(places);
    if (code != SL_OK)
        return sl_error_memory(err);
    return SL_OK;
}
