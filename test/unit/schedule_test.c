/*
 * schedule_test.c: the canonical form, finding, and the algebra against one worked out day by day;
 * the order.
 */
#include <stdlib.h>

#include "check.h"
#include "points.h"
#include "schedule.h"

#define WINDOW_DAYS 40

/* Values that meet each other often, and the ends of the range. */
static int64_t
any_value(struct random *random)
{
    switch (random_below(random, 8)) {
    case 0:
        return VALUE_NOT_KNOWN;
    case 1:
        return random_once_in(random, 2) ? SCHEDULE_VALUE_LIMIT : -SCHEDULE_VALUE_LIMIT;
    case 2:
        return random_between(random, -SCHEDULE_VALUE_LIMIT, SCHEDULE_VALUE_LIMIT);
    case 3:
        return random_between(random, -50000, 50000);
    default:
        return random_between(random, -3, 3) * UNITS_PER_POUND;
    }
}

/* Known, and small enough that no sum or product of a few leaves the range. */
static int64_t
tame_value(struct random *random)
{
    return random_between(random, -1000, 1000) * 100;
}

static struct points
random_points(struct random *random, day_t start, int64_t (*value)(struct random *))
{
    struct points_shape shape = {.first_day = start,
                                 .last_day = start + WINDOW_DAYS - 1,
                                 .steps_limit = 8,
                                 .beginning_once_in = 4,
                                 .value = value};

    return points_random(random, &shape);
}

static bool
is_canonical(const struct points *points)
{
    struct packed packed;

    return schedule_is_canonical(points_pack(points, &packed));
}

static struct points
two_points(day_t first_day, int64_t first_value, day_t second_day, int64_t second_value)
{
    return (struct points){.count = 2,
                           .at = {{first_day, first_value}, {second_day, second_value}}};
}

/* Each promise of the canonical form, kept and broken by as little as can be. */
static void
test_canonical(void)
{
    struct points good = two_points(DAY_BEGINNING, 0, DAY_FIRST, 1);
    struct points edges =
        two_points(DAY_FIRST, SCHEDULE_VALUE_LIMIT, DAY_LAST, -SCHEDULE_VALUE_LIMIT);
    struct points not_known = two_points(0, VALUE_NOT_KNOWN, 1, 0);
    struct points same_day = two_points(5, 1, 5, 2);
    struct points backwards = two_points(5, 1, 4, 2);
    struct points same_value = two_points(5, 1, 6, 1);
    struct points both_not_known = two_points(5, VALUE_NOT_KNOWN, 6, VALUE_NOT_KNOWN);
    struct points too_early = two_points(DAY_FIRST - 1, 1, 0, 2);
    struct points too_late = two_points(0, 1, DAY_LAST + 1, 2);
    struct points late_beginning = two_points(DAY_BEGINNING, 1, DAY_BEGINNING, 2);
    struct points nearly_beginning = two_points(DAY_BEGINNING + 1, 1, 0, 2);
    struct points too_large = two_points(0, SCHEDULE_VALUE_LIMIT + 1, 1, 0);
    struct points too_small = two_points(0, -SCHEDULE_VALUE_LIMIT - 1, 1, 0);
    struct points nearly_not_known = two_points(0, INT64_MIN + 1, 1, 0);
    struct points none = {.count = 0};

    CHECK(is_canonical(&good));
    CHECK(is_canonical(&edges));
    CHECK(is_canonical(&not_known));
    CHECK(!is_canonical(&same_day));
    CHECK(!is_canonical(&backwards));
    CHECK(!is_canonical(&same_value));
    CHECK(!is_canonical(&both_not_known));
    CHECK(!is_canonical(&too_early));
    CHECK(!is_canonical(&too_late));
    CHECK(!is_canonical(&late_beginning));
    CHECK(!is_canonical(&nearly_beginning));
    CHECK(!is_canonical(&too_large));
    CHECK(!is_canonical(&too_small));
    CHECK(!is_canonical(&nearly_not_known));
    CHECK(!is_canonical(&none));
}

