/*
 * money.h: exact money.
 *
 * Three whole-number units, and no floating point anywhere:
 *
 *   penny     what is posted and shown                           1/100 of a pound
 *   unit      one step of a schedule's four decimals          1/10,000 of a pound
 *   seventh   a weekly unit shared out over a day             1/70,000 of a pound
 *
 * Every division names how it rounds.  doc/calculations section 1: exact inside, rounded once.
 *
 * Must not know: schedules, PostgreSQL.
 */
#ifndef CARE_MONEY_H
#define CARE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

/* Aligned to 8, as memory from PostgreSQL is, where the compiler would expect 16. */
__extension__ typedef __int128 i128 __attribute__((aligned(8)));
__extension__ typedef unsigned __int128 u128 __attribute__((aligned(8)));

#define I128_MIN ((i128)((u128)1 << 127))

#define UNITS_PER_POUND INT64_C(10000)
#define UNITS_PER_PENNY INT64_C(100)
#define PENCE_PER_POUND INT64_C(100)
#define SEVENTHS_PER_UNIT INT64_C(7)
#define SEVENTHS_PER_PENNY (UNITS_PER_PENNY * SEVENTHS_PER_UNIT)

/* Money is under ten thousand million pounds either way. */
#define PENCE_LIMIT INT64_C(999999999999)

/* Shares and percentages are fractions with 8 decimals. */
#define FRACTION_DECIMALS 8
#define FRACTION_ONE INT64_C(100000000)

/* Does a number fit 64 bits, whose division takes a fraction of the time? */
static inline bool
fits_64_bits(i128 number)
{
    return number == (int64_t)number;
}

/* Quotient rounded to the nearest whole number, halves away from nought; the divisor is positive.
 */
static inline i128
divide_half_away(i128 number, i128 divisor)
{
    bool short_form = fits_64_bits(number) && fits_64_bits(divisor);
    i128 quotient = short_form ? (int64_t)number / (int64_t)divisor : number / divisor;
    i128 remainder = number - quotient * divisor;

    if (remainder < 0)
        remainder = -remainder;
    if (remainder >= divisor - remainder)
        quotient += number < 0 ? -1 : 1;
    return quotient;
}

/* Quotient rounded up; number is not negative, the divisor is positive. */
static inline i128
divide_up(i128 number, i128 divisor)
{
    return (number + divisor - 1) / divisor;
}

/* Quotient rounded down; number is not negative, the divisor is positive. */
static inline i128
divide_down(i128 number, i128 divisor)
{
    return number / divisor;
}

/* Sevenths to pence, rounded half away from nought. */
static inline i128
pence_from_sevenths(i128 sevenths)
{
    return divide_half_away(sevenths, SEVENTHS_PER_PENNY);
}

#endif
