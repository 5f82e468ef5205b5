/*
 * money_test.c: division that says how it rounds.
 */
#include "check.h"
#include "money.h"

/* Both sides of every half, both sides of nought. */
static void
test_half_away_examples(void)
{
    static const struct {
        int64_t number;
        int64_t divisor;
        int64_t quotient;
    } examples[] = {
        {0, 1, 0},       {0, 7, 0},     {1, 2, 1},       {-1, 2, -1},    {3, 2, 2},
        {-3, 2, -2},     {1, 3, 0},     {-1, 3, 0},      {2, 3, 1},      {-2, 3, -1},
        {5, 10, 1},      {-5, 10, -1},  {4, 10, 0},      {-4, 10, 0},    {15, 10, 2},
        {-15, 10, -2},   {25, 10, 3},   {-25, 10, -3},   {14, 10, 1},    {-14, 10, -1},
        {16, 10, 2},     {-16, 10, -2}, {349, 700, 0},   {-349, 700, 0}, {350, 700, 1},
        {-350, 700, -1}, {351, 700, 1}, {-351, 700, -1}, {700, 700, 1},  {-700, 700, -1},
        {7, 1, 7},       {-7, 1, -7},
    };

    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        CHECK_EQUAL_I128(examples[i].quotient,
                         divide_half_away(examples[i].number, examples[i].divisor));
}

/* As large as a scaling of the cap makes them. */
static void
test_half_away_large(void)
{
    i128 divisor = (i128)1 << 100;
    i128 half = divisor / 2;

    CHECK_EQUAL_I128(5, divide_half_away(5 * divisor, divisor));
    CHECK_EQUAL_I128(6, divide_half_away(5 * divisor + half, divisor));
    CHECK_EQUAL_I128(5, divide_half_away(5 * divisor + half - 1, divisor));
    CHECK_EQUAL_I128(-6, divide_half_away(-5 * divisor - half, divisor));
    CHECK_EQUAL_I128(-5, divide_half_away(-5 * divisor - half + 1, divisor));
    /* twice a remainder may not fit where the remainder does */
    CHECK_EQUAL_I128(1, divide_half_away(((i128)1 << 126) - 1, ((i128)1 << 126)));
}

/*
 * The definition: the quotient is the only whole number q with |2 * number - 2 * q * divisor| no
 * more than the divisor, and of two such the one further from nought.
 */
static void
test_half_away_law(void)
{
    struct random random;

    while (next_case(&random)) {
        int64_t divisor =
            random_between(&random, 1, random_once_in(&random, 2) ? 12 : INT64_C(1) << 50);
        i128 number = (i128)random_between(&random, -SEVENTHS_PER_PENNY, SEVENTHS_PER_PENNY) *
                          (random_once_in(&random, 2) ? 1 : divisor / 2 + 1) +
                      random_between(&random, -1, 1);
        i128 quotient = divide_half_away(number, divisor);
        i128 twice_left = 2 * number - 2 * quotient * divisor;

        CHECK(twice_left <= divisor && twice_left >= -(i128)divisor);
        if (twice_left == divisor)
            CHECK(number < 0); /* left towards positive: rounded down, so away from nought */
        if (twice_left == -(i128)divisor)
            CHECK(number > 0);
        CHECK_EQUAL_I128(-quotient, divide_half_away(-number, divisor));
    }
}

static void
test_up_and_down(void)
{
    struct random random;

    CHECK_EQUAL_I128(0, divide_down(6, 7));
    CHECK_EQUAL_I128(1, divide_down(7, 7));
    CHECK_EQUAL_I128(1, divide_down(13, 7));
    CHECK_EQUAL_I128(0, divide_up(0, 7));
    CHECK_EQUAL_I128(1, divide_up(1, 7));
    CHECK_EQUAL_I128(1, divide_up(7, 7));
    CHECK_EQUAL_I128(2, divide_up(8, 7));
    while (next_case(&random)) {
        int64_t number = random_between(&random, 0, INT64_C(1) << 50);
        int64_t divisor =
            random_between(&random, 1, random_once_in(&random, 2) ? 100 : INT64_C(1) << 50);
        i128 quotient = divide_up(number, divisor);

        CHECK(quotient * divisor >= number && (quotient - 1) * divisor < number);
        quotient = divide_down(number, divisor);
        CHECK(quotient * divisor <= number && (quotient + 1) * divisor > number);
    }
}

/* A penny is 700 sevenths: a weekly amount of £0.07 is a penny a day. */
static void
test_pence_from_sevenths(void)
{
    CHECK_EQUAL_INT(700, SEVENTHS_PER_PENNY);
    CHECK_EQUAL_I128(0, pence_from_sevenths(349));
    CHECK_EQUAL_I128(1, pence_from_sevenths(350));
    CHECK_EQUAL_I128(-1, pence_from_sevenths(-350));
    CHECK_EQUAL_I128(0, pence_from_sevenths(-349));
    CHECK_EQUAL_I128(7143, pence_from_sevenths(INT64_C(500) * UNITS_PER_POUND)); /* £71.43 a day */
    CHECK_EQUAL_I128(50000, pence_from_sevenths(INT64_C(500) * UNITS_PER_POUND * 7));
    CHECK_EQUAL_I128(PENCE_LIMIT, pence_from_sevenths((i128)PENCE_LIMIT * 700 + 349));
    CHECK_EQUAL_I128(PENCE_LIMIT + 1, pence_from_sevenths((i128)PENCE_LIMIT * 700 + 350));
}

const struct test money_tests[] = {
    {"money: halves go away from nought", test_half_away_examples},
    {"money: halves of large numbers", test_half_away_large},
    {"money: the law of rounding half away", test_half_away_law},
    {"money: rounding up and down", test_up_and_down},
    {"money: sevenths to pence", test_pence_from_sevenths},
    {NULL, NULL},
};
