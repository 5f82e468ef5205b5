/*
 * worked.h: a debt with interest, worked as a spreadsheet may have worked it.
 *
 * It is the running account (running.h) kept day by day, by conventions that the law does not have:
 * a day of an entry that does not count, a year that is always 366 days long, interest rounded to
 * the penny each day.  So a figure that somebody else worked out is explained, or not.
 *
 * Must not know: whose figure it is, PostgreSQL.
 */
#ifndef CARE_WORKED_H
#define CARE_WORKED_H

#include "running.h"

/* Which days bear interest. */
enum worked_ends {
    ENDS_BOTH,           /* the day of an entry and the day of the figure */
    ENDS_FIRST_LEFT_OUT, /* an entry counts from the day after it */
    ENDS_LAST_LEFT_OUT   /* the day of the figure does not count */
};

/* What a year's interest is divided by. */
enum worked_year { YEAR_ACTUAL, YEAR_OF_365, YEAR_OF_366 };

enum worked_rounding {
    ROUNDED_AT_THE_END,
    ROUNDED_DAILY,  /* the interest of each day, to the penny */
    ROUNDED_MONTHLY /* the debt and its interest at the end of each month */
};

struct worked_terms {
    struct schedule rates; /* per cent a year, 0 to 100 */
    enum worked_ends ends;
    enum worked_year year;
    enum worked_rounding rounding;
    struct growth_terms capitalised; /* of which only the intervals are read */
};

/*
 * Money in 10^-15 of a penny.  The interest of a day is rounded to the nearest of these: over a
 * century it is wrong by less than 36,525 halves of one times the growth, and so by less than the
 * tolerance at a half penny while the growth is below 50.
 */
#define WORKED_SCALE ((i128)INT64_C(1000000000000000))
#define WORKED_TOLERANCE ((i128)1000000)

bool worked_balance(const struct worked_terms *terms, const struct movement *movements,
                    int32_t count, day_t as_at, int64_t *pence, struct fault *fault);

#endif