static void
test_value_limits(void)
{
    CHECK(value_is_valid(0));
    CHECK(value_is_valid(SCHEDULE_VALUE_LIMIT));
    CHECK(value_is_valid(-SCHEDULE_VALUE_LIMIT));
    CHECK(value_is_valid(VALUE_NOT_KNOWN));
    CHECK(!value_is_valid(SCHEDULE_VALUE_LIMIT + 1));
    CHECK(!value_is_valid(-SCHEDULE_VALUE_LIMIT - 1));
    CHECK(!value_is_valid(INT64_MAX));
    CHECK(!value_is_valid(INT64_MIN + 1));
}

/* A writer with room for just so many steps: one more would be outside the memory. */
static struct schedule_writer
exact_writer(int32_t capacity)
{
    return (struct schedule_writer){.steps = malloc((size_t)capacity * SCHEDULE_STEP_SIZE),
                                    .capacity = capacity};
}

/* Append `count` steps, `apart` days from each other, of two values in turn. */
static bool
append_steps(struct schedule_writer *writer, int32_t count, day_t first_day, int32_t apart,
             int64_t offset, struct fault *fault)
{
    for (int32_t i = 0; i < count; i++)
        if (!schedule_append(writer, first_day + i * apart, offset + i % 2, fault))
            return false;
    return true;
}

static void
test_steps_limit(void)
{
    struct schedule_writer writer = exact_writer(SCHEDULE_MAX_STEPS + 5);
    struct fault fault = {.code = FAULT_NONE};

    CHECK_EQUAL_INT(10000, SCHEDULE_MAX_STEPS);
    CHECK(append_steps(&writer, SCHEDULE_MAX_STEPS, 0, 1, 0, &fault));
    CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS, writer.count);
    CHECK(schedule_is_canonical(schedule_written(&writer)));
    /* the last value was 1: repeating it takes no room */
    CHECK(schedule_append(&writer, SCHEDULE_MAX_STEPS, 1, &fault));
    CHECK(!schedule_append(&writer, SCHEDULE_MAX_STEPS + 1, 0, &fault));
    CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, fault.code);
    CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS + 1, fault.day);
    CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS, writer.count);
    /* made by hand, one step too long is not canonical */
    memcpy(writer.steps + SCHEDULE_MAX_STEPS * SCHEDULE_STEP_SIZE, &(day_t){SCHEDULE_MAX_STEPS + 1},
           sizeof(day_t));
    memset(writer.steps + SCHEDULE_MAX_STEPS * SCHEDULE_STEP_SIZE + sizeof(day_t), 0, 8);
    writer.count++;
    CHECK(!schedule_is_canonical(schedule_written(&writer)));
    free(writer.steps);
}

static void
test_writer_capacity(void)
{
    struct schedule_writer writer = exact_writer(3);
    struct fault fault = {.code = FAULT_NONE};

    CHECK(append_steps(&writer, 3, 0, 1, 0, &fault));
    CHECK(schedule_append(&writer, 3, 0, &fault));
    CHECK(!schedule_append(&writer, 4, 7, &fault));
    CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, fault.code);
    CHECK_EQUAL_INT(3, writer.count);
    free(writer.steps);
}

/* Finding and both cursors, on every day about a random schedule. */
static void
test_find(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS + 4) + 2;
        struct points points = random_points(&random, start, any_value);
        struct packed packed;
        struct schedule schedule = points_pack(&points, &packed);
        struct schedule_cursor daily = cursor_at_start(schedule);
        struct schedule_cursor hopping = cursor_at_start(schedule);

        for (day_t day = start - 2; day < start + WINDOW_DAYS + 2; day++) {
            int64_t expected = 0;
            bool has = points_value(&points, day, &expected);
            int32_t found = schedule_find(schedule, day);

            CHECK_EQUAL_INT(has, found >= 0);
            CHECK_EQUAL_INT(has, cursor_move(&daily, day));
            if (has) {
                CHECK_EQUAL_INT(expected, schedule_value(schedule, found));
                CHECK_EQUAL_INT(expected, daily.value);
            }
            if (!random_once_in(&random, 3))
                continue;
            CHECK_EQUAL_INT(has, cursor_move(&hopping, day));
            CHECK_EQUAL_INT(daily.value, hopping.value);
            CHECK_EQUAL_INT(daily.next_day, hopping.next_day);
            CHECK(hopping.next_day > day);
        }
    }
}

