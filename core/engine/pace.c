/* SPDX-License-Identifier: MIT */
#include "engine/pace.h"

#define WEIGHT 0.2      /* of the newest answer in the moving average */
#define SLOWER 3.0      /* so many times the quickest answer is slow … */
#define SLOW_ABOVE 0.25 /* … if it is this much more, in seconds */

double sl_pace_width(const struct sl_pace *pace) {
    double width = SL_PACE_START - pace->narrowed;
    return width < 1 ? 1 : width > SL_PACE_MOST ? SL_PACE_MOST : width;
}

bool sl_pace_start(struct sl_pace *pace) {
    if (pace->under_way + 1 > sl_pace_width(pace))
        return false;
    pace->under_way++;
    return true;
}

static void set_width(struct sl_pace *pace, double width) {
    width = width < 1 ? 1 : width > SL_PACE_MOST ? SL_PACE_MOST : width;
    pace->narrowed = SL_PACE_START - width;
}

/* Calls that were under way when it was narrowed tell of the width before. */
static void narrow(struct sl_pace *pace, double factor, double began, double now) {
    if (pace->cut_at > 0 && began <= pace->cut_at)
        return;
    set_width(pace, sl_pace_width(pace) * factor);
    pace->cut_at = now;
}

static void note_time(struct sl_pace *pace, double took) {
    if (pace->least_s == 0 || took < pace->least_s)
        pace->least_s = took;
    pace->smooth_s =
        pace->smooth_s == 0 ? took : pace->smooth_s + WEIGHT * (took - pace->smooth_s);
}

/* As long as nothing was wrong the width doubles with each round of answers. */
static double widening(const struct sl_pace *pace) {
    return pace->cut_at > 0 ? 1 / sl_pace_width(pace) : 1;
}

static bool is_slow(const struct sl_pace *pace) {
    return pace->smooth_s > pace->least_s * SLOWER &&
           pace->smooth_s > pace->least_s + SLOW_ABOVE;
}

void sl_pace_left(struct sl_pace *pace) {
    if (pace->under_way > 0)
        pace->under_way--;
}

void sl_pace_learn(struct sl_pace *pace, double began, double now, bool overloaded) {
    if (overloaded) {
        narrow(pace, 0.5, began, now);
        return;
    }
    note_time(pace, now - began);
    if (is_slow(pace))
        narrow(pace, 0.9, began, now);
    else
        set_width(pace, sl_pace_width(pace) + widening(pace));
}
