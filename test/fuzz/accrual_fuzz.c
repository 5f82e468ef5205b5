/*
 * accrual_fuzz.c: the sum integral and the law of the cap, over any schedules and any days.
 *
 * What must hold of every walk: its lines follow each other from the first day to the last and each
 * follows from the one before; breaks change no figure; a walk that stops earlier is the beginning
 * of one that goes on; the day the cap was reached is the first on which it was; whoever counts
 * more a week is never behind.
 */
#include "accrual.h"
#include "fuzz.h"

/* Weekly amounts: mostly what budgets are, now and then the most there can be, or a fault. */
static int64_t
take_weekly(struct input *input)
{
    uint8_t kind = take_byte(input);
    int64_t value = (int64_t)take_number(input, 3);

    if (kind < 128)
        return value;
    if (kind < 160)
        return 0;
    if (kind < 248)
        return value * UNITS_PER_PENNY;
    if (kind < 252)
        return SCHEDULE_VALUE_LIMIT - value;
    return kind < 254 ? VALUE_NOT_KNOWN : -value;
}

static int64_t
take_cap(struct input *input)
{
    uint8_t kind = take_byte(input);
    int64_t value = (int64_t)take_number(input, 3) * UNITS_PER_PENNY;

    if (kind < 200)
        return value;
    if (kind < 220)
        return 0;
    if (kind < 250)
        return PENCE_LIMIT * UNITS_PER_PENNY - value;
    return kind < 252 ? VALUE_NOT_KNOWN : value - 1;
}

/* A running total of adjustments. */
static int64_t
take_adjusted(struct input *input)
{
    int64_t value = take_cap(input);

    return value != VALUE_NOT_KNOWN && take_byte(input) < 128 ? -value : value;
}

static int64_t
take_scales(struct input *input)
{
    uint8_t kind = take_byte(input);

    return kind == 255 ? VALUE_NOT_KNOWN : kind % 2 * UNITS_PER_POUND;
}

/* Reads the lines of a walk as they come. */
struct reader {
    const struct cap_law *law;
    day_t next_day; /* that no line has counted yet */
    int64_t accrued_sevenths;
    day_t split; /* a day to look at */
    int64_t accrued_at_split;
};

/* What a line of counted days says follows from the line before it. */
static void
require_counted(const struct reader *reader, const struct accrual_line *line)
{
    int64_t cap_sevenths = line->cap * SEVENTHS_PER_UNIT;
    i128 counted =
        reader->accrued_sevenths + (i128)line->weekly * (line->last_day - line->first_day + 1);

    REQUIRE(line->first_day == reader->next_day && line->last_day >= line->first_day);
    REQUIRE(line->weekly == schedule_value(reader->law->weekly,
                                           schedule_find(reader->law->weekly, line->first_day)));
    REQUIRE(schedule_find(reader->law->weekly, line->first_day) ==
            schedule_find(reader->law->weekly, line->last_day));
    if (line->kind == LINE_HELD)
        REQUIRE(line->accrued_sevenths == cap_sevenths);
    else
        REQUIRE(line->accrued_sevenths == (counted < cap_sevenths ? counted : cap_sevenths));
}

static bool
read_line(void *context, const struct accrual_line *line)
{
    struct reader *reader = context;

    REQUIRE(line->cap ==
            schedule_value(reader->law->cap, schedule_find(reader->law->cap, line->first_day)));
    REQUIRE(line->accrued_sevenths >= 0);
    if (line->kind == LINE_METERED || line->kind == LINE_HELD) {
        require_counted(reader, line);
        reader->next_day = line->last_day + 1;
    } else {
        REQUIRE(line->first_day == reader->next_day && line->last_day == reader->next_day);
    }
    reader->accrued_sevenths = line->accrued_sevenths;
    if (line->last_day == reader->split)
        reader->accrued_at_split = line->accrued_sevenths;
    return true;
}

/* Where the account stands at the close of a day. */
static struct cap_state
state_at(const struct cap_law *law, day_t from_day, day_t to_day)
{
    struct accrual_walk walk = {
        .from_day = from_day, .to_day = to_day, .stop_when_reached_after = DAY_LAST};
    struct cap_state state;
    struct fault fault;

    REQUIRE(accrue(law, &walk, &state, &fault));
    return state;
}