static void
test_find_edges(void)
{
    struct packed packed;
    struct points points = two_points(DAY_BEGINNING, 3, DAY_LAST, 4);
    struct schedule schedule = points_pack(&points, &packed);
    struct schedule_cursor cursor = cursor_at_start(schedule);

    CHECK_EQUAL_INT(0, schedule_find(schedule, DAY_BEGINNING));
    CHECK_EQUAL_INT(0, schedule_find(schedule, DAY_FIRST));
    CHECK_EQUAL_INT(0, schedule_find(schedule, DAY_LAST - 1));
    CHECK_EQUAL_INT(1, schedule_find(schedule, DAY_LAST));
    CHECK(cursor_move(&cursor, DAY_BEGINNING));
    CHECK_EQUAL_INT(3, cursor.value);
    CHECK(cursor_move(&cursor, DAY_LAST));
    CHECK_EQUAL_INT(4, cursor.value);
    CHECK_EQUAL_INT(DAY_LAST + 1, cursor.next_day);
    schedule.count = 0;
    CHECK_EQUAL_INT(-1, schedule_find(schedule, DAY_LAST));
    cursor = cursor_at_start(schedule);
    CHECK(!cursor_move(&cursor, DAY_LAST));
    CHECK_EQUAL_INT(VALUE_NOT_KNOWN, cursor.value);
}

/* One value of a combination, from the words of the documentation. */
static enum fault_code
naive_value(enum schedule_operator how, int64_t left, int64_t right, int64_t *value)
{
    i128 exact = 0;
    enum fault_code code = FAULT_NONE;

    *value = VALUE_NOT_KNOWN;
    if (left == VALUE_NOT_KNOWN || right == VALUE_NOT_KNOWN)
        return FAULT_NONE;
    if (how == SCHEDULE_ADD)
        exact = (i128)left + right;
    if (how == SCHEDULE_SUBTRACT)
        exact = (i128)left - right;
    if (how == SCHEDULE_MULTIPLY)
        exact = (i128)left * right / 10000;
    if (how == SCHEDULE_MULTIPLY && exact * 10000 != (i128)left * right)
        return FAULT_INEXACT;
    if (how == SCHEDULE_LEAST)
        exact = left > right ? right : left;
    if (how == SCHEDULE_GREATEST)
        exact = left > right ? left : right;
    if (exact > SCHEDULE_VALUE_LIMIT || exact < -SCHEDULE_VALUE_LIMIT)
        code = FAULT_OUT_OF_RANGE;
    *value = (int64_t)exact;
    return code;
}

/* A combination worked out day by day, and the fault of the first day that has one. */
struct naive {
    struct points points;
    enum fault_code code;
    day_t fault_day;
};

static struct naive
naive_combine(enum schedule_operator how, const struct points *left, const struct points *right,
              day_t start)
{
    struct naive naive = {.code = FAULT_NONE};

    for (day_t day = start - 1; day < start + WINDOW_DAYS; day++) {
        day_t asked = day == start - 1 ? DAY_BEGINNING : day;
        int64_t left_value;
        int64_t right_value;
        int64_t value;

        if (!points_value(left, asked, &left_value) || !points_value(right, asked, &right_value))
            continue;
        naive.code = naive_value(how, left_value, right_value, &value);
        naive.fault_day = asked;
        if (naive.code != FAULT_NONE)
            return naive;
        points_append(&naive.points, asked, value);
    }
    return naive;
}

