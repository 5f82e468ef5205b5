/*
 * running.h: the running account of an agreement, a debt with interest and a floor at nought.
 *
 * At the start of each day there is a principal P (capitalised debt), interest I (earned, not yet
 * capitalised) and money held C, none below nought, and C only while P = I = 0.  The law is
 * doc/calculations section 4.6:
 *
 *   - what is entered for a day takes effect together at its start.  With N its sum (rises less
 *     falls) and D = P + I rounded to the penny: where D + N - C is nought or less, the debt is
 *     settled, P = I = 0 and C is what is over; else N - C goes to P, and what P cannot bear of a
 *     fall to I, and C = 0.  Only the sum counts, so entries have no order, and one that takes
 *     another back leaves nothing behind;
 *   - interest of the day, P * rate, goes to I, or to what is paid separately;
 *   - at the end of an interval of capitalisation P = P + I, I = 0;
 *   - on the day of a judgment, or from which interest is paid separately, P = P + I rounded to the
 *     penny, I = 0, before anything else.
 *
 * Where falls never reach the principal, all of this is a sum of amounts times their growth
 * (interest.h): running_is_linear() says when.
 *
 * Must not know: agreements, PostgreSQL.
 */
#ifndef CARE_RUNNING_H
#define CARE_RUNNING_H

#include "interest.h"

/* All that is entered for a day, together: what raises the debt less what lowers it, not nought. */
struct movement {
    day_t day;
    int64_t pence;
};

/* Where the interest of a day goes, in whole pounds of the schedule `charged`. */
enum charged { CHARGED_NOTHING, CHARGED_TO_DEBT, CHARGED_SEPARATELY };

struct running_terms {
    struct growth_terms contract;
    struct schedule charged; /* an enum charged from a day on; no steps: always to the debt */
    day_t court_from;        /* from a judgment on: simple interest at the court's rate */
    int64_t court_rate;      /* schedule units */
};

#define NO_JUDGMENT (DAY_LAST + 1)
#define NOT_SETTLED (DAY_FIRST - 1)
#define NOT_REACHED (DAY_LAST + 1)

/*
 * Money with 80 bits after the point, in pence.  Every operation rounds down.
 *
 * Error.  A growth is short by less than 2^-79 of itself (interest.h), and a product with one by
 * less than 2^-80 of a penny more; each such loss grows with the debt afterwards.  A debt that
 * stays within the limit of money, over a century of days, is so short by less than 2^-39 of a
 * penny for the first, and for the second by less than 2^15 products * 2^-80 * the growth of the
 * century: below 2^-39 again while that is under 2^26.  Together that is within the tolerance of
 * 2^-36 at a half penny.  A settlement and a judgment round to whole pence, and nothing that was
 * lost before is carried past them.
 */
#define MONEY_BITS 80

struct running_account {
    u128 principal;              /* in 2^-80 of a penny */
    u128 interest;               /* likewise */
    int64_t held;                /* pence */
    i128 separate;               /* interest paid separately: pence, over INTEREST_DENOMINATOR */
    struct fault separate_fault; /* why that is not known: a rate is not; no matter for the rest */
    day_t walked_to;             /* the first day whose interest is not yet counted */
    day_t settled_on; /* since when nothing is owed; NOT_SETTLED: something is, or never was */
};

/* What is assumed to be added to a debt, in pence, none below nought. */
struct additions {
    day_t since;    /* the day from which weeks and years are counted */
    int64_t weekly; /* at the start of each seventh day after it */
    int64_t yearly; /* on its day in each later year */
};

/* What an account comes to, in pence, each rounded once. */
struct running_figures {
    int64_t balance;
    int64_t held;
    int64_t separate;
};

bool running_is_linear(const struct movement *movements, int32_t count);
bool running_walk(const struct running_terms *terms, const struct movement *movements,
                  int32_t count, day_t as_at, bool at_start, struct running_account *account,
                  struct fault *fault);
bool running_figures(const struct running_account *account, struct running_figures *figures);
bool running_reach(const struct growth_terms *terms, int64_t pence, const struct additions *added,
                   int64_t limit, day_t last_day, day_t *reached_on, struct fault *fault);

#endif