static void
require_same(const struct cap_state *left, const struct cap_state *right)
{
    REQUIRE(left->accrued_sevenths == right->accrued_sevenths && left->cap == right->cap);
    REQUIRE(left->reached == right->reached);
    REQUIRE(!left->reached || left->reached_on == right->reached_on);
}

/* Lines, broken after the split and anywhere else, against walks without them. */
static void
require_lines(const struct cap_law *law, day_t from_day, day_t split, day_t to_day)
{
    struct packed packed;
    struct schedule_writer writer = packed_writer(&packed);
    struct reader reader = {.law = law, .next_day = from_day, .split = split};
    struct accrual_walk walk = {.from_day = from_day,
                                .to_day = to_day,
                                .stop_when_reached_after = DAY_LAST,
                                .sink = read_line,
                                .context = &reader};
    struct cap_state whole = state_at(law, from_day, to_day);
    struct cap_state part = state_at(law, from_day, split);
    struct cap_state broken;
    struct fault fault;

    if (split < to_day)
        REQUIRE(schedule_append(&writer, split + 1, 0, &fault));
    walk.breaks = schedule_written(&writer);
    REQUIRE(accrue(law, &walk, &broken, &fault));
    REQUIRE(reader.next_day == to_day + 1);
    REQUIRE(reader.accrued_sevenths == broken.accrued_sevenths);
    REQUIRE(reader.accrued_at_split == part.accrued_sevenths);
    require_same(&whole, &broken);
}

static void
require_not_reached(const struct cap_law *law, const struct cap_state *state)
{
    int64_t missing = state->cap * SEVENTHS_PER_UNIT - state->accrued_sevenths;

    REQUIRE(!state->reached && (law->reach_by_exceeding ? missing >= 0 : missing > 0));
}

/* Where nothing but counting could do it, what the day counts is what reaches the cap. */
static void
require_reached_by_counting(const struct cap_law *law, const struct cap_state *before, day_t day)
{
    int64_t weekly = schedule_value(law->weekly, schedule_find(law->weekly, day));
    int64_t cap = schedule_value(law->cap, schedule_find(law->cap, day));
    int64_t missing = cap * SEVENTHS_PER_UNIT - before->accrued_sevenths;

    if (law->adjusted.count == 0 && cap == before->cap)
        REQUIRE(law->reach_by_exceeding ? weekly > missing : weekly >= missing);
}

/* A walk that stops when the cap is reached stops on the first such day. */
static void
require_first_reached(const struct cap_law *law, day_t from_day, day_t to_day)
{
    struct accrual_walk walk = {
        .from_day = from_day, .to_day = to_day, .stop_when_reached_after = from_day};
    struct cap_state stopped;
    struct cap_state again;
    struct fault fault;

    REQUIRE(accrue(law, &walk, &stopped, &fault));
    if (!stopped.reached) {
        again = state_at(law, from_day, to_day);
        require_same(&stopped, &again);
        require_not_reached(law, &again);
        return;
    }
    REQUIRE(stopped.reached_on >= from_day && stopped.reached_on <= to_day);
    again = state_at(law, from_day, stopped.reached_on);
    require_same(&stopped, &again);
    if (stopped.reached_on > from_day) {
        again = state_at(law, from_day, stopped.reached_on - 1);
        require_not_reached(law, &again);
        require_reached_by_counting(law, &again, stopped.reached_on);
    }
}

/*
 * Whoever counts more a week has accrued no less, and reached the cap no later.  Not so if a cap
 * falls without scaling on the day of an adjustment that takes away: it takes from the new cap of
 * those who had reached the old one, and from the whole of what the others had.
 */
