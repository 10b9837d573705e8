/* SPDX-License-Identifier: MIT
 * How many calls may be under way at once. The service documents no limits, so this side
 * watches its answers: twice as many after each round until something is wrong, from then
 * on one more after each that went well; half as many when the service is overloaded, a
 * little fewer when answers take ever longer. Decisions only. */
#ifndef SL_ENGINE_PACE_H
#define SL_ENGINE_PACE_H

#include <stdbool.h>

#define SL_PACE_START 16.0
#define SL_PACE_MOST 64.0

/* All zero is its beginning. */
struct sl_pace {
    double narrowed;    /* by so much below SL_PACE_START; negative: wider */
    unsigned under_way; /* calls */
    double least_s;     /* the quickest answer so far; 0: none yet */
    double smooth_s;    /* a moving average of the answers' times */
    double cut_at;      /* when it was last narrowed */
};

/* How many calls may be under way, at least 1. */
double sl_pace_width(const struct sl_pace *pace);

/* May one more call start? If so it is counted, and sl_pace_left must follow. */
bool sl_pace_start(struct sl_pace *pace);

/* A call is under way no more, however it ended. */
void sl_pace_left(struct sl_pace *pace);

/* Learns from a call that began at `began` and was answered at `now` (seconds of one
 * clock). `overloaded`: the answer, or that there was none, says so. */
void sl_pace_learn(struct sl_pace *pace, double began, double now, bool overloaded);

#endif
