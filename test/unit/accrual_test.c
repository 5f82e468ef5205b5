/*
 * accrual_test.c: the care account, against its law carried out day by day.
 *
 * The twin below follows doc/calculations section 2 word for word: every day it scales, adjusts,
 * adds and looks whether the cap is reached, in 128 bits, with no thought for speed.
 */
#include <stdlib.h>

#include "accrual.h"
#include "check.h"
#include "points.h"

#define WINDOW_DAYS 120
#define LINES_LIMIT (WINDOW_DAYS * 4)
#define POUND UNITS_PER_POUND
#define ALL_DAYS (DAY_LAST - DAY_FIRST + 1)

/* The arguments of the law, plain. */
struct plain_law {
    struct points weekly;
    struct points cap;
    struct points adjusted;
    struct points scales;
    bool by_exceeding;
};

/* One day of the twin: how much is accrued, in sevenths, after each step of the law. */
struct twin_day {
    int64_t weekly;
    int64_t cap;
    i128 scaled;
    i128 adjusted;
    i128 close;
    bool was_uprated;
    bool was_adjusted;
    bool was_held;   /* the day began at the cap: nothing was counted */
    bool was_at_cap; /* ... but had to exceed it, and did: counted or held, both may be said */
    bool reached;
    day_t reached_on;
};

struct twin {
    day_t from_day;
    day_t to_day;
    struct twin_day days[WINDOW_DAYS];
    enum fault_code code;
    const char *what;
    day_t fault_day;
};

static const struct twin_day *
twin_on(const struct twin *twin, day_t day)
{
    return &twin->days[day - twin->from_day];
}

static bool
twin_fault(struct twin *twin, enum fault_code code, const char *what, day_t day)
{
    twin->code = code;
    twin->what = what;
    twin->fault_day = day;
    return false;
}

/* A value that must be there, known, and not negative. */
static bool
twin_value(struct twin *twin, const struct points *points, const char *what, day_t day,
           int64_t *value)
{
    if (!points_value(points, day, value))
        return twin_fault(twin, FAULT_BEFORE_FIRST_STEP, what, points->at[0].day);
    if (*value == VALUE_NOT_KNOWN)
        return twin_fault(twin, FAULT_NOT_KNOWN, what, day);
    if (*value < 0)
        return twin_fault(twin, FAULT_NEGATIVE, what, day);
    return true;
}

/* The nearest penny to number / divisor sevenths, halves away from nought; both not negative. */
static i128
nearest_penny(i128 number, i128 divisor)
{
    return (2 * number + divisor * 700) / (2 * divisor * 700) * 700;
}

/* Steps 1 to 4 of the law on one day; `before` is the day before, or NULL on the first. */
static void
twin_count(const struct plain_law *law, const struct twin_day *before, int64_t change, bool scales,
           day_t on, struct twin_day *day)
{
    i128 accrued = before != NULL ? before->close : 0;
    bool reached = before != NULL && before->reached;

    day->reached_on = before != NULL ? before->reached_on : 0;
    day->scaled = accrued;
    if (before != NULL && before->cap != day->cap) {
        if (reached)
            day->scaled = (i128)day->cap * 7;
        else if (scales)
            day->scaled = before->cap == 0 ? 0 : nearest_penny(accrued * day->cap, before->cap);
    }
    day->was_uprated = day->scaled != accrued;

    day->adjusted = day->scaled;
    day->was_adjusted = change < 0 || (change > 0 && !reached);
    if (day->was_adjusted) {
        day->adjusted += (i128)change * 7;
        if (day->adjusted < 0)
            day->adjusted = 0;
        reached = reached && day->adjusted >= (i128)day->cap * 7;
    }

    day->close = reached ? day->adjusted : day->adjusted + day->weekly;
    day->was_held = reached;
    if (!reached && (day->close > (i128)day->cap * 7 ||
                     (day->close == (i128)day->cap * 7 && !law->by_exceeding))) {
        day->was_held = day->adjusted >= (i128)day->cap * 7;
        day->was_at_cap = law->by_exceeding && day->adjusted == (i128)day->cap * 7;
        day->close = (i128)day->cap * 7;
        day->reached_on = on;
        reached = true;
    }
    day->reached = reached;
}

/* Carry the law out from day to day; false at the first fault. */
static bool
twin_walk(struct twin *twin, const struct plain_law *law, day_t from_day, day_t to_day)
{
    int64_t adjusted_before = 0;

    *twin = (struct twin){.from_day = from_day, .to_day = to_day, .code = FAULT_NONE};
    for (day_t on = from_day; on <= to_day; on++) {
        struct twin_day *day = &twin->days[on - from_day];
        int64_t adjusted = 0;
        int64_t scales = POUND;

        if (!twin_value(twin, &law->weekly, "weekly rate", on, &day->weekly) ||
            !twin_value(twin, &law->cap, "cap", on, &day->cap))
            return false;
        if (day->cap % 100 != 0)
            return twin_fault(twin, FAULT_NOT_PENCE, "cap", on);
        points_value(&law->adjusted, on, &adjusted);
        if (adjusted == VALUE_NOT_KNOWN)
            return twin_fault(twin, FAULT_NOT_KNOWN, "adjusted", on);
        if (adjusted % 100 != 0)
            return twin_fault(twin, FAULT_NOT_PENCE, "adjusted", on);
        points_value(&law->scales, on, &scales);
        twin_count(law, on > from_day ? day - 1 : NULL, adjusted - adjusted_before, scales != 0, on,
                   day);
        adjusted_before = adjusted;
    }
    return true;
}