/* Every operator, against the day by day one; room for both schedules is enough. */
static void
test_combine(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        int64_t (*value)(struct random *) = random_once_in(&random, 2) ? any_value : tame_value;
        struct points left = random_points(&random, start, value);
        struct points right = random_points(&random, start, value);
        enum schedule_operator how = (enum schedule_operator)(random_below(&random, 5));
        struct naive naive = naive_combine(how, &left, &right, start);
        struct packed left_packed;
        struct packed right_packed;
        struct schedule_writer result = exact_writer(left.count + right.count);
        struct fault fault = {.code = FAULT_NONE};
        bool good = schedule_combine(how, points_pack(&left, &left_packed),
                                     points_pack(&right, &right_packed), &result, &fault);

        CHECK_EQUAL_INT(naive.code, fault.code);
        CHECK_EQUAL_INT(naive.code == FAULT_NONE, good);
        if (good)
            CHECK(points_match(&naive.points, schedule_written(&result)));
        else
            CHECK_EQUAL_INT(naive.fault_day, fault.day);
        free(result.steps);
    }
}

/* A combination that must not fail. */
static struct schedule
combined(enum schedule_operator how, struct schedule left, struct schedule right,
         struct packed *packed)
{
    struct schedule_writer result = packed_writer(packed);
    struct fault fault;

    CHECK(schedule_combine(how, left, right, &result, &fault));
    return schedule_written(&result);
}

static bool
equal(struct schedule left, struct schedule right)
{
    return left.count == right.count &&
           memcmp(left.steps, right.steps, (size_t)left.count * SCHEDULE_STEP_SIZE) == 0;
}

/* A schedule less itself is one step of nought, from its first day on. */
static void
check_self(struct schedule a)
{
    struct packed packed;
    struct schedule nought = combined(SCHEDULE_SUBTRACT, a, a, &packed);

    CHECK_EQUAL_INT(1, nought.count);
    CHECK_EQUAL_INT(schedule_day(a, 0), schedule_day(nought, 0));
    CHECK_EQUAL_INT(0, schedule_value(nought, 0));
    CHECK(equal(a, combined(SCHEDULE_LEAST, a, a, &packed)));
    CHECK(equal(a, combined(SCHEDULE_GREATEST, a, a, &packed)));
}

static void
check_commutes(struct schedule a, struct schedule b)
{
    static const enum schedule_operator operators[] = {SCHEDULE_ADD, SCHEDULE_LEAST,
                                                       SCHEDULE_GREATEST};
    struct packed forth;
    struct packed back;

    for (int32_t i = 0; i < 3; i++)
        CHECK(equal(combined(operators[i], a, b, &forth), combined(operators[i], b, a, &back)));
}

/* least + greatest = sum, and the difference undoes the sum where both have a value. */
static void
check_least_and_greatest(struct schedule a, struct schedule b)
{
    struct packed packed[5];
    struct schedule sum = combined(SCHEDULE_ADD, a, b, &packed[0]);
    struct schedule least = combined(SCHEDULE_LEAST, a, b, &packed[1]);
    struct schedule greatest = combined(SCHEDULE_GREATEST, a, b, &packed[2]);

    CHECK(equal(sum, combined(SCHEDULE_ADD, least, greatest, &packed[3])));
    for (int32_t i = 0; i < sum.count; i++) {
        day_t day = schedule_day(sum, i);
        int64_t low = schedule_value(least, schedule_find(least, day));
        int64_t high = schedule_value(greatest, schedule_find(greatest, day));

        CHECK(low <= high);
    }
    if (schedule_day(a, 0) >= schedule_day(b, 0))
        CHECK(equal(a, combined(SCHEDULE_SUBTRACT, sum, b, &packed[4])));
}

static void
check_associates(struct schedule a, struct schedule b, struct schedule c)
{
    static const enum schedule_operator operators[] = {SCHEDULE_ADD, SCHEDULE_LEAST,
                                                       SCHEDULE_GREATEST};
    struct packed inner;
    struct packed left;
    struct packed right;

    for (int32_t i = 0; i < 3; i++) {
        enum schedule_operator how = operators[i];
        struct schedule first = combined(how, a, b, &inner);
        struct schedule one = combined(how, first, c, &left);
        struct schedule second = combined(how, b, c, &inner);

        CHECK(equal(one, combined(how, a, second, &right)));
    }
}