static void
require_monotone(const struct cap_law *law, int64_t more, day_t from_day, day_t to_day)
{
    struct cap_law higher = *law;
    struct packed packed;
    struct packed packed_step;
    struct schedule_writer step = packed_writer(&packed_step);
    struct schedule_writer writer = packed_writer(&packed);
    struct cap_state low = state_at(law, from_day, to_day);
    struct cap_state high;
    struct fault fault;

    REQUIRE(schedule_append(&step, DAY_BEGINNING, more, &fault));
    if (!schedule_combine(SCHEDULE_ADD, law->weekly, schedule_written(&step), &writer, &fault)) {
        REQUIRE(fault.code == FAULT_OUT_OF_RANGE);
        return;
    }
    higher.weekly = schedule_written(&writer);
    high = state_at(&higher, from_day, to_day);
    REQUIRE(high.accrued_sevenths >= low.accrued_sevenths);
    if (low.reached)
        REQUIRE(high.reached && high.reached_on <= low.reached_on);
}

/* The sum without a cap: its parts make the whole, but for what each was rounded by. */
static void
require_sum(struct schedule weekly, day_t from_day, day_t split, day_t to_day)
{
    int64_t whole;
    int64_t first;
    int64_t rest = 0;
    struct fault fault = {.code = FAULT_NONE};

    if (!accrued_pence(weekly, from_day, to_day, &whole, &fault)) {
        REQUIRE(fault.code == FAULT_BEFORE_FIRST_STEP || fault.code == FAULT_NOT_KNOWN ||
                fault.code == FAULT_NEGATIVE || fault.code == FAULT_OUT_OF_RANGE);
        return;
    }
    REQUIRE(accrued_pence(weekly, from_day, split, &first, &fault));
    REQUIRE(split == to_day || accrued_pence(weekly, split + 1, to_day, &rest, &fault));
    REQUIRE(whole >= first && whole >= rest);
    REQUIRE(first + rest - whole <= 1 && whole - first - rest <= 1);
}

static void
require_uprated(struct input *input)
{
    int64_t accrued = (int64_t)take_number(input, 5);
    int64_t old_cap = (int64_t)take_number(input, 5);
    int64_t new_cap = (int64_t)take_number(input, 5);
    int64_t pence;

    if (!uprated_pence(accrued, old_cap, new_cap, &pence)) {
        REQUIRE(accrued > old_cap);
        return;
    }
    REQUIRE(pence >= 0 && pence <= new_cap);
    REQUIRE(old_cap == 0 || (accrued == old_cap) <= (pence == new_cap));
    REQUIRE(old_cap != new_cap || pence == accrued);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {.at = bytes, .left = length};
    uint8_t shape = take_byte(&input);
    day_t from_day = take_day(&input);
    int32_t days = (int32_t)take_number(&input, 2);
    day_t to_day = days <= DAY_LAST - from_day ? from_day + days : DAY_LAST;
    day_t split = from_day + (day_t)(take_number(&input, 2) % (uint64_t)(to_day - from_day + 1));
    int64_t more = (int64_t)take_number(&input, 2);
    struct packed packed[4];
    struct cap_law law = {.weekly = take_schedule(&input, from_day, take_weekly, &packed[0]),
                          .cap = take_schedule(&input, from_day, take_cap, &packed[1]),
                          .reach_by_exceeding = shape % 2 == 1};
    struct accrual_walk walk = {
        .from_day = from_day, .to_day = to_day, .stop_when_reached_after = DAY_LAST};
    struct cap_state state;
    struct fault fault = {.code = FAULT_NONE};

    if (shape & 2)
        law.adjusted = take_schedule(&input, from_day, take_adjusted, &packed[2]);
    if (shape & 4)
        law.scales = take_schedule(&input, from_day, take_scales, &packed[3]);
    require_sum(law.weekly, from_day, split, to_day);
    require_uprated(&input);
    if (!accrue(&law, &walk, &state, &fault)) {
        REQUIRE(fault.code == FAULT_BEFORE_FIRST_STEP || fault.code == FAULT_NOT_KNOWN ||
                fault.code == FAULT_NEGATIVE || fault.code == FAULT_NOT_PENCE);
        return 0;
    }
    REQUIRE(state.accrued_sevenths >= 0 && state.accrued_sevenths <= state.cap * SEVENTHS_PER_UNIT);
    require_lines(&law, from_day, split, to_day);
    require_first_reached(&law, from_day, to_day);
    if (law.adjusted.count == 0 || law.scales.count == 0)
        require_monotone(&law, more, from_day, to_day);
    return 0;
}