/* Weekly rates and caps that often meet to the penny. */
static int64_t
coarse_weekly(struct random *random)
{
    return random_below(random, 6) * 70 * POUND;
}

static int64_t
coarse_amount(struct random *random)
{
    return random_below(random, 40) * 20 * POUND;
}

static int64_t
coarse_change(struct random *random)
{
    return random_between(random, -8, 8) * 10 * POUND;
}

static int64_t
fine_weekly(struct random *random)
{
    return random_once_in(random, 6) ? 0 : random_between(random, 0, 900 * POUND);
}

static int64_t
fine_amount(struct random *random)
{
    return random_once_in(random, 8) ? 0 : random_between(random, 0, 300000) * 100;
}

static int64_t
fine_change(struct random *random)
{
    return random_between(random, -40000, 40000) * 100;
}

/* So little that a penny takes days, and an adjustment may take more than there is by less. */
static int64_t
small_weekly(struct random *random)
{
    return random_below(random, 200);
}

static int64_t
small_amount(struct random *random)
{
    return random_below(random, 8) * UNITS_PER_PENNY;
}

static int64_t
small_change(struct random *random)
{
    return random_between(random, -3, 3) * UNITS_PER_PENNY;
}

/* Up to the limits of a value, to see that nothing overflows. */
static int64_t
large_weekly(struct random *random)
{
    return SCHEDULE_VALUE_LIMIT / random_between(random, 1, 100);
}

static int64_t
large_amount(struct random *random)
{
    return (SCHEDULE_VALUE_LIMIT - random_below(random, 300) * POUND) / 100 * 100;
}

static int64_t
large_change(struct random *random)
{
    return (random_once_in(random, 2) ? 1 : -1) * large_amount(random);
}

static int64_t
yes_or_no(struct random *random)
{
    return random_below(random, 2) * POUND;
}

/* Points with a value on every day, from -infinity or the first day on. */
static struct points
full_points(struct random *random, day_t start, int32_t steps_limit,
            int64_t (*value)(struct random *))
{
    struct points_shape shape = {.first_day = start,
                                 .last_day = start + WINDOW_DAYS - 1,
                                 .steps_limit = steps_limit,
                                 .beginning_once_in = 2,
                                 .value = value};
    struct points points = points_random(random, &shape);

    if (points.at[0].day > start)
        points.at[0].day = start;
    return points;
}

static struct plain_law
random_law(struct random *random, day_t start)
{
    int64_t (*const values[4][3])(struct random *) = {{coarse_weekly, coarse_amount, coarse_change},
                                                      {fine_weekly, fine_amount, fine_change},
                                                      {small_weekly, small_amount, small_change},
                                                      {large_weekly, large_amount, large_change}};
    int64_t (*const *kind)(struct random *) = values[random_below(random, 4)];
    struct plain_law law = {.by_exceeding = random_once_in(random, 2)};

    law.weekly = full_points(random, start, 6, kind[0]);
    law.cap = full_points(random, start, 5, kind[1]);
    if (!random_once_in(random, 3))
        law.adjusted = full_points(random, start, 5, kind[2]);
    if (law.adjusted.count > 0 && random_once_in(random, 2))
        law.adjusted.at[0].value = 0; /* so that the first change is not always on the first day */
    if (law.adjusted.count > 1 && law.adjusted.at[1].value == law.adjusted.at[0].value)
        law.adjusted.at[1].value += POUND * 100;
    if (law.adjusted.count > 2 && law.adjusted.at[2].value == law.adjusted.at[1].value)
        law.adjusted.count = 2;
    if (!random_once_in(random, 3))
        law.scales = full_points(random, start, 5, yes_or_no);
    return law;
}

/* The law, packed. */
struct packed_law {
    struct packed weekly;
    struct packed cap;
    struct packed adjusted;
    struct packed scales;
};

static struct cap_law
pack_law(const struct plain_law *law, struct packed_law *packed)
{
    return (struct cap_law){.weekly = points_pack(&law->weekly, &packed->weekly),
                            .cap = points_pack(&law->cap, &packed->cap),
                            .adjusted = points_pack(&law->adjusted, &packed->adjusted),
                            .scales = points_pack(&law->scales, &packed->scales),
                            .reach_by_exceeding = law->by_exceeding};
}

/* A sink that keeps the lines, and has enough after some. */
struct kept_lines {
    int32_t count;
    int32_t enough; /* lines; 0 for never */
    struct accrual_line lines[LINES_LIMIT];
};

static bool
keep_line(void *context, const struct accrual_line *line)
{
    struct kept_lines *kept = context;

    if (!CHECK(kept->count < LINES_LIMIT))
        return false;
    kept->lines[kept->count++] = *line;
    return kept->count != kept->enough;
}

/* Does the state say what the twin says of a day? */
static void
check_state(const struct twin *twin, day_t on, const struct cap_state *state)
{
    const struct twin_day *day = twin_on(twin, on);

    CHECK_EQUAL_I128(day->close, state->accrued_sevenths);
    CHECK_EQUAL_INT(day->cap, state->cap);
    CHECK_EQUAL_INT(day->reached, state->reached);
    if (day->reached)
        CHECK_EQUAL_INT(day->reached_on, state->reached_on);
}