static void
test_algebra_laws(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct points points[3];
        struct packed packed[3];
        struct packed one_packed;
        struct packed product;
        struct schedule one = schedule_of("{\"-infinity\": 1}", &one_packed);
        struct schedule s[3];

        for (int32_t i = 0; i < 3; i++) {
            points[i] = random_points(&random, start, tame_value);
            s[i] = points_pack(&points[i], &packed[i]);
        }
        check_self(s[0]);
        check_commutes(s[0], s[1]);
        check_least_and_greatest(s[0], s[1]);
        check_associates(s[0], s[1], s[2]);
        CHECK(equal(s[0], combined(SCHEDULE_MULTIPLY, s[0], one, &product)));
    }
}

/* What is not known stays so, whatever is done to it: even nought times it. */
static void
test_not_known(void)
{
    struct packed a_packed;
    struct packed b_packed;
    struct packed result;
    struct schedule a =
        schedule_of("{\"2020-01-01\": 5, \"2021-01-01\": null, \"2022-01-01\": 6}", &a_packed);
    struct schedule b = schedule_of("{\"-infinity\": 0}", &b_packed);

    for (int32_t i = SCHEDULE_ADD; i <= SCHEDULE_GREATEST; i++) {
        struct schedule combination = combined((enum schedule_operator)i, a, b, &result);

        CHECK_EQUAL_INT(3, combination.count);
        CHECK_EQUAL_INT(VALUE_NOT_KNOWN, schedule_value(combination, 1));
    }
}

struct combine_example {
    enum schedule_operator how;
    const char *left;
    const char *right;
    enum fault_code code;
    day_t day;          /* of the fault */
    const char *result; /* if there is no fault */
};

/* Both sides of each fault. */
static void
test_combine_faults(void)
{
    static const struct combine_example examples[] = {
        {SCHEDULE_ADD, "{\"2000-01-01\": 9999999999.9998}", "{\"2000-01-01\": 0.0001}", FAULT_NONE,
         0, "{\"2000-01-01\": 9999999999.9999}"},
        {SCHEDULE_ADD, "{\"2000-01-01\": 9999999999.9999}",
         "{\"2000-01-01\": 0, \"2000-01-06\": 0.0001}", FAULT_OUT_OF_RANGE, 5, NULL},
        {SCHEDULE_SUBTRACT, "{\"2000-01-01\": -9999999999.9998}", "{\"2000-01-01\": 0.0001}",
         FAULT_NONE, 0, "{\"2000-01-01\": -9999999999.9999}"},
        {SCHEDULE_SUBTRACT, "{\"2000-01-01\": -9999999999.9999}", "{\"2000-01-03\": 0.0001}",
         FAULT_OUT_OF_RANGE, 2, NULL},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": 0.01}", "{\"2000-01-01\": -0.01}", FAULT_NONE, 0,
         "{\"2000-01-01\": -0.0001}"},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": 0.01}", "{\"2000-01-01\": 1, \"2000-01-02\": 0.001}",
         FAULT_INEXACT, 1, NULL},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": -0.0001}", "{\"2000-01-01\": 0.9999}", FAULT_INEXACT,
         0, NULL},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": 3333333333.3333}", "{\"2000-01-01\": 3}", FAULT_NONE,
         0, "{\"2000-01-01\": 9999999999.9999}"},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": 100000}", "{\"2000-01-01\": 100000}",
         FAULT_OUT_OF_RANGE, 0, NULL},
        {SCHEDULE_MULTIPLY, "{\"2000-01-01\": -9999999999.9999}", "{\"2000-01-01\": 9999999999}",
         FAULT_OUT_OF_RANGE, 0, NULL},
    };

    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct combine_example *example = &examples[i];
        struct packed packed[4];
        struct schedule_writer result = packed_writer(&packed[2]);
        struct fault fault = {.code = FAULT_NONE};
        bool good;

        check_about(example->right);
        good = schedule_combine(example->how, schedule_of(example->left, &packed[0]),
                                schedule_of(example->right, &packed[1]), &result, &fault);
        CHECK_EQUAL_INT(example->code, fault.code);
        CHECK_EQUAL_INT(example->code == FAULT_NONE, good);
        if (good)
            CHECK(equal(schedule_of(example->result, &packed[3]), schedule_written(&result)));
        else
            CHECK_EQUAL_INT(example->day, fault.day);
    }
}

