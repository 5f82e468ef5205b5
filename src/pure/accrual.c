/*
 * accrual.c: the sum integral, and the law of the care account.
 *
 * The walk goes from change to change, never from day to day: between two changes of the rate, the
 * cap or the adjustments the accrued amount is a straight line, so the day it meets the cap is one
 * division.
 *
 * Bounds.  A value is below 10^14 units, so the cap is below 7 * 10^14 sevenths.  An accrued amount
 * that is carried on is never above the cap; one day adds less than 10^14 and a change of
 * adjustments less than 14 * 10^14: 64 bits are enough.  Whole runs of days and the product of a
 * scaling are worked out in 128 bits.
 *
 * Must not know: where a schedule came from, PostgreSQL.
 */
#include "accrual.h"
#include "promise.h"

/* The value a cursor has reached must be known, and not negative. */
static bool
check_value(const struct schedule_cursor *cursor, day_t day, const char *what, struct fault *fault)
{
    if (cursor->next == 0)
        return fault_at(fault, FAULT_BEFORE_FIRST_STEP, what, cursor->next_day);
    if (cursor->value == VALUE_NOT_KNOWN)
        return fault_at(fault, FAULT_NOT_KNOWN, what, day);
    if (cursor->value < 0)
        return fault_at(fault, FAULT_NEGATIVE, what, day);
    return true;
}

static bool
check_period(day_t from_day, day_t to_day, struct fault *fault)
{
    if (!day_is_valid(from_day) || !day_is_valid(to_day))
        return fault_at(fault, FAULT_DAY_OUT_OF_RANGE, "period", 0);
    if (from_day > to_day)
        return fault_at(fault, FAULT_FROM_AFTER_TO, "period", from_day);
    return true;
}

static day_t
earlier(day_t left, day_t right)
{
    return left < right ? left : right;
}

/*
 * Care costs from from_day to to_day, both counted, in pence, with no cap; rounded once.
 * doc/calculations section 1.
 */
bool
accrued_pence(struct schedule weekly, day_t from_day, day_t to_day, int64_t *pence,
              struct fault *fault)
{
    struct schedule_cursor cursor = cursor_at_start(weekly);
    i128 sevenths = 0;
    i128 rounded;

    if (!check_period(from_day, to_day, fault))
        return false;
    for (day_t day = from_day; day <= to_day;) {
        day_t last_day;

        cursor_move(&cursor, day);
        if (!check_value(&cursor, day, "weekly amount", fault))
            return false;
        last_day = earlier(cursor.next_day - 1, to_day);
        sevenths += (i128)cursor.value * (last_day - day + 1);
        day = last_day + 1;
    }
    rounded = pence_from_sevenths(sevenths);
    if (rounded > PENCE_LIMIT)
        return fault_at(fault, FAULT_OUT_OF_RANGE, "accrued amount", to_day);
    *pence = (int64_t)rounded;
    return true;
}

/* Everything that moves during a walk. */
struct meter {
    struct schedule_cursor weekly;
    struct schedule_cursor cap;
    struct schedule_cursor adjusted;
    struct schedule_cursor scales;
    struct cap_state state;
    int64_t adjusted_before; /* running total of adjustments up to the day before */
};

/*
 * Read every schedule at the start of a day.  What a step says is checked when it is reached: until
 * the next one it stays as good as it was.
 */
static bool
read_day(struct meter *meter, const struct accrual_walk *walk, day_t day, struct fault *fault)
{
    bool cap_moves = meter->cap.next == 0 || meter->cap.next_day <= day;

    if (meter->weekly.next == 0 || meter->weekly.next_day <= day) {
        cursor_move(&meter->weekly, day);
        if (!check_value(&meter->weekly, day, "weekly rate", fault))
            return false;
    }
    if (cap_moves) {
        cursor_move(&meter->cap, day);
        if (!check_value(&meter->cap, day, "cap", fault))
            return false;
        if (meter->cap.value % UNITS_PER_PENNY != 0)
            return fault_at(fault, FAULT_NOT_PENCE, "cap", day);
    }
    if (meter->adjusted.next_day <= day) {
        cursor_move(&meter->adjusted, day);
        if (meter->adjusted.value == VALUE_NOT_KNOWN)
            return fault_at(fault, FAULT_NOT_KNOWN, "adjusted", day);
        if (meter->adjusted.value % UNITS_PER_PENNY != 0)
            return fault_at(fault, FAULT_NOT_PENCE, "adjusted", day);
    }
    cursor_move(&meter->scales, day);
    if (cap_moves && day > walk->from_day && meter->cap.value != meter->state.cap &&
        meter->scales.next > 0 && meter->scales.value == VALUE_NOT_KNOWN)
        return fault_at(fault, FAULT_NOT_KNOWN, "scales", day);
    return true;
}