/* A line of days that were counted or held: each day of it must be so in the twin. */
static void
check_counted(const struct twin *twin, const struct accrual_line *line)
{
    CHECK(line->first_day <= line->last_day && line->last_day <= twin->to_day);
    for (day_t on = line->first_day; on <= line->last_day; on++) {
        const struct twin_day *day = twin_on(twin, on);

        if (!day->was_at_cap)
            CHECK_EQUAL_INT(day->was_held ? LINE_HELD : LINE_METERED, line->kind);
        CHECK_EQUAL_INT(day->weekly, line->weekly);
        CHECK_EQUAL_INT(day->cap, line->cap);
    }
    CHECK_EQUAL_I128(twin_on(twin, line->last_day)->close, line->accrued_sevenths);
}

/*
 * The lines tile the period: those that count or hold follow each other without a gap, and those
 * that scale or adjust stand just before the day they happened on, none missing.  The last day told
 * is returned.
 */
static day_t
check_lines(const struct twin *twin, const struct kept_lines *kept)
{
    day_t next = twin->from_day;
    int32_t changes = 0;

    for (int32_t i = 0; i < kept->count; i++) {
        const struct accrual_line *line = &kept->lines[i];
        const struct twin_day *day = twin_on(twin, next);

        if (!CHECK_EQUAL_INT(next, line->first_day))
            return next - 1;
        if (line->kind == LINE_METERED || line->kind == LINE_HELD) {
            check_counted(twin, line);
            next = line->last_day + 1;
            continue;
        }
        CHECK_EQUAL_INT(next, line->last_day);
        CHECK_EQUAL_INT(day->cap, line->cap);
        CHECK(line->kind == LINE_UPRATING ? day->was_uprated : day->was_adjusted);
        CHECK_EQUAL_I128(line->kind == LINE_UPRATING ? day->scaled : day->adjusted,
                         line->accrued_sevenths);
        changes++;
    }
    for (day_t on = twin->from_day; on < next; on++)
        changes -= twin_on(twin, on)->was_uprated + twin_on(twin, on)->was_adjusted;
    CHECK_EQUAL_INT(0, changes);
    return next - 1;
}

/* A period within the window. */
static struct accrual_walk
random_walk(struct random *random, day_t start, struct kept_lines *kept)
{
    struct accrual_walk walk = {
        .stop_when_reached_after = DAY_LAST, .sink = keep_line, .context = kept};

    kept->count = 0;
    kept->enough = 0;
    walk.from_day = start + random_below(random, WINDOW_DAYS / (random_once_in(random, 2) ? 1 : 8));
    walk.to_day = walk.from_day + random_below(random, start + WINDOW_DAYS - walk.from_day);
    return walk;
}

static void
test_twin(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct plain_law plain = random_law(&random, start);
        struct packed_law packed;
        struct cap_law law = pack_law(&plain, &packed);
        struct kept_lines kept;
        struct accrual_walk walk = random_walk(&random, start, &kept);
        struct twin twin;
        struct cap_state state;
        struct cap_state unseen;
        struct fault fault;

        CHECK(twin_walk(&twin, &plain, walk.from_day, walk.to_day));
        if (!CHECK(accrue(&law, &walk, &state, &fault)))
            continue;
        check_state(&twin, walk.to_day, &state);
        CHECK_EQUAL_INT(walk.to_day, check_lines(&twin, &kept));
        CHECK_EQUAL_INT(state.accrued_sevenths, kept.lines[kept.count - 1].accrued_sevenths);
        /* whether anybody watches makes no difference */
        walk.sink = NULL;
        CHECK(accrue(&law, &walk, &unseen, &fault));
        CHECK_EQUAL_INT(state.accrued_sevenths, unseen.accrued_sevenths);
        CHECK_EQUAL_INT(state.reached, unseen.reached);
    }
}

/* A walk that stops once the cap is reached stops on the day it is, and not before it may. */
static void
test_stop_when_reached(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct plain_law plain = random_law(&random, start);
        struct packed_law packed;
        struct cap_law law = pack_law(&plain, &packed);
        struct kept_lines kept;
        struct accrual_walk walk = random_walk(&random, start, &kept);
        struct twin twin;
        struct cap_state state;
        struct fault fault;
        day_t stop = (day_t)random_between(&random, walk.from_day, walk.to_day);
        day_t end;

        walk.stop_when_reached_after = stop;
        CHECK(twin_walk(&twin, &plain, walk.from_day, walk.to_day));
        if (!CHECK(accrue(&law, &walk, &state, &fault)))
            continue;
        end = check_lines(&twin, &kept);
        check_state(&twin, end, &state);
        if (end < walk.to_day)
            CHECK(state.reached && end >= stop);
        for (day_t on = stop; on < end; on++)
            CHECK(!(twin_on(&twin, on)->reached && twin_on(&twin, on)->reached_on == on));
    }
}

static bool
same_line(const struct accrual_line *left, const struct accrual_line *right)
{
    return left->kind == right->kind && left->first_day == right->first_day &&
           left->last_day == right->last_day && left->weekly == right->weekly &&
           left->cap == right->cap && left->accrued_sevenths == right->accrued_sevenths;
}