/* Two schedules that change turn and turn about: each change of either is a step of the sum. */
static void
test_combine_steps_limit(void)
{
    int32_t half = SCHEDULE_MAX_STEPS / 2;
    struct schedule_writer even = exact_writer(half + 1);
    struct schedule_writer odd = exact_writer(half + 1);
    struct schedule_writer result = exact_writer(2 * half + 2);
    struct fault fault = {.code = FAULT_NONE};

    CHECK(append_steps(&even, half + 1, 0, 2, 0, &fault)); /* on days 0, 2, 4 and so on */
    CHECK(append_steps(&odd, half + 1, 1, 2, 0, &fault));
    odd.count = half;
    CHECK(schedule_combine(SCHEDULE_SUBTRACT, schedule_written(&even), schedule_written(&odd),
                           &result, &fault));
    CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS, result.count); /* on days 1 to 10,000 */
    odd.count = half + 1;
    result.count = 0;
    CHECK(!schedule_combine(SCHEDULE_SUBTRACT, schedule_written(&even), schedule_written(&odd),
                            &result, &fault));
    CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, fault.code);
    CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS + 1, fault.day);
    free(even.steps);
    free(odd.steps);
    free(result.steps);
}

/* Points in any order: what comes out is the same as from points in order. */
static void
test_sort(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct points shuffled = random_points(&random, start, any_value);
        struct points expected = {.count = 0};
        struct packed packed;
        struct schedule_writer writer = packed_writer(&packed);
        struct fault fault = {.code = FAULT_NONE};

        /* values of a taste for repetition, so that there is something to leave out */
        for (int32_t i = 0; i < shuffled.count; i++) {
            if (random_once_in(&random, 2))
                shuffled.at[i].value = UNITS_PER_POUND;
            points_append(&expected, shuffled.at[i].day, shuffled.at[i].value);
        }
        for (int32_t i = shuffled.count - 1; i > 0; i--) {
            int32_t other = random_below(&random, i + 1);
            struct point moved = shuffled.at[i];

            shuffled.at[i] = shuffled.at[other];
            shuffled.at[other] = moved;
        }
        points_pack(&shuffled, &packed);
        writer.count = shuffled.count;
        CHECK(schedule_sort(&writer, &fault));
        CHECK(points_match(&expected, schedule_written(&writer)));
        CHECK(schedule_is_canonical(schedule_written(&writer)));
    }
}

/* A day given twice is a fault that names it, even where the values agree. */
static void
test_sort_duplicates(void)
{
    struct random random;

    while (next_case_in(&random, 4)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct points points = random_points(&random, start, any_value);
        struct point twice = points.at[random_below(&random, points.count)];
        struct point *to = &points.at[random_below(&random, points.count + 1)];
        struct packed packed;
        struct schedule_writer writer = packed_writer(&packed);
        struct fault fault = {.code = FAULT_NONE};

        if (random_once_in(&random, 2))
            twice.value = 123;
        memmove(to + 1, to, (size_t)(points.at + points.count - to) * sizeof *to);
        *to = twice;
        points.count++;
        points_pack(&points, &packed);
        writer.count = points.count;
        CHECK(!schedule_sort(&writer, &fault));
        CHECK_EQUAL_INT(FAULT_DAY_TWICE, fault.code);
        CHECK_EQUAL_INT(twice.day, fault.day);
    }
}