/* Tell the sink; false when it has had enough. */
static bool
show_line(const struct accrual_walk *walk, const struct meter *meter, enum accrual_line_kind kind,
          day_t first_day, day_t last_day)
{
    struct accrual_line line = {
        .kind = kind,
        .first_day = first_day,
        .last_day = last_day,
        .weekly = meter->weekly.value,
        .cap = meter->cap.value,
        .accrued_sevenths = meter->state.accrued_sevenths,
    };

    return walk->sink == NULL || walk->sink(walk->context, &line);
}

/*
 * Accrued costs after a change of the cap that scales them, rounded to the penny:
 * doc/calculations section 2, step 1.  A cap that rises from nought cannot be scaled to: whoever
 * was under it had accrued nothing.
 */
static int64_t
scaled_sevenths(int64_t accrued_sevenths, int64_t old_cap, int64_t new_cap)
{
    if (old_cap == 0)
        return 0;
    /* below 2^50 * 2^47: far inside 128 bits */
    return (int64_t)divide_half_away((i128)accrued_sevenths * new_cap,
                                     (i128)old_cap * SEVENTHS_PER_PENNY) *
           SEVENTHS_PER_PENNY;
}

/*
 * Open a day on which the cap changes: doc/calculations section 2, step 1.  A person at the cap
 * stays at the cap whatever it becomes.
 */
static bool
change_cap(struct meter *meter, const struct accrual_walk *walk, day_t day)
{
    struct cap_state *state = &meter->state;
    int64_t old_cap = state->cap;
    int64_t old_sevenths = state->accrued_sevenths;

    state->cap = meter->cap.value;
    if (day == walk->from_day || old_cap == state->cap)
        return true;
    if (state->reached)
        state->accrued_sevenths = state->cap * SEVENTHS_PER_UNIT;
    else if (meter->scales.next == 0 || meter->scales.value != 0)
        state->accrued_sevenths = scaled_sevenths(old_sevenths, old_cap, state->cap);
    if (state->accrued_sevenths == old_sevenths)
        return true;
    return show_line(walk, meter, LINE_UPRATING, day, day);
}

/*
 * Add the manual adjustments that take effect on a day: doc/calculations section 2, step 2.  The
 * accrued amount is never below nought.  One that takes away undoes "reached"; one that adds to an
 * account at its cap leaves it there.
 */
static bool
adjust(struct meter *meter, const struct accrual_walk *walk, day_t day)
{
    struct cap_state *state = &meter->state;
    int64_t total = meter->adjusted.next > 0 ? meter->adjusted.value : 0;
    int64_t change = total - meter->adjusted_before;

    meter->adjusted_before = total;
    if (change == 0 || (change > 0 && state->reached))
        return true;
    state->accrued_sevenths += change * SEVENTHS_PER_UNIT;
    if (state->accrued_sevenths < 0)
        state->accrued_sevenths = 0;
    /* one that takes nothing from a cap of nought leaves it reached */
    if (state->accrued_sevenths < state->cap * SEVENTHS_PER_UNIT)
        state->reached = false;
    return show_line(walk, meter, LINE_ADJUSTMENT, day, day);
}

/*
 * Days of counting, 1 to days, until the cap is reached; 0 if it is not within them:
 * doc/calculations section 2, steps 3 and 4.
 */