/* A sink that has had enough gets no more, and the state is what the last line said. */
static void
test_sink_stops(void)
{
    struct random random;

    while (next_case_in(&random, 4)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct plain_law plain = random_law(&random, start);
        struct packed_law packed;
        struct cap_law law = pack_law(&plain, &packed);
        struct kept_lines all;
        struct kept_lines some = {.count = 0};
        struct accrual_walk walk = random_walk(&random, start, &all);
        struct cap_state state;
        struct fault fault;

        CHECK(accrue(&law, &walk, &state, &fault));
        some.enough = 1 + random_below(&random, all.count);
        walk.context = &some;
        CHECK(accrue(&law, &walk, &state, &fault));
        CHECK_EQUAL_INT(some.enough, some.count);
        for (int32_t i = 0; i < some.count; i++)
            CHECK(same_line(&all.lines[i], &some.lines[i]));
        CHECK_EQUAL_INT(some.lines[some.count - 1].accrued_sevenths, state.accrued_sevenths);
    }
}

/* Spoil a point of a schedule in some way that the law refuses. */
static void
spoil(struct random *random, struct points *points, day_t start)
{
    struct point *point = &points->at[random_below(random, points->count)];

    switch (random_below(random, 4)) {
    case 0:
        points->at[0].day = start + random_below(random, WINDOW_DAYS / 2);
        if (points->count > 1 && points->at[1].day <= points->at[0].day)
            points->at[1].day = points->at[0].day + 1;
        if (points->count > 2 && points->at[2].day <= points->at[1].day)
            points->count = 2;
        break;
    case 1:
        point->value = -POUND * 100 - 100 * random_below(random, 100);
        break;
    case 2:
        point->value = VALUE_NOT_KNOWN;
        break;
    default:
        point->value -= 1;
    }
}

/* The first day that cannot be counted is named, with what is wrong with which argument. */
static void
test_twin_faults(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct plain_law plain = random_law(&random, start);
        struct packed_law packed;
        struct cap_law law;
        struct kept_lines kept;
        struct accrual_walk walk = random_walk(&random, start, &kept);
        struct twin twin;
        struct cap_state state;
        struct fault fault = {.code = FAULT_NONE};

        if (random_once_in(&random, 2))
            spoil(&random, &plain.weekly, start);
        if (random_once_in(&random, 2))
            spoil(&random, &plain.cap, start);
        if (plain.adjusted.count > 0 && random_once_in(&random, 2))
            spoil(&random, &plain.adjusted, start);
        law = pack_law(&plain, &packed);
        twin_walk(&twin, &plain, walk.from_day, walk.to_day);
        CHECK_EQUAL_INT(twin.code == FAULT_NONE, accrue(&law, &walk, &state, &fault));
        if (!CHECK_EQUAL_INT(twin.code, fault.code))
            continue;
        if (twin.code == FAULT_NONE) {
            check_state(&twin, walk.to_day, &state);
        } else {
            CHECK_EQUAL_INT(twin.fault_day, fault.day);
            CHECK_EQUAL_TEXT(twin.what, fault.what);
        }
    }
}

/* A law as an example writes it; "" for a schedule without steps. */
struct example {
    const char *weekly;
    const char *cap;
    const char *adjusted;
    const char *scales;
    bool by_exceeding;
};

static bool
accrue_example(const struct example *example, day_t from_day, day_t to_day, struct cap_state *state,
               struct fault *fault)
{
    struct packed_law packed;
    struct cap_law law = {.reach_by_exceeding = example->by_exceeding};
    struct accrual_walk walk = {
        .from_day = from_day, .to_day = to_day, .stop_when_reached_after = DAY_LAST};

    law.weekly = schedule_of(example->weekly, &packed.weekly);
    law.cap = schedule_of(example->cap, &packed.cap);
    if (example->adjusted != NULL)
        law.adjusted = schedule_of(example->adjusted, &packed.adjusted);
    if (example->scales != NULL)
        law.scales = schedule_of(example->scales, &packed.scales);
    return accrue(&law, &walk, state, fault);
}

/* The state at the close of a day, of an example that has no fault. */
static struct cap_state
state_of(const struct example *example, day_t from_day, day_t to_day)
{
    struct cap_state state = {.accrued_sevenths = -1};
    struct fault fault;

    CHECK(accrue_example(example, from_day, to_day, &state, &fault));
    return state;
}

/* Examples that others have published: care_cap_examples.csv. */
static void
test_published(void)
{
    static const struct {
        const char *weekly;
        const char *cap;
        int32_t days;
    } published[] = {
        {"{\"-infinity\": 500}", "{\"-infinity\": 86000}", 1204}, /* A1: 172 weeks */
        {"{\"-infinity\": 505}", "{\"-infinity\": 86000}", 1193}, /* A4: 170.30 weeks */
        {"{\"-infinity\": 500}", "{\"-infinity\": 72000}", 1008}, /* A12: 144 weeks */
        {"{\"-infinity\": 350}", "{\"-infinity\": 86000}", 1720}, /* A6: the rate is published */
        {"{\"-infinity\": 210}", "{\"-infinity\": 86000}", 2867}, /* A10: likewise */
    };
    day_t from_day = day_of(2023, 10, 1);

    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        struct example example = {.weekly = published[i].weekly, .cap = published[i].cap};
        day_t last_day = from_day + published[i].days - 1;
        struct cap_state state = state_of(&example, from_day, last_day - 1);

        check_about(published[i].weekly);
        CHECK(!state.reached);
        state = state_of(&example, from_day, last_day);
        CHECK(state.reached);
        CHECK_EQUAL_INT(last_day, state.reached_on);
        CHECK_EQUAL_INT(state.cap * 7, state.accrued_sevenths);
        state = state_of(&example, from_day, DAY_LAST);
        CHECK_EQUAL_INT(last_day, state.reached_on);
    }
    /* A1 and A4 were published as three years and four months, rounded up to the month */
    CHECK(from_day + 1193 > day_of(2027, 1, 1) && from_day + 1204 <= day_of(2027, 2, 1));
}

