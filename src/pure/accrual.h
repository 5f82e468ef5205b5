/*
 * accrual.h: the sum integral, and the law of the care account.
 *
 * A weekly amount is counted by the day, a seventh a day.  Days are closed: the first and the last
 * day both count.  The law is doc/calculations section 2; each function says which part it
 * carries out.
 *
 * Must not know: where a schedule came from (budgets, settings, schemes), PostgreSQL.
 */
#ifndef CARE_ACCRUAL_H
#define CARE_ACCRUAL_H

#include "schedule.h"

/*
 * What the accrued costs of one account are measured against.  `adjusted` and `scales` may have no
 * steps.
 */
struct cap_law {
    struct schedule weekly;   /* metered rate: pounds a week, never negative */
    struct schedule cap;      /* pounds, never negative, whole pence */
    struct schedule adjusted; /* running total of the manual adjustments, pounds, whole pence */
    struct schedule scales;   /* on the day of a cap change: 0 if it does not scale accrued costs */
    bool reach_by_exceeding;  /* reached when accrued > cap, not already when accrued >= cap */
};

/* Where an account stands at the close of a day. */
struct cap_state {
    int64_t accrued_sevenths; /* exact; the cap itself once it is reached */
    int64_t cap;              /* schedule units */
    bool reached;
    day_t reached_on; /* meaningful while reached */
};

/* One line of the working: what happened from first_day to last_day. */
enum accrual_line_kind { LINE_METERED, LINE_UPRATING, LINE_ADJUSTMENT, LINE_HELD };

struct accrual_line {
    enum accrual_line_kind kind;
    day_t first_day;
    day_t last_day;
    int64_t weekly;           /* schedule units */
    int64_t cap;              /* schedule units */
    int64_t accrued_sevenths; /* at the close of the line */
};

/* Receives the lines in order; false stops the walk. */
typedef bool (*accrual_line_sink)(void *context, const struct accrual_line *line);

/* How far to walk, and who watches. */
struct accrual_walk {
    day_t from_day;
    day_t to_day;
    day_t stop_when_reached_after; /* stop once reached, from this day on; DAY_LAST never stops */
    accrual_line_sink sink;        /* may be NULL */
    void *context;
    struct schedule breaks; /* may have no steps; each of its steps begins a new line */
};

bool accrued_pence(struct schedule weekly, day_t from_day, day_t to_day, int64_t *pence,
                   struct fault *fault);
bool accrue(const struct cap_law *law, const struct accrual_walk *walk, struct cap_state *state,
            struct fault *fault);
bool uprated_pence(int64_t accrued, int64_t old_cap, int64_t new_cap, int64_t *pence);

#endif
