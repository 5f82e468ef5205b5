/*
 * binary_fuzz.c: any bytes as the binary form of a schedule.
 *
 * Bytes as they come are seldom a schedule, so half of the inputs are the form of one with a few
 * bytes changed.  Only what would be written again byte for byte is taken.
 */
#include "fuzz.h"

/* Any value there may be. */
static int64_t
take_value(struct input *input)
{
    uint8_t kind = take_byte(input);
    int64_t value = (int64_t)(take_number(input, 1 + kind % 6) % (SCHEDULE_VALUE_LIMIT + 1));

    if (kind > 240)
        return kind % 2 == 0 ? VALUE_NOT_KNOWN : SCHEDULE_VALUE_LIMIT;
    return kind < 64 ? -value : value;
}

/* Text is checked by other code: it must agree. */
static void
require_text_again(const struct schedule_writer *writer)
{
    struct schedule schedule = schedule_written(writer);
    char *text = exact_memory(schedule_format_limit(schedule));
    struct schedule_writer again = {.steps =
                                        exact_memory((size_t)schedule.count * SCHEDULE_STEP_SIZE),
                                    .capacity = schedule.count};
    struct fault fault;

    REQUIRE(schedule_parse(text, schedule_format(schedule, text), &again, &fault));
    REQUIRE(again.count == schedule.count);
    REQUIRE(memcmp(again.steps, schedule.steps, (size_t)schedule.count * SCHEDULE_STEP_SIZE) == 0);
    free(again.steps);
    free(text);
}

static void
require_refused_or_same(const uint8_t *bytes, size_t length, int32_t count)
{
    struct schedule_writer writer = {
        .steps = exact_memory((size_t)(count > 0 ? count : 0) * SCHEDULE_STEP_SIZE),
        .capacity = count > 0 ? count : 0};
    struct fault fault = {.code = FAULT_NONE};

    if (schedule_load(bytes, length, count, &writer, &fault)) {
        uint8_t *again = exact_memory(length);

        require_text_again(&writer);
        REQUIRE(length == (size_t)count * SCHEDULE_STEP_SIZE && writer.count == count);
        REQUIRE(schedule_is_canonical(schedule_written(&writer)));
        schedule_store(schedule_written(&writer), again);
        REQUIRE(memcmp(bytes, again, length) == 0);
        free(again);
    } else {
        REQUIRE(fault.code == FAULT_BAD_BYTES);
    }
    free(writer.steps);
}

/* The form of a schedule, with a few of its bytes changed; none is no change. */
static void
fuzz_near_form(struct input *input)
{
    struct packed packed;
    uint8_t form[STEPS_LIMIT * SCHEDULE_STEP_SIZE];
    int32_t changes = take_byte(input) % 4;
    struct schedule schedule = take_schedule(input, take_day(input), take_value, &packed);
    size_t length = (size_t)schedule.count * SCHEDULE_STEP_SIZE;

    schedule_store(schedule, form);
    for (int32_t i = 0; i < changes; i++) {
        size_t at = take_byte(input) % length;
        uint8_t byte = take_byte(input);

        form[at] = byte % 2 == 0 ? form[(at + SCHEDULE_STEP_SIZE) % length] : byte;
    }
    require_refused_or_same(form, length, schedule.count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {.at = bytes, .left = length};
    int32_t excess = (int8_t)take_byte(&input);

    if (excess < 0)
        fuzz_near_form(&input);
    else
        require_refused_or_same(input.at, input.left,
                                (int32_t)(input.left / SCHEDULE_STEP_SIZE) + excess / 32);
    return 0;
}