/* To exceed takes a day more than to reach, but only where the cap is met to the penny. */
static void
test_exceed(void)
{
    struct example exact = {
        .weekly = "{\"-infinity\": 500}", .cap = "{\"-infinity\": 86000}", .by_exceeding = true};
    struct example inexact = {
        .weekly = "{\"-infinity\": 505}", .cap = "{\"-infinity\": 86000}", .by_exceeding = true};
    struct cap_state state = state_of(&exact, 0, 1203);

    CHECK(!state.reached);
    CHECK_EQUAL_INT(state.cap * 7, state.accrued_sevenths);
    state = state_of(&exact, 0, 1204);
    CHECK(state.reached);
    CHECK_EQUAL_INT(1204, state.reached_on);
    CHECK_EQUAL_INT(state.cap * 7, state.accrued_sevenths);
    state = state_of(&inexact, 0, 5000);
    CHECK_EQUAL_INT(1192, state.reached_on);
}

/* A cap of nought is reached on the first counted day, unless it must be exceeded by something. */
static void
test_nought_cap(void)
{
    struct example some = {.weekly = "{\"-infinity\": 500}", .cap = "{\"-infinity\": 0}"};
    struct example none = {.weekly = "{\"-infinity\": 0}", .cap = "{\"-infinity\": 0}"};
    struct cap_state state = state_of(&some, 100, 200);

    CHECK(state.reached);
    CHECK_EQUAL_INT(100, state.reached_on);
    CHECK_EQUAL_INT(0, state.accrued_sevenths);
    state = state_of(&none, 100, 200);
    CHECK(state.reached);
    CHECK_EQUAL_INT(100, state.reached_on);
    none.by_exceeding = true;
    CHECK(!state_of(&none, 100, 200).reached);
    some.by_exceeding = true;
    state = state_of(&some, 100, 200);
    CHECK_EQUAL_INT(100, state.reached_on);
    CHECK_EQUAL_INT(0, state.accrued_sevenths);
}

/* Half way to the cap stays half way when it rises; the penny is rounded away from nought. */
static void
test_uprating(void)
{
    /* £43,000 after 602 days; then nothing more */
    struct example example = {.weekly = "{\"2000-01-01\": 500, \"2001-08-25\": 0}",
                              .cap = "{\"-infinity\": 86000, \"2002-04-01\": 90000.01}"};
    day_t before = day_of(2002, 3, 31);
    struct cap_state state = state_of(&example, 0, before);

    CHECK_EQUAL_INT(602, day_of(2001, 8, 25));
    CHECK_EQUAL_I128(4300000, pence_from_sevenths(state.accrued_sevenths));
    state = state_of(&example, 0, before + 1);
    CHECK_EQUAL_INT(INT64_C(4500001) * 700, state.accrued_sevenths); /* £45,000.005 */
    example.scales = "{\"-infinity\": 1, \"2002-04-01\": 0, \"2002-04-02\": 1}";
    state = state_of(&example, 0, before + 100);
    CHECK_EQUAL_INT(INT64_C(4300000) * 700, state.accrued_sevenths);
    CHECK_EQUAL_INT(INT64_C(900000100), state.cap);
    /* past the cap stays past it, and a cap that does not scale may fall below what is accrued */
    example.weekly = "{\"2000-01-01\": 5000}";
    state = state_of(&example, 0, before + 100);
    CHECK(state.reached);
    CHECK_EQUAL_INT(120, state.reached_on);
    CHECK_EQUAL_INT(INT64_C(900000100) * 7, state.accrued_sevenths);
    example.weekly = "{\"2000-01-01\": 500, \"2001-08-25\": 0}";
    example.cap = "{\"-infinity\": 86000, \"2002-04-01\": 42999.99}";
    state = state_of(&example, 0, before + 100);
    CHECK(state.reached);
    CHECK_EQUAL_INT(before + 1, state.reached_on);
    CHECK_EQUAL_INT(INT64_C(429999900) * 7, state.accrued_sevenths);
}

/* Adjustments: never below nought, undoing "reached", and all before the period on its first day.
 */
