/*
 * fault.h: what the mathematics can refuse, and about which day.
 *
 * The pure code reports a fault and returns false; the wrappers turn it into an error with its
 * SQLSTATE (report.c).  `what` names the argument in the field's words, such as "cap".
 */
#ifndef CARE_FAULT_H
#define CARE_FAULT_H

#include "day.h"

enum fault_code {
    FAULT_NONE,
    FAULT_BEFORE_FIRST_STEP, /* day: the first day that has a value */
    FAULT_NOT_KNOWN,         /* day: the first day asked for whose value is not known */
    FAULT_NEGATIVE,          /* day: the first day with a negative value */
    FAULT_NOT_PENCE,         /* day: where an amount is not whole pence */
    FAULT_ABOVE_HUNDRED,     /* day: where a rate is above 100 per cent */
    FAULT_OUT_OF_RANGE,      /* day: where a result leaves the range of values */
    FAULT_INEXACT,           /* day: where a product needs more than four decimals */
    FAULT_GROWTH_TOO_LARGE,  /* day: the first day of the period */
    FAULT_FROM_AFTER_TO,     /* day: the from_day */
    FAULT_DAY_OUT_OF_RANGE,  /* outside the years 1 to 9999 */
    FAULT_TOO_MANY_STEPS,
    FAULT_DAY_TWICE, /* day: the one given twice */
    FAULT_UNSORTED,  /* day: the one that should have come earlier */
    FAULT_SYNTAX,    /* position: byte in the text, from 0 */
    FAULT_NO_SUCH_DAY,
    FAULT_TOO_PRECISE,
    FAULT_NO_STEPS,
    FAULT_BAD_BYTES /* a stored or received form that no version wrote */
};

struct fault {
    enum fault_code code;
    day_t day;
    int32_t position;
    const char *what;
};

/* Is it that nobody has entered a value yet? */
static inline bool
fault_is_unknown(const struct fault *fault)
{
    return fault->code == FAULT_NOT_KNOWN || fault->code == FAULT_BEFORE_FIRST_STEP;
}

/* Note a fault about a day of an argument; always false, for `return fault_at(...)`. */
static inline bool
fault_at(struct fault *fault, enum fault_code code, const char *what, day_t day)
{
    fault->code = code;
    fault->what = what;
    fault->day = day;
    fault->position = 0;
    return false;
}

#endif