static int32_t
days_to_cap(const struct cap_state *state, int64_t weekly, int32_t days, bool by_exceeding)
{
    int64_t missing = state->cap * SEVENTHS_PER_UNIT - state->accrued_sevenths;

    if (by_exceeding)
        missing++; /* sevenths are the finest amounts there are */
    if (missing <= 0)
        return 1;
    /* mostly it is not, and one product tells; in 128 bits it is exact */
    if ((i128)weekly * days < missing)
        return 0;
    return (int32_t)divide_up(missing, weekly);
}

/* Count the days from first_day to last_day, through which nothing changes. */
static bool
count_days(struct meter *meter, const struct cap_law *law, const struct accrual_walk *walk,
           day_t first_day, day_t last_day)
{
    struct cap_state *state = &meter->state;
    int32_t days = last_day - first_day + 1;
    bool at_cap_already = state->accrued_sevenths >= state->cap * SEVENTHS_PER_UNIT;
    int32_t reached_after;

    if (state->reached)
        return show_line(walk, meter, LINE_HELD, first_day, last_day);
    reached_after = days_to_cap(state, meter->weekly.value, days, law->reach_by_exceeding);
    if (reached_after == 0) {
        /* not above the cap, so far inside 64 bits */
        state->accrued_sevenths += (int64_t)((i128)meter->weekly.value * days);
        return show_line(walk, meter, LINE_METERED, first_day, last_day);
    }
    state->reached = true;
    state->reached_on = first_day + reached_after - 1;
    state->accrued_sevenths = state->cap * SEVENTHS_PER_UNIT;
    /* an adjustment or a lower cap may have carried it past the cap before the day was counted */
    if (!show_line(walk, meter, at_cap_already ? LINE_HELD : LINE_METERED, first_day,
                   state->reached_on))
        return false;
    if (state->reached_on >= walk->stop_when_reached_after || state->reached_on == last_day)
        return true;
    return show_line(walk, meter, LINE_HELD, state->reached_on + 1, last_day);
}

/*
 * Carry an account from the start of from_day, with nothing accrued, to the close of to_day:
 * doc/calculations section 2, steps 1 to 4, day by day.  Adjustments dated before from_day take
 * effect on it.  Walking stops early where the walk says so or its sink has had enough.
 */
bool
accrue(const struct cap_law *law, const struct accrual_walk *walk, struct cap_state *state,
       struct fault *fault)
{
    struct meter meter = {
        .weekly = cursor_at_start(law->weekly),
        .cap = cursor_at_start(law->cap),
        .adjusted = cursor_at_start(law->adjusted),
        .scales = cursor_at_start(law->scales),
    };
    struct schedule_cursor breaks = cursor_at_start(walk->breaks);

    if (!check_period(walk->from_day, walk->to_day, fault))
        return false;
    for (day_t day = walk->from_day; day <= walk->to_day;) {
        day_t last_day = walk->to_day;

        if (!read_day(&meter, walk, day, fault))
            return false;
        cursor_move(&breaks, day);
        last_day = earlier(last_day, breaks.next_day - 1);
        last_day = earlier(last_day, meter.weekly.next_day - 1);
        last_day = earlier(last_day, meter.cap.next_day - 1);
        last_day = earlier(last_day, meter.adjusted.next_day - 1);
        if (!change_cap(&meter, walk, day) || !adjust(&meter, walk, day) ||
            !count_days(&meter, law, walk, day, last_day))
            break;
        PROMISE(meter.state.accrued_sevenths <= meter.state.cap * SEVENTHS_PER_UNIT);
        if (meter.state.reached && last_day >= walk->stop_when_reached_after)
            break;
        day = last_day + 1;
    }
    *state = meter.state;
    return true;
}

/*
 * An accrued amount after its cap changes, all in pence: doc/calculations section 2, step 1.
 * False when it is above the old cap, or the old cap is nought and it is not.
 */
bool
uprated_pence(int64_t accrued, int64_t old_cap, int64_t new_cap, int64_t *pence)
{
    if (accrued > old_cap)
        return false;
    *pence = old_cap == 0 ? 0 : (int64_t)divide_half_away((i128)accrued * new_cap, old_cap);
    return true;
}
