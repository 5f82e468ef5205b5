/*
 * day_test.c: the calendar, against one that is walked day by day.
 */
#include "almanac.h"
#include "check.h"
#include "day.h"

/* Every day there is, from date to day and back. */
static void
test_every_day(void)
{
    CHECK_EQUAL_INT(ALMANAC_DAYS, DAY_LAST - DAY_FIRST + 1);
    for (day_t day = DAY_FIRST; day <= DAY_LAST; day++) {
        const struct almanac_day *expected = almanac(day);
        struct calendar_day got = calendar_of(day);
        bool same = got.year == expected->year && got.month == expected->month &&
                    got.day == expected->day &&
                    day == day_of(expected->year, expected->month, expected->day);

        /* one check names what differs; nine in ten million need not be counted */
        if (!same) {
            CHECK_EQUAL_INT(expected->year, got.year);
            CHECK_EQUAL_INT(expected->month, got.month);
            CHECK_EQUAL_INT(expected->day, got.day);
            CHECK_EQUAL_INT(day, day_of(expected->year, expected->month, expected->day));
            return;
        }
    }
}

static void
test_sundays(void)
{
    for (day_t day = DAY_FIRST; day <= DAY_LAST; day++)
        if (days_to_sunday(day) != SUNDAY - almanac(day)->weekday) {
            CHECK_EQUAL_INT(SUNDAY - almanac(day)->weekday, days_to_sunday(day));
            return;
        }
    CHECK_EQUAL_INT(SUNDAY, almanac(DAY_LAST - 5)->weekday);
}

/* Weekdays that anybody can look up, so that the walk itself is not taken on trust. */
static void
test_known_weekdays(void)
{
    CHECK_EQUAL_INT(6, days_to_sunday(day_of(1, 1, 1)));      /* a Monday */
    CHECK_EQUAL_INT(6, days_to_sunday(day_of(1900, 1, 1)));   /* a Monday */
    CHECK_EQUAL_INT(0, days_to_sunday(day_of(1969, 7, 20)));  /* the Sunday of the moon */
    CHECK_EQUAL_INT(1, days_to_sunday(day_of(2000, 1, 1)));   /* a Saturday */
    CHECK_EQUAL_INT(0, days_to_sunday(day_of(2000, 1, 2)));   /* a Sunday */
    CHECK_EQUAL_INT(2, days_to_sunday(day_of(2016, 4, 1)));   /* a Friday: the scheme of 2015 */
    CHECK_EQUAL_INT(0, days_to_sunday(day_of(2023, 10, 1)));  /* a Sunday: the scheme of 2022 */
    CHECK_EQUAL_INT(3, days_to_sunday(day_of(2024, 2, 29)));  /* a Thursday */
    CHECK_EQUAL_INT(2, days_to_sunday(day_of(9999, 12, 31))); /* a Friday */
}

static void
test_known_days(void)
{
    CHECK_EQUAL_INT(0, day_of(2000, 1, 1));
    CHECK_EQUAL_INT(-1, day_of(1999, 12, 31));
    CHECK_EQUAL_INT(59, day_of(2000, 2, 29));
    CHECK_EQUAL_INT(60, day_of(2000, 3, 1));
    CHECK_EQUAL_INT(366, day_of(2001, 1, 1));
    CHECK_EQUAL_INT(-10957, day_of(1970, 1, 1)); /* the epoch of Unix */
    CHECK_EQUAL_INT(DAY_FIRST, day_of(1, 1, 1));
    CHECK_EQUAL_INT(DAY_LAST, day_of(9999, 12, 31));
}

static void
test_leap_years(void)
{
    static const struct {
        int32_t year;
        bool leap;
    } years[] = {{4, true},     {100, false}, {400, true},   {1900, false}, {2000, true},
                 {2015, false}, {2016, true}, {2023, false}, {2024, true},  {2100, false},
                 {2400, true},  {9996, true}, {9999, false}};

    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        int32_t year = years[i].year;

        CHECK_EQUAL_INT(years[i].leap, year_is_leap(year));
        CHECK_EQUAL_INT(years[i].leap ? 29 : 28, days_in_month(year, 2));
        CHECK_EQUAL_INT(years[i].leap ? 366 : 365, day_of(year, 12, 31) - day_of(year, 1, 1) + 1);
        CHECK_EQUAL_INT(years[i].leap ? 2 : 1, day_of(year, 3, 1) - day_of(year, 2, 28));
    }
}

static void
test_months(void)
{
    for (day_t day = day_of(1899, 1, 1); day <= day_of(2101, 12, 31); day++) {
        const struct almanac_day *date = almanac(day);

        if (date->ends_month)
            CHECK_EQUAL_INT(date->day, days_in_month(date->year, date->month));
        CHECK_EQUAL_INT(date->in_leap_year, year_is_leap(date->year));
    }
}

static void
test_valid_days(void)
{
    CHECK(day_is_valid(DAY_FIRST));
    CHECK(day_is_valid(DAY_LAST));
    CHECK(day_is_valid(0));
    CHECK(!day_is_valid(DAY_FIRST - 1));
    CHECK(!day_is_valid(DAY_LAST + 1));
    CHECK(!day_is_valid(DAY_BEGINNING));
    CHECK(!day_is_valid(INT32_MAX));
}

const struct test day_tests[] = {
    {"day: every day from 0001-01-01 to 9999-12-31 and back", test_every_day},
    {"day: the Sunday on or after every day", test_sundays},
    {"day: known weekdays", test_known_weekdays},
    {"day: known days", test_known_days},
    {"day: leap years", test_leap_years},
    {"day: lengths of months", test_months},
    {"day: which days are valid", test_valid_days},
    {NULL, NULL},
};