/* More rows than a schedule has steps are fine so long as they say little; and not if they do. */
static void
test_sort_steps_limit(void)
{
    struct schedule_writer writer = exact_writer(SCHEDULE_MAX_STEPS + 1);
    struct fault fault = {.code = FAULT_NONE};

    for (int32_t last_value = 0; last_value <= 1; last_value++) {
        for (int32_t i = 0; i <= SCHEDULE_MAX_STEPS; i++) {
            day_t day = SCHEDULE_MAX_STEPS - i;
            int64_t value = day == SCHEDULE_MAX_STEPS ? last_value : day % 2;

            memcpy(writer.steps + i * SCHEDULE_STEP_SIZE, &day, sizeof day);
            memcpy(writer.steps + i * SCHEDULE_STEP_SIZE + sizeof day, &value, sizeof value);
        }
        writer.count = SCHEDULE_MAX_STEPS + 1;
        /* the day before the last has the value 1, so a last value of 1 repeats it */
        CHECK_EQUAL_INT(last_value == 1, schedule_sort(&writer, &fault));
        if (last_value == 1)
            CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS, writer.count);
        else
            CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, fault.code);
    }
    writer.count = 0;
    CHECK(schedule_sort(&writer, &fault));
    CHECK_EQUAL_INT(0, writer.count);
    free(writer.steps);
}

/* The order: no value, not known, then the values, on the first day on which two differ. */
static void
test_compare(void)
{
    /* each comes before the next */
    struct points rising[] = {
        two_points(2, 5, 4, 0),                     /* none on day 1 */
        two_points(1, VALUE_NOT_KNOWN, 2, 0),       /* not known on day 1 */
        two_points(1, VALUE_NOT_KNOWN, 2, 1),       /* ... and more on day 2 */
        two_points(1, -SCHEDULE_VALUE_LIMIT, 2, 1), /* the least on day 1 */
        two_points(1, 0, 3, VALUE_NOT_KNOWN),       /* holds 0 on day 2, not known on 3 */
        two_points(1, 0, 3, -1),
        {.count = 1, .at = {{1, 0}}}, /* holds 0 on day 3 */
        two_points(1, 0, 3, 1),
        two_points(1, 0, 2, SCHEDULE_VALUE_LIMIT), /* the most on day 2 */
        two_points(1, 1, 2, 0),
        two_points(DAY_FIRST, VALUE_NOT_KNOWN, 1, 0),
        two_points(DAY_BEGINNING, VALUE_NOT_KNOWN, DAY_FIRST, 0),
        two_points(DAY_BEGINNING, 0, DAY_LAST, 1),
    };
    int32_t count = (int32_t)(sizeof rising / sizeof *rising);

    for (int32_t i = 0; i < count; i++) {
        for (int32_t j = 0; j < count; j++) {
            struct packed left;
            struct packed right;
            int expected = (i > j) - (i < j);

            CHECK_EQUAL_INT(expected, schedule_compare(points_pack(&rising[i], &left),
                                                       points_pack(&rising[j], &right)));
        }
    }
}

const struct test schedule_tests[] = {
    {"schedule: canonical form, kept and broken", test_canonical},
    {"schedule: limits of a value", test_value_limits},
    {"schedule: limit of steps", test_steps_limit},
    {"schedule: room of a writer", test_writer_capacity},
    {"schedule: find and cursor on every day", test_find},
    {"schedule: find and cursor at the ends of time", test_find_edges},
    {"schedule: algebra against day by day", test_combine},
    {"schedule: laws of the algebra", test_algebra_laws},
    {"schedule: what is not known stays so", test_not_known},
    {"schedule: products inexact and results out of range", test_combine_faults},
    {"schedule: limit of steps of a combination", test_combine_steps_limit},
    {"schedule: sorting points", test_sort},
    {"schedule: a day given twice", test_sort_duplicates},
    {"schedule: sorting at the limit of steps", test_sort_steps_limit},
    {"schedule: order, every pair", test_compare},
    {NULL, NULL},
};