static void
test_adjustments(void)
{
    struct example example = {.weekly = "{\"-infinity\": 0}",
                              .cap = "{\"-infinity\": 100}",
                              .adjusted = "{\"2000-01-01\": 60, \"2000-01-05\": -20, "
                                          "\"2000-01-06\": 10, \"2000-01-07\": 200, "
                                          "\"2000-01-09\": 190}"};
    static const struct {
        day_t day;
        int64_t pounds;
        bool reached;
    } expected[] = {
        {0, 60, false}, {3, 60, false}, {4, 0, false},  {5, 30, false},
        {6, 100, true}, {7, 100, true}, {8, 90, false},
    };

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct cap_state state = state_of(&example, -3, expected[i].day);

        CHECK_EQUAL_INT(expected[i].pounds * POUND * 7, state.accrued_sevenths);
        CHECK_EQUAL_INT(expected[i].reached, state.reached);
    }
    CHECK_EQUAL_INT(100 * POUND * 7, state_of(&example, 7, 7).accrued_sevenths);
    /* on 2000-01-03 the running total up to then, £60, is all there is */
    CHECK_EQUAL_INT(60 * POUND * 7, state_of(&example, 2, 2).accrued_sevenths);
    /* half a penny, less a whole one, is nothing */
    example.weekly = "{\"-infinity\": 0.035, \"2000-01-02\": 0}";
    example.adjusted = "{\"2000-01-02\": -0.01}";
    CHECK_EQUAL_INT(350, state_of(&example, 0, 0).accrued_sevenths);
    CHECK_EQUAL_INT(0, state_of(&example, 0, 1).accrued_sevenths);
}

struct faulty {
    struct example law;
    day_t from_day;
    day_t to_day;
    enum fault_code code;
    const char *what;
    day_t day;
};

/* Schedules that are good throughout, begin on 11 January, or are good until then. */
#define FINE "{\"-infinity\": 100}"
#define SINCE(value) "{\"2000-01-11\": " value "}"
#define THEN(value) "{\"-infinity\": 1, \"2000-01-11\": " value "}"

static const struct faulty faulty[] = {
    {{.weekly = SINCE("1"), FINE}, 9, 20, FAULT_BEFORE_FIRST_STEP, "weekly rate", 10},
    {{FINE, .cap = SINCE("1")}, 9, 20, FAULT_BEFORE_FIRST_STEP, "cap", 10},
    {{.weekly = THEN("null"), FINE}, 0, 20, FAULT_NOT_KNOWN, "weekly rate", 10},
    {{.weekly = THEN("null"), FINE}, 15, 20, FAULT_NOT_KNOWN, "weekly rate", 15},
    {{FINE, .cap = THEN("null")}, 0, 20, FAULT_NOT_KNOWN, "cap", 10},
    {{FINE, FINE, .adjusted = SINCE("null")}, 0, 20, FAULT_NOT_KNOWN, "adjusted", 10},
    {{FINE, THEN("2"), .scales = SINCE("null")}, 0, 20, FAULT_NOT_KNOWN, "scales", 10},
    {{.weekly = THEN("-0.0001"), FINE}, 0, 20, FAULT_NEGATIVE, "weekly rate", 10},
    {{FINE, .cap = THEN("-1")}, 0, 20, FAULT_NEGATIVE, "cap", 10},
    {{FINE, .cap = THEN("1.001")}, 0, 20, FAULT_NOT_PENCE, "cap", 10},
    {{FINE, FINE, .adjusted = SINCE("-0.0099")}, 0, 20, FAULT_NOT_PENCE, "adjusted", 10},
    {{FINE, .cap = FINE}, 1, 0, FAULT_FROM_AFTER_TO, "period", 1},
    {{FINE, .cap = FINE}, DAY_BEGINNING, 0, FAULT_DAY_OUT_OF_RANGE, "period", 0},
    {{FINE, .cap = FINE}, DAY_FIRST - 1, 0, FAULT_DAY_OUT_OF_RANGE, "period", 0},
    {{FINE, .cap = FINE}, 0, DAY_LAST + 1, FAULT_DAY_OUT_OF_RANGE, "period", 0},
    {{FINE, .cap = FINE}, 0, INT32_MAX, FAULT_DAY_OUT_OF_RANGE, "period", 0},
};

/* Each argument wrong in each way there is, on a day in the middle; and each wrong period. */
static void
test_faults(void)
{
    for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
        const struct faulty *case_of = &faulty[i];
        struct cap_state state;
        struct fault fault = {.code = FAULT_NONE};

        check_about(case_of->what);
        CHECK(!accrue_example(&case_of->law, case_of->from_day, case_of->to_day, &state, &fault));
        CHECK_EQUAL_INT(case_of->code, fault.code);
        CHECK_EQUAL_INT(case_of->day, fault.day);
        CHECK_EQUAL_TEXT(case_of->what, fault.what);
    }
}

/* What does not happen in the period does no harm: faults are about days that are asked for. */
static void
test_faults_elsewhere(void)
{
    struct example example = {
        .weekly = "{\"2000-01-11\": 7, \"2000-01-21\": null}",
        .cap = "{\"-infinity\": 1.001, \"2000-01-11\": 1000, \"2000-01-21\": -1}",
        .adjusted = "{\"-infinity\": null, \"2000-01-11\": 0, \"2000-01-21\": 0.001}"};
    struct cap_state state = state_of(&example, 10, 19);
    struct fault fault = {.code = FAULT_NONE};

    CHECK_EQUAL_INT(10 * POUND * 7, state.accrued_sevenths);
    CHECK(!accrue_example(&example, 10, 20, &state, &fault));
    CHECK_EQUAL_INT(20, fault.day);
    CHECK(!accrue_example(&example, 9, 19, &state, &fault));
    CHECK_EQUAL_INT(10, fault.day);
}

