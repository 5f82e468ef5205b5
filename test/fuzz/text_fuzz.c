/*
 * text_fuzz.c: any bytes as the text of a schedule.
 *
 * What is taken is canonical, says no day that the text does not, and is the same again after it is
 * written as text and as bytes; what is refused is refused for a reason that a text can have, at a
 * place within it.
 */
#define _GNU_SOURCE /* memmem */
#include "fuzz.h"

/* Every step has a colon: the room that the server gives. */
static struct schedule_writer
room_for(const char *text, size_t length)
{
    struct schedule_writer writer = {0};

    for (size_t i = 0; i < length; i++)
        writer.capacity += text[i] == ':';
    writer.steps = exact_memory((size_t)writer.capacity * SCHEDULE_STEP_SIZE);
    return writer;
}

static bool
is_text_fault(enum fault_code code)
{
    return code == FAULT_SYNTAX || code == FAULT_NO_STEPS || code == FAULT_NO_SUCH_DAY ||
           code == FAULT_TOO_PRECISE || code == FAULT_OUT_OF_RANGE || code == FAULT_DAY_TWICE ||
           code == FAULT_UNSORTED;
}

static void
require_same(struct schedule left, struct schedule right)
{
    REQUIRE(left.count == right.count);
    REQUIRE(memcmp(left.steps, right.steps, (size_t)left.count * SCHEDULE_STEP_SIZE) == 0);
}

/* One object and nothing after it; every day that is written again was there in the same words. */
static void
require_said(const char *text, size_t length, const char *written)
{
    const char *end = memchr(text, '}', length);

    REQUIRE(end != NULL);
    for (const char *at = end + 1; at < text + length; at++)
        REQUIRE(strchr(" \t\n\r", *at) != NULL && *at != '\0');
    for (const char *day = strchr(written, '"'); day != NULL; day = strchr(end + 1, '"')) {
        end = strchr(day + 1, '"');
        REQUIRE(memmem(text, length, day, (size_t)(end - day)) != NULL);
    }
}

/* Text to schedule to text to schedule: both schedules and both texts are one. */
static void
require_text_again(struct schedule schedule, const char *given, size_t given_length)
{
    size_t limit = schedule_format_limit(schedule);
    char *text = exact_memory(limit);
    char *text_again = exact_memory(limit);
    size_t length = schedule_format(schedule, text);
    struct schedule_writer again = room_for(text, length);
    struct fault fault;

    REQUIRE(length < limit && text[length] == '\0');
    require_said(given, given_length, text);
    /* nothing is shorter, but for a space after each colon and comma */
    REQUIRE(length <= given_length + 2 * (size_t)schedule.count - 1);
    REQUIRE(schedule_parse(text, length, &again, &fault));
    require_same(schedule, schedule_written(&again));
    REQUIRE(schedule_format(schedule_written(&again), text_again) == length);
    REQUIRE(memcmp(text, text_again, length) == 0);
    free(again.steps);
    free(text_again);
    free(text);
}

static void
require_bytes_again(struct schedule schedule)
{
    size_t size = (size_t)schedule.count * SCHEDULE_STEP_SIZE;
    uint8_t *bytes = exact_memory(size);
    struct schedule_writer again = {.steps = exact_memory(size), .capacity = schedule.count};
    struct fault fault;

    schedule_store(schedule, bytes);
    REQUIRE(schedule_load(bytes, size, schedule.count, &again, &fault));
    require_same(schedule, schedule_written(&again));
    free(again.steps);
    free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    struct schedule_writer writer = room_for(text, length);
    struct fault fault = {.code = FAULT_NONE, .position = -1};

    if (schedule_parse(text, length, &writer, &fault)) {
        REQUIRE(schedule_is_canonical(schedule_written(&writer)));
        require_text_again(schedule_written(&writer), text, length);
        require_bytes_again(schedule_written(&writer));
    } else {
        REQUIRE(is_text_fault(fault.code));
        REQUIRE(fault.position >= 0 && (size_t)fault.position <= length);
    }
    free(writer.steps);
    return 0;
}
