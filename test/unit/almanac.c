/*
 * almanac.c: the calendar written out day by day.
 */
#include <assert.h>
#include <stddef.h>

#include "almanac.h"

static struct almanac_day days[ALMANAC_DAYS];
static int32_t index_of_2000; /* of 2000-01-01, which is day 0; not 0 once the table is made */

/* The day after, as a child learns it. */
static struct almanac_day
day_after(struct almanac_day day)
{
    if (!day.ends_month) {
        day.day++;
    } else {
        day.day = 1;
        day.month++;
        if (day.month == 13) {
            day.month = 1;
            day.year++;
        }
    }
    day.weekday = (int8_t)(day.weekday == SUNDAY ? MONDAY : day.weekday + 1);
    return day;
}

/* Fill in what follows from the date. */
static struct almanac_day
described(struct almanac_day day)
{
    int32_t length = 31;

    /* a leap year every fourth, left out at the century, put back at the fourth century */
    day.in_leap_year = (day.year % 4 == 0) - (day.year % 100 == 0) + (day.year % 400 == 0) == 1;
    if (day.month == 4 || day.month == 6 || day.month == 9 || day.month == 11)
        length = 30;
    if (day.month == 2)
        length = day.in_leap_year ? 29 : 28;
    day.ends_month = day.day == length;
    return day;
}

static void
walk_the_calendar(void)
{
    struct almanac_day day = {.year = 1, .month = 1, .day = 1, .weekday = MONDAY};

    for (int32_t i = 0; i < ALMANAC_DAYS; i++) {
        day = described(day);
        days[i] = day;
        if (day.year == 2000 && day.month == 1 && day.day == 1)
            index_of_2000 = i;
        day = day_after(day);
    }
    assert(day.year == 10000 && day.month == 1 && day.day == 1);
}

const struct almanac_day *
almanac(day_t day)
{
    if (index_of_2000 == 0)
        walk_the_calendar();
    assert(day >= -index_of_2000 && day < ALMANAC_DAYS - index_of_2000);
    return &days[day + index_of_2000];
}