/* The sum of a weekly amount over days, in sevenths, without any cleverness. */
static i128
direct_sum(const struct points *points, day_t from_day, day_t to_day)
{
    i128 sum = 0;

    for (day_t day = from_day; day <= to_day; day++) {
        int64_t value = 0;

        CHECK(points_value(points, day, &value));
        sum += value;
    }
    return sum;
}

/* accrued_pence of a period that has no fault. */
static int64_t
pence_of(struct schedule weekly, day_t from_day, day_t to_day)
{
    int64_t pence = -1;
    struct fault fault;

    CHECK(accrued_pence(weekly, from_day, to_day, &pence, &fault));
    return pence;
}

/*
 * Exact inside and rounded once: a period is its parts in sevenths, and to the penny in pence.  And
 * monotone: a day more, or a rate that is nowhere less, never takes away.
 */
static void
test_sums(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t start = random_window(&random, WINDOW_DAYS + 1);
        struct points points = full_points(&random, start, 10, fine_weekly);
        struct points more = points;
        struct packed packed;
        struct packed more_packed;
        struct schedule weekly = points_pack(&points, &packed);
        struct kept_lines unused;
        struct accrual_walk walk = random_walk(&random, start, &unused);
        day_t middle = (day_t)random_between(&random, walk.from_day, walk.to_day);
        i128 first = direct_sum(&points, walk.from_day, middle);
        i128 second = direct_sum(&points, middle + 1, walk.to_day);
        int64_t whole = pence_of(weekly, walk.from_day, walk.to_day);
        int64_t parts = pence_of(weekly, walk.from_day, middle);

        CHECK_EQUAL_I128(nearest_penny(first + second, 1) / 700, whole);
        CHECK_EQUAL_I128(nearest_penny(first, 1) / 700, parts);
        CHECK(parts <= whole);
        if (middle < walk.to_day)
            parts += pence_of(weekly, middle + 1, walk.to_day);
        CHECK(parts - whole <= 1 && whole - parts <= 1);
        CHECK(pence_of(weekly, walk.from_day, walk.to_day + 1) >= whole);
        more.at[random_below(&random, more.count)].value += random_between(&random, 1, 9) * POUND;
        CHECK(pence_of(points_pack(&more, &more_packed), walk.from_day, walk.to_day) >= whole);
    }
}

/* The sum up to a cap that is never met is the sum, exactly. */
static void
test_sum_is_accrual_below_cap(void)
{
    struct random random;

    while (next_case_in(&random, 4)) {
        day_t start = random_window(&random, WINDOW_DAYS);
        struct points points = full_points(&random, start, 10, fine_weekly);
        struct packed packed;
        struct packed cap_packed;
        struct cap_law law = {.weekly = points_pack(&points, &packed),
                              .cap = schedule_of("{\"-infinity\": 9999999999.99}", &cap_packed)};
        struct kept_lines kept;
        struct accrual_walk walk = random_walk(&random, start, &kept);
        struct cap_state state;
        struct fault fault;

        CHECK(accrue(&law, &walk, &state, &fault));
        CHECK_EQUAL_I128(direct_sum(&points, walk.from_day, walk.to_day), state.accrued_sevenths);
        CHECK_EQUAL_I128(pence_of(law.weekly, walk.from_day, walk.to_day),
                         pence_from_sevenths(state.accrued_sevenths));
    }
}

/* Both sides of the limit of money, and of the calendar. */
static void
test_sum_limits(void)
{
    static const struct {
        const char *weekly;
        int32_t days;
        int64_t pence; /* -1 if it is out of range */
    } sums[] = {
        {"{\"-infinity\": 9999999999.99}", 7, PENCE_LIMIT},
        {"{\"-infinity\": 9999999999.9949}", 7, PENCE_LIMIT},
        {"{\"-infinity\": 9999999999.995}", 7, -1},
        {"{\"-infinity\": 9999999999.9999}", 7, -1},
        {"{\"-infinity\": 9999999999.9999}", 6, INT64_C(857142857143)},
        {"{\"-infinity\": 9999999999.9999}", 8, -1},
        {"{\"-infinity\": 0}", ALL_DAYS, 0},
        {"{\"-infinity\": 0.0001}", ALL_DAYS, 5217},
        {"{\"-infinity\": 9999999999.9999}", ALL_DAYS, -1},
        {"{\"-infinity\": 0.035}", 1, 1},
        {"{\"-infinity\": 0.0349}", 1, 0},
    };

    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        day_t to_day = DAY_FIRST + sums[i].days - 1;
        struct packed packed;
        int64_t pence = 0;
        struct fault fault = {.code = FAULT_NONE};
        bool good =
            accrued_pence(schedule_of(sums[i].weekly, &packed), DAY_FIRST, to_day, &pence, &fault);

        check_about(sums[i].weekly);
        CHECK_EQUAL_INT(sums[i].pence >= 0, good);
        if (good) {
            CHECK_EQUAL_INT(sums[i].pence, pence);
        } else {
            CHECK_EQUAL_INT(FAULT_OUT_OF_RANGE, fault.code);
            CHECK_EQUAL_INT(to_day, fault.day);
        }
    }
}

