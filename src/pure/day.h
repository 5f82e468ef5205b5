/*
 * day.h: the day, the smallest unit of time in every rule.
 *
 * A day is a count of days since 2000-01-01, which is also how PostgreSQL keeps a date, so the two
 * convert by doing nothing.  Only the Gregorian calendar of the years 1 to 9999 is supported: their
 * text is always four digits, two and two.
 *
 * Must not know: money, schedules, PostgreSQL.
 */
#ifndef CARE_DAY_H
#define CARE_DAY_H

#include <stdbool.h>
#include <stdint.h>

typedef int32_t day_t;

#define DAY_BEGINNING INT32_MIN      /* -infinity: before every day */
#define DAY_FIRST ((day_t)(-730119)) /* 0001-01-01 */
#define DAY_LAST ((day_t)2921939)    /* 9999-12-31 */
#define DAY_TEXT_LENGTH 10           /* YYYY-MM-DD */
#define DAYS_TO_2000 730425          /* from 0000-03-01 to 2000-01-01 */

struct calendar_day {
    int32_t year; /* 1 to 9999 */
    int32_t month;
    int32_t day;
};

/* Is the day one of the calendar's days?  -infinity is not. */
static inline bool
day_is_valid(day_t day)
{
    return day >= DAY_FIRST && day <= DAY_LAST;
}

static inline bool
year_is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static inline int32_t
days_in_month(int32_t year, int32_t month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && year_is_leap(year) ? 29 : lengths[month - 1];
}

/*
 * The day of a calendar date that exists.  Years are counted from March, so that the leap day is
 * the last of its year and the months before it have lengths of a fixed pattern.
 */
static inline day_t
day_of(int32_t year, int32_t month, int32_t day)
{
    int32_t march_year = month > 2 ? year : year - 1;
    int32_t march_month = month > 2 ? month - 3 : month + 9;
    int32_t days_before_year =
        march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400;
    int32_t days_before_month = (153 * march_month + 2) / 5;

    return days_before_year + days_before_month + (day - 1) - DAYS_TO_2000;
}

/* The calendar date of a valid day. */
static inline struct calendar_day
calendar_of(day_t day)
{
    int32_t since_march_0000 = day + DAYS_TO_2000;
    int32_t century4 = since_march_0000 / 146097; /* 400 years */
    int32_t in_century4 = since_march_0000 % 146097;
    int32_t year_in_century4 =
        (in_century4 - in_century4 / 1460 + in_century4 / 36524 - in_century4 / 146096) / 365;
    int32_t in_year =
        in_century4 - (365 * year_in_century4 + year_in_century4 / 4 - year_in_century4 / 100);
    int32_t march_month = (5 * in_year + 2) / 153;
    struct calendar_day calendar;

    calendar.day = in_year - (153 * march_month + 2) / 5 + 1;
    calendar.month = march_month < 10 ? march_month + 3 : march_month - 9;
    calendar.year = century4 * 400 + year_in_century4 + (calendar.month <= 2 ? 1 : 0);
    return calendar;
}

/* The day so many months after one, or the last of its month where that month is shorter. */
static inline day_t
day_after_months(day_t day, int32_t months)
{
    struct calendar_day date = calendar_of(day);
    int32_t month = date.month - 1 + months;
    int32_t year = date.year + month / 12;
    int32_t length;

    month = month % 12 + 1;
    length = days_in_month(year, month);
    return day_of(year, month, date.day < length ? date.day : length);
}

/* A day of every year: 29 February is the 28th where there is none.  Nought stands for 1 January.
 */
struct year_day {
    int32_t month;
    int32_t day;
};

/*
 * The last day of the interval that holds a day, where one of so many months (a divisor of 12)
 * begins on a day of the year and the others follow from it: on the same day of their months, or on
 * the last of a month that is shorter.  No later than DAY_LAST.
 */
static inline day_t
interval_end(day_t day, int32_t months, struct year_day begins)
{
    struct calendar_day date = calendar_of(day);
    int32_t first_day = begins.day > 1 ? begins.day : 1;
    int32_t first_month = begins.month > 1 ? begins.month : 1;
    int32_t ahead = (first_month + 12 - date.month) % months;
    int32_t length = days_in_month(date.year, date.month);
    int32_t month; /* of the next beginning, counted from January of the year */

    if (ahead == 0 && date.day >= (first_day < length ? first_day : length))
        ahead = months;
    month = date.month - 1 + ahead;
    date.year += month / 12;
    if (date.year > 9999)
        return DAY_LAST;
    month = month % 12 + 1;
    length = days_in_month(date.year, month);
    return day_of(date.year, month, first_day < length ? first_day : length) - 1;
}

/* Days from this one to the Sunday on or after it: 0 to 6.  2000-01-02 was a Sunday. */
static inline int32_t
days_to_sunday(day_t day)
{
    return (int32_t)(((int64_t)1 - day) % 7 + 7) % 7;
}

#endif
