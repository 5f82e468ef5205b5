/*
 * almanac.h: the calendar written out day by day, to compare the arithmetic of day.h with.
 *
 * It is made by walking from Monday 0001-01-01 with nothing but the lengths of the months, and
 * shares no line with day.h but the type of a day.
 */
#ifndef CARE_TEST_ALMANAC_H
#define CARE_TEST_ALMANAC_H

#include "day.h"

#define ALMANAC_DAYS 3652059 /* in 9999 years: 9999 * 365 + 2424 leap days */

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

struct almanac_day {
    int16_t year;
    int8_t month;
    int8_t day;
    int8_t weekday;
    bool in_leap_year;
    bool ends_month;
};

/* A day of the calendar. */
const struct almanac_day *almanac(day_t day);

#endif