static void
test_sum_faults(void)
{
    static const char weekly[] = "{\"2000-01-01\": 1, \"2000-01-11\": null, \"2000-01-12\": 2, "
                                 "\"2000-01-21\": -1, \"2000-01-22\": 3}";
    static const struct {
        day_t from_day;
        day_t to_day;
        enum fault_code code;
        day_t day;
    } faulty[] = {
        {-1, 5, FAULT_BEFORE_FIRST_STEP, 0},
        {0, 10, FAULT_NOT_KNOWN, 10},
        {10, 10, FAULT_NOT_KNOWN, 10},
        {11, 20, FAULT_NEGATIVE, 20},
        {9, 8, FAULT_FROM_AFTER_TO, 9},
        {DAY_FIRST - 1, 8, FAULT_DAY_OUT_OF_RANGE, 0},
        {DAY_BEGINNING, 8, FAULT_DAY_OUT_OF_RANGE, 0},
        {8, DAY_LAST + 1, FAULT_DAY_OUT_OF_RANGE, 0},
        {0, 9, FAULT_NONE, 0},
        {11, 19, FAULT_NONE, 0},
        {21, DAY_LAST, FAULT_NONE, 0},
        {DAY_LAST, DAY_LAST, FAULT_NONE, 0},
    };

    for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
        struct packed packed;
        int64_t pence;
        struct fault fault = {.code = FAULT_NONE};
        bool good = accrued_pence(schedule_of(weekly, &packed), faulty[i].from_day,
                                  faulty[i].to_day, &pence, &fault);

        CHECK_EQUAL_INT(faulty[i].code == FAULT_NONE, good);
        CHECK_EQUAL_INT(faulty[i].code, fault.code);
        if (!good)
            CHECK_EQUAL_INT(faulty[i].day, fault.day);
    }
}

/* The uprating of an amount by itself is the one that the walk makes. */
static void
test_uprated_pence(void)
{
    struct random random;
    int64_t pence = -1;

    CHECK(uprated_pence(4300000, 8600000, 9000001, &pence));
    CHECK_EQUAL_INT(4500001, pence);
    CHECK(uprated_pence(4300000, 8600000, 8999999, &pence));
    CHECK_EQUAL_INT(4500000, pence); /* £44,999.995 */
    CHECK(uprated_pence(8600000, 8600000, 0, &pence));
    CHECK_EQUAL_INT(0, pence);
    CHECK(uprated_pence(0, 0, 8600000, &pence));
    CHECK_EQUAL_INT(0, pence);
    CHECK(uprated_pence(PENCE_LIMIT, PENCE_LIMIT, PENCE_LIMIT, &pence));
    CHECK_EQUAL_INT(PENCE_LIMIT, pence);
    CHECK(!uprated_pence(8600001, 8600000, 9000000, &pence));
    CHECK(!uprated_pence(1, 0, 9000000, &pence));
    while (next_case(&random)) {
        int64_t old_cap = random_between(&random, 1, random_once_in(&random, 2) ? 30 : PENCE_LIMIT);
        int64_t new_cap = random_between(&random, 0, random_once_in(&random, 2) ? 30 : PENCE_LIMIT);
        int64_t accrued = random_between(&random, 0, old_cap);

        CHECK(uprated_pence(accrued, old_cap, new_cap, &pence));
        CHECK_EQUAL_I128(nearest_penny((i128)accrued * new_cap * 700, old_cap) / 700, pence);
        CHECK(pence <= new_cap);
    }
}

/* No step after the first matters, however far: a walk over all of time at the largest values. */
static void
test_all_of_time(void)
{
    struct example example = {.weekly = "{\"-infinity\": 0.0001, \"5000-01-01\": 9999999999.9999}",
                              .cap = "{\"-infinity\": 9999999999.99}"};
    struct cap_state state = state_of(&example, DAY_FIRST, DAY_LAST);

    CHECK(state.reached);
    /* the seventh day lacks 0.0099 of a week's amount, which the years before have brought */
    CHECK_EQUAL_INT(day_of(5000, 1, 7), state.reached_on);
    example.weekly = "{\"-infinity\": 0.0001}";
    state = state_of(&example, DAY_FIRST, DAY_LAST);
    CHECK(!state.reached);
    CHECK_EQUAL_INT(ALL_DAYS, state.accrued_sevenths);
}

const struct test accrual_tests[] = {
    {"accrual: the law against day by day", test_twin},
    {"accrual: stopping when the cap is reached", test_stop_when_reached},
    {"accrual: stopping when the sink has had enough", test_sink_stops},
    {"accrual: random faults against day by day", test_twin_faults},
    {"accrual: published examples", test_published},
    {"accrual: reached and exceeded", test_exceed},
    {"accrual: a cap of nought", test_nought_cap},
    {"accrual: changes of the cap", test_uprating},
    {"accrual: adjustments", test_adjustments},
    {"accrual: faults of the law", test_faults},
    {"accrual: faults outside the period", test_faults_elsewhere},
    {"accrual: sums add up and only grow", test_sums},
    {"accrual: a sum is an accrual below the cap", test_sum_is_accrual_below_cap},
    {"accrual: limits of a sum", test_sum_limits},
    {"accrual: faults of a sum", test_sum_faults},
    {"accrual: uprating an amount", test_uprated_pence},
    {"accrual: all of time", test_all_of_time},
    {NULL, NULL},
};
