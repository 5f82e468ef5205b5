/*
 * schedule_io_test.c: the text and binary forms, and what is refused of them.
 *
 * Input is always handed over in memory of its exact length, without a closing nought, so that
 * reading one byte too far is noticed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "points.h"
#include "schedule.h"

#define POSITION_ANY (-1)
#define MUTANT_GROWTH_LIMIT 64

/* A reading: what came of a text or of bytes.  Its steps are to be freed. */
struct reading {
    bool good;
    struct fault fault;
    struct schedule_writer result;
};

static struct reading
new_reading(int32_t capacity)
{
    return (struct reading){.fault = {.code = FAULT_NONE, .position = POSITION_ANY},
                            .result = {.steps = malloc((size_t)capacity * SCHEDULE_STEP_SIZE + 1),
                                       .capacity = capacity}};
}

/* The bytes in memory of exactly their length. */
static void *
exact_copy(const void *bytes, size_t length)
{
    void *copy = malloc(length > 0 ? length : 1);

    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

static struct reading
read_text(const char *text, size_t length, int32_t capacity)
{
    struct reading reading = new_reading(capacity);
    char *copy = exact_copy(text, length);

    reading.good = schedule_parse(copy, length, &reading.result, &reading.fault);
    free(copy);
    return reading;
}

static struct reading
read_bytes(const uint8_t *bytes, size_t length, int32_t count, int32_t capacity)
{
    struct reading reading = new_reading(capacity);
    uint8_t *copy = exact_copy(bytes, length);

    reading.good = schedule_load(copy, length, count, &reading.result, &reading.fault);
    free(copy);
    return reading;
}

/* The text form; to be freed. */
static char *
text_of(struct schedule schedule, size_t *length)
{
    char *text = malloc(schedule_format_limit(schedule));

    *length = schedule_format(schedule, text);
    CHECK(*length < schedule_format_limit(schedule));
    CHECK_EQUAL_INT(strlen(text), *length);
    return text;
}

/* Values of every length, with and without decimals. */
static int64_t
any_value(struct random *random)
{
    static const int64_t rounded_to[] = {1, 10, 100, 1000, 10000};
    int64_t value = random_between(random, 0, SCHEDULE_VALUE_LIMIT);

    if (random_once_in(random, 8))
        return VALUE_NOT_KNOWN;
    if (random_once_in(random, 8))
        value = SCHEDULE_VALUE_LIMIT;
    for (int32_t digits = random_below(random, 15); digits > 0; digits--)
        value /= 10;
    value -= value % rounded_to[random_below(random, 5)];
    return random_once_in(random, 3) ? -value : value;
}

static struct points
random_points(struct random *random)
{
    struct points_shape near = {.first_day = random_window(random, 400),
                                .steps_limit = POINTS_LIMIT - 1,
                                .beginning_once_in = 3,
                                .value = any_value};
    struct points_shape far = near;

    near.last_day = near.first_day + 399;
    far.first_day = DAY_FIRST;
    far.last_day = DAY_LAST;
    return points_random(random, random_once_in(random, 2) ? &near : &far);
}

/* Text to schedule to text, word for word. */
static void
test_text_examples(void)
{
    static const char *const texts[] = {
        "{\"2015-04-01\": 2.65, \"2015-07-01\": 2.25, \"2026-01-01\": null}",
        "{\"-infinity\": 0}",
        "{\"-infinity\": null, \"0001-01-01\": 0.0001, \"9999-12-31\": -0.0001}",
        "{\"2016-02-29\": 9999999999.9999, \"2016-03-01\": -9999999999.9999}",
        "{\"2000-02-29\": 10, \"2000-03-01\": 100.1, \"2000-03-02\": 1000.01}",
        "{\"1999-12-31\": 1.001, \"2000-01-01\": 1, \"2000-01-02\": 1.01}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct reading reading = read_text(texts[i], strlen(texts[i]), SCHEDULE_MAX_STEPS);
        size_t length;
        char *back;

        check_about(texts[i]);
        if (CHECK(reading.good)) {
            back = text_of(schedule_written(&reading.result), &length);
            CHECK_EQUAL_TEXT(texts[i], back);
            free(back);
        }
        free(reading.result.steps);
    }
}

/* Other ways of writing the same, and the one way it is written back. */
static void
test_text_normal_form(void)
{
    static const char *const pairs[][2] = {
        {"{\"2000-01-01\":1}", "{\"2000-01-01\": 1}"},
        {" \t\r\n{ \"2000-01-01\" \n:\t1 , \"2000-01-02\"\r:\n2 } \n",
         "{\"2000-01-01\": 1, \"2000-01-02\": 2}"},
        {"{\"2000-01-01\": -0}", "{\"2000-01-01\": 0}"},
        {"{\"2000-01-01\": -0.0000}", "{\"2000-01-01\": 0}"},
        {"{\"2000-01-01\": 1.50}", "{\"2000-01-01\": 1.5}"},
        {"{\"2000-01-01\": 1.0000000000}", "{\"2000-01-01\": 1}"},
        {"{\"2000-01-01\": 1.23450}", "{\"2000-01-01\": 1.2345}"},
        {"{\"2000-01-01\": 1, \"2000-01-02\": 1.0}", "{\"2000-01-01\": 1}"},
        {"{\"2000-01-01\": null, \"2000-01-02\": null}", "{\"2000-01-01\": null}"},
        {"{\"2000-01-01\": 0, \"2000-01-02\": -0, \"2000-01-03\": 1}",
         "{\"2000-01-01\": 0, \"2000-01-03\": 1}"},
        {"{\"-infinity\": 5, \"0001-01-01\": 5}", "{\"-infinity\": 5}"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct reading reading = read_text(pairs[i][0], strlen(pairs[i][0]), SCHEDULE_MAX_STEPS);
        size_t length;
        char *back;

        check_about(pairs[i][0]);
        if (CHECK(reading.good)) {
            back = text_of(schedule_written(&reading.result), &length);
            CHECK_EQUAL_TEXT(pairs[i][1], back);
            free(back);
        }
        free(reading.result.steps);
    }
}

struct refused {
    const char *text;
    enum fault_code code;
    int32_t position; /* of the fault in the text; POSITION_ANY where there is none to tell */
};

static void
check_refused(const struct refused *refused, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = refused[i].text;
        struct reading reading = read_text(text, strlen(text), SCHEDULE_MAX_STEPS);

        check_about(text);
        CHECK(!reading.good);
        CHECK_EQUAL_INT(refused[i].code, reading.fault.code);
        if (refused[i].position != POSITION_ANY)
            CHECK_EQUAL_INT(refused[i].position, reading.fault.position);
        free(reading.result.steps);
    }
}

/* Not the JSON of a schedule. */
static void
test_bad_json(void)
{
    static const struct refused refused[] = {
        {"", FAULT_SYNTAX, 0},
        {" ", FAULT_SYNTAX, 1},
        {"null", FAULT_SYNTAX, 0},
        {"1", FAULT_SYNTAX, 0},
        {"[]", FAULT_SYNTAX, 0},
        {"{", FAULT_SYNTAX, 1},
        {"{}", FAULT_NO_STEPS, 1},
        {" { } ", FAULT_NO_STEPS, 3},
        {"{{}}", FAULT_SYNTAX, 1},
        {"{,}", FAULT_SYNTAX, 1},
        {"{\"2000-01-01\": 1", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": 1,}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1,,}", FAULT_SYNTAX, 17},
        {"{,\"2000-01-01\": 1}", FAULT_SYNTAX, 1},
        {"{\"2000-01-01\": 1}}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1} x", FAULT_SYNTAX, 18},
        {"{\"2000-01-01\": 1} {}", FAULT_SYNTAX, 18},
        {"{\"2000-01-01\": 1 \"2000-01-02\": 2}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1; \"2000-01-02\": 2}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\" 1}", FAULT_SYNTAX, 14},
        {"{\"2000-01-01\"= 1}", FAULT_SYNTAX, 13},
        {"{\"2000-01-01\":: 1}", FAULT_SYNTAX, 14},
        {"{\"2000-01-01\": }", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\"}", FAULT_SYNTAX, 13},
        {"{\"2000-01-01: 1}", FAULT_SYNTAX, 12},
        {"{2000-01-01: 1}", FAULT_SYNTAX, 1},
        {"{'2000-01-01': 1}", FAULT_SYNTAX, 1},
        {"{\"2000-01-01\": \"1\"}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": true}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": {}}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": [1]}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": 1 /* one */}", FAULT_SYNTAX, 17},
        {"\xEF\xBB\xBF{\"2000-01-01\": 1}", FAULT_SYNTAX, 0},
        {"{\"2000-01-01\":\xC2\xA0"
         "1}",
         FAULT_SYNTAX, 14},
        {"{\"2000-01-01\":\v1}", FAULT_SYNTAX, 14},
    };

    check_refused(refused, sizeof refused / sizeof refused[0]);
}

/* Days that are not written as days, that do not exist, or that are out of order. */
static void
test_bad_days(void)
{
    static const struct refused refused[] = {
        {"{\"2000-01-1\": 1}", FAULT_SYNTAX, 11},
        {"{\"2000-1-01\": 1}", FAULT_SYNTAX, 8},
        {"{\"200-01-01\": 1}", FAULT_SYNTAX, 5},
        {"{\"20000-01-01\": 1}", FAULT_SYNTAX, 6},
        {"{\"2000-01-011\": 1}", FAULT_SYNTAX, 12},
        {"{\"2000/01/01\": 1}", FAULT_SYNTAX, 6},
        {"{\"20000101\": 1}", FAULT_SYNTAX, 6},
        {"{\"01-01-2000\": 1}", FAULT_SYNTAX, 4},
        {"{\"+2000-01-01\": 1}", FAULT_SYNTAX, 2},
        {"{\"-2000-01-01\": 1}", FAULT_SYNTAX, 2},
        {"{\" 2000-01-01\": 1}", FAULT_SYNTAX, 2},
        {"{\"2000-01-01 \": 1}", FAULT_SYNTAX, 12},
        {"{\"2000-01-01T00:00\": 1}", FAULT_SYNTAX, 12},
        {"{\"2000-01-01 BC\": 1}", FAULT_SYNTAX, 12},
        {"{\"today\": 1}", FAULT_SYNTAX, 2},
        {"{\"\": 1}", FAULT_SYNTAX, 2},
        {"{\"infinity\": 1}", FAULT_SYNTAX, 2},
        {"{\"-Infinity\": 1}", FAULT_SYNTAX, 2},
        {"{\"-infinit\": 1}", FAULT_SYNTAX, 2},
        {"{\"-infinity1\": 1}", FAULT_SYNTAX, 11},
        {"{\"0000-01-01\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-00-01\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-13-01\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-99-01\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-01-00\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-01-32\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-01-99\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-04-31\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-02-30\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2001-02-29\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"1900-02-29\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2100-02-29\": 1}", FAULT_NO_SUCH_DAY, 2},
        {"{\"2000-01-01\": 1, \"2000-02-30\": 1}", FAULT_NO_SUCH_DAY, 19},
    };

    check_refused(refused, sizeof refused / sizeof refused[0]);
}

/* Values that are not plain decimals, or too long, or too large. */
static void
test_bad_values(void)
{
    static const struct refused refused[] = {
        {"{\"2000-01-01\": +1}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": 01}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": 00}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": -01}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": -}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": --1}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": - 1}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": .5}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": -.5}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": 1.}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1.-5}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1.5.5}", FAULT_SYNTAX, 18},
        {"{\"2000-01-01\": 1,5}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1 000}", FAULT_SYNTAX, 17},
        {"{\"2000-01-01\": 1e5}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": 1E5}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": 1.5e-3}", FAULT_SYNTAX, 18},
        {"{\"2000-01-01\": 0x10}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": infinity}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": -infinity}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": Infinity}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": NaN}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": nan}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": NULL}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": nul}", FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": nulll}", FAULT_SYNTAX, 19},
        {"{\"2000-01-01\": -null}", FAULT_SYNTAX, 16},
        {"{\"2000-01-01\": \xC2\xA3"
         "5}",
         FAULT_SYNTAX, 15},
        {"{\"2000-01-01\": 1.00001}", FAULT_TOO_PRECISE, 21},
        {"{\"2000-01-01\": 0.12345}", FAULT_TOO_PRECISE, 21},
        {"{\"2000-01-01\": -0.000001}", FAULT_TOO_PRECISE, 23},
        {"{\"2000-01-01\": 9999999999.99990001}", FAULT_TOO_PRECISE, 33},
        {"{\"2000-01-01\": 10000000000}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": -10000000000}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 10000000000.0}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 10000000000.0000}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 99999999999999}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 100000000000000}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 9223372036854775808}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 18446744073709551617}", FAULT_OUT_OF_RANGE, POSITION_ANY},
        {"{\"2000-01-01\": 99999999999999999999999999999999}", FAULT_OUT_OF_RANGE, POSITION_ANY},
    };

    check_refused(refused, sizeof refused / sizeof refused[0]);
}

/* Days out of order, with the day that the fault is about. */
static void
test_bad_order(void)
{
    static const struct {
        const char *text;
        enum fault_code code;
        day_t day;
    } refused[] = {
        {"{\"2000-01-06\": 1, \"2000-01-06\": 2}", FAULT_DAY_TWICE, 5},
        {"{\"2000-01-06\": 1, \"2000-01-06\": 1}", FAULT_DAY_TWICE, 5},
        {"{\"2000-01-06\": 1, \"2000-01-05\": 2}", FAULT_UNSORTED, 4},
        /* a step that says nothing counts for the order all the same */
        {"{\"2000-01-01\": 1, \"2000-01-06\": 1, \"2000-01-06\": 2}", FAULT_DAY_TWICE, 5},
        {"{\"2000-01-01\": 1, \"2000-01-06\": 1, \"2000-01-05\": 2}", FAULT_UNSORTED, 4},
        {"{\"-infinity\": 1, \"-infinity\": 2}", FAULT_DAY_TWICE, DAY_BEGINNING},
        {"{\"2000-01-01\": 1, \"-infinity\": 2}", FAULT_UNSORTED, DAY_BEGINNING},
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const char *text = refused[i].text;
        struct reading reading = read_text(text, strlen(text), SCHEDULE_MAX_STEPS);

        check_about(text);
        CHECK(!reading.good);
        CHECK_EQUAL_INT(refused[i].code, reading.fault.code);
        CHECK_EQUAL_INT(refused[i].day, reading.fault.day);
        free(reading.result.steps);
    }
}

/* A nought byte is not an end, and not a space. */
static void
test_nought_bytes(void)
{
    static const char text[] = "{\"2000-01-01\": 1}";
    size_t length = strlen(text);

    for (size_t at = 0; at <= length; at++) {
        char with[sizeof text + 1];
        struct reading reading;

        memcpy(with, text, at);
        with[at] = '\0';
        memcpy(with + at + 1, text + at, length - at);
        reading = read_text(with, length + 1, 1);
        CHECK(!reading.good);
        CHECK_EQUAL_INT(FAULT_SYNTAX, reading.fault.code);
        CHECK_EQUAL_INT(at, reading.fault.position);
        free(reading.result.steps);
    }
}

/* As many steps as there may be, and one more; and a writer with less room. */
static void
test_steps_limit(void)
{
    char *text = malloc((SCHEDULE_MAX_STEPS + 1) * 24 + 2);

    for (int32_t steps = SCHEDULE_MAX_STEPS; steps <= SCHEDULE_MAX_STEPS + 1; steps++) {
        char *at = text;
        struct reading reading;

        for (int32_t i = 0; i < steps; i++) {
            struct calendar_day date = calendar_of(i);

            at += sprintf(at, "%c\"%04d-%02d-%02d\":%d", i == 0 ? '{' : ',', date.year, date.month,
                          date.day, i % 2);
        }
        *at++ = '}';
        reading = read_text(text, (size_t)(at - text), SCHEDULE_MAX_STEPS + 1);
        CHECK_EQUAL_INT(steps == SCHEDULE_MAX_STEPS, reading.good);
        CHECK_EQUAL_INT(SCHEDULE_MAX_STEPS, reading.result.count);
        if (!reading.good)
            CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, reading.fault.code);
        free(reading.result.steps);
        reading = read_text(text, (size_t)(at - text), 7);
        CHECK(!reading.good);
        CHECK_EQUAL_INT(FAULT_TOO_MANY_STEPS, reading.fault.code);
        free(reading.result.steps);
    }
    free(text);
}

/* Both forms of a random schedule, there and back. */
static void
test_round_trips(void)
{
    struct random random;

    while (next_case(&random)) {
        struct points points = random_points(&random);
        struct packed packed;
        struct schedule schedule = points_pack(&points, &packed);
        size_t length;
        char *text = text_of(schedule, &length);
        uint8_t *bytes = malloc((size_t)schedule.count * SCHEDULE_STEP_SIZE);
        struct reading from_text = read_text(text, length, schedule.count);
        struct reading from_bytes;

        schedule_store(schedule, bytes);
        from_bytes = read_bytes(bytes, (size_t)schedule.count * SCHEDULE_STEP_SIZE, schedule.count,
                                schedule.count);
        CHECK(from_text.good);
        CHECK(points_match(&points, schedule_written(&from_text.result)));
        CHECK(from_bytes.good);
        CHECK(points_match(&points, schedule_written(&from_bytes.result)));
        free(from_text.result.steps);
        free(from_bytes.result.steps);
        free(bytes);
        free(text);
    }
}

/* No beginning of a text is a text. */
static void
test_text_cut_short(void)
{
    struct random random;

    while (next_case_in(&random, 100)) {
        struct points points = random_points(&random);
        struct packed packed;
        size_t length;
        char *text = text_of(points_pack(&points, &packed), &length);

        for (size_t cut = 0; cut < length; cut++) {
            struct reading reading = read_text(text, cut, POINTS_LIMIT);

            CHECK(!reading.good);
            CHECK_EQUAL_INT(FAULT_SYNTAX, reading.fault.code);
            free(reading.result.steps);
        }
        free(text);
    }
}

/* Change a text or bytes in a few places; the new length.  There is room to grow. */
static size_t
mutate(struct random *random, uint8_t *bytes, size_t length)
{
    static const char likely[] = "{}\":,.-0123456789 null-infinity eE+";

    for (int32_t times = 1 + random_below(random, 3); times > 0; times--) {
        size_t at = (size_t)random_below(random, (int32_t)length + 1);
        size_t piece = (size_t)random_below(random, 14);
        uint8_t byte = (uint8_t)random_next(random);

        if (random_once_in(random, 2))
            byte = (uint8_t)likely[random_below(random, (int32_t)sizeof likely - 1)];
        if (piece > length - at)
            piece = length - at;
        switch (random_below(random, 4)) {
        case 0: /* change a byte */
            if (at < length)
                bytes[at] = byte;
            break;
        case 1: /* put one in */
            memmove(bytes + at + 1, bytes + at, length - at);
            bytes[at] = byte;
            length++;
            break;
        case 2: /* take some out */
            memmove(bytes + at, bytes + at + piece, length - at - piece);
            length -= piece;
            break;
        default: /* say some twice */
            memmove(bytes + at + piece, bytes + at, length - at);
            length += piece;
        }
    }
    return length;
}

/* What was taken must be canonical, and say the same again. */
static void
check_taken(const struct reading *reading)
{
    struct schedule schedule = schedule_written(&reading->result);
    struct reading again;
    size_t length;
    char *text;

    CHECK(schedule_is_canonical(schedule));
    text = text_of(schedule, &length);
    again = read_text(text, length, schedule.count);
    CHECK(again.good);
    CHECK_EQUAL_INT(schedule.count, again.result.count);
    CHECK(memcmp(schedule.steps, again.result.steps, (size_t)schedule.count * SCHEDULE_STEP_SIZE) ==
          0);
    free(text);
    free(again.result.steps);
}

/* Faults that reading a text may report. */
static bool
is_text_fault(enum fault_code code)
{
    return code == FAULT_SYNTAX || code == FAULT_NO_STEPS || code == FAULT_NO_SUCH_DAY ||
           code == FAULT_TOO_PRECISE || code == FAULT_OUT_OF_RANGE || code == FAULT_DAY_TWICE ||
           code == FAULT_UNSORTED || code == FAULT_TOO_MANY_STEPS;
}

static void
test_text_mutants(void)
{
    struct random random;
    int32_t taken = 0;
    int32_t refused = 0;

    while (next_case(&random)) {
        struct points points = random_points(&random);
        struct packed packed;
        size_t length;
        char *text = text_of(points_pack(&points, &packed), &length);
        char *mutant = malloc(length + MUTANT_GROWTH_LIMIT);
        struct reading reading;

        memcpy(mutant, text, length);
        length = mutate(&random, (uint8_t *)mutant, length);
        reading = read_text(mutant, length, POINTS_LIMIT);
        if (reading.good) {
            taken++;
            check_taken(&reading);
        } else {
            refused++;
            CHECK(is_text_fault(reading.fault.code));
            CHECK(reading.fault.position >= 0 && (size_t)reading.fault.position <= length);
        }
        free(reading.result.steps);
        free(mutant);
        free(text);
    }
    /* a fuzzer that meets only one of the two tests nothing */
    CHECK(taken + refused < 1000 || (taken > 0 && refused > 0));
}

static void
test_byte_mutants(void)
{
    struct random random;

    while (next_case(&random)) {
        struct points points = random_points(&random);
        struct packed packed;
        size_t length = (size_t)points.count * SCHEDULE_STEP_SIZE;
        uint8_t *mutant = malloc(length + MUTANT_GROWTH_LIMIT);
        struct reading reading;

        schedule_store(points_pack(&points, &packed), mutant);
        length = mutate(&random, mutant, length);
        reading = read_bytes(mutant, length, points.count, POINTS_LIMIT);
        if (reading.good) {
            uint8_t back[sizeof packed];

            check_taken(&reading);
            CHECK_EQUAL_INT(points.count * SCHEDULE_STEP_SIZE, length);
            schedule_store(schedule_written(&reading.result), back);
            CHECK(memcmp(mutant, back, length) == 0);
        } else {
            CHECK_EQUAL_INT(FAULT_BAD_BYTES, reading.fault.code);
        }
        free(reading.result.steps);
        free(mutant);
    }
}

/* The binary form is the same on every machine. */
static void
test_binary_example(void)
{
    static const uint8_t expected[] = {
        0x80, 0,    0,    0,    0x80, 0,    0,    0,    0,    0,    0,    0,    /* unknown */
        0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    0,    0,    0,    0x67, 0x84, /* 2.65 */
        0,    0,    0x16, 0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, /* -0.0001 */
    };
    struct packed packed;
    struct schedule schedule = schedule_of(
        "{\"-infinity\": null, \"1999-12-31\": 2.65, \"2015-12-31\": -0.0001}", &packed);
    uint8_t bytes[sizeof expected];
    struct reading reading = read_bytes(expected, sizeof expected, 3, 3);

    CHECK_EQUAL_INT(5843, schedule_day(schedule, 2));
    CHECK_EQUAL_INT(26500, schedule_value(schedule, 1));
    CHECK(reading.good);
    schedule_store(schedule, bytes);
    CHECK(memcmp(expected, bytes, sizeof bytes) == 0);
    CHECK_EQUAL_INT(3, reading.result.count);
    CHECK(memcmp(schedule.steps, reading.result.steps, sizeof expected) == 0);
    free(reading.result.steps);
}

/* Every length but the right one, and every count. */
static void
test_binary_lengths(void)
{
    struct packed packed;
    struct schedule schedule =
        schedule_of("{\"2000-01-01\": 1, \"2000-01-02\": 2, \"2000-01-03\": 3}", &packed);
    uint8_t bytes[5 * SCHEDULE_STEP_SIZE] = {0};

    schedule_store(schedule, bytes);
    for (size_t length = 0; length <= sizeof bytes; length++)
        for (int32_t count = -1; count <= 5; count++) {
            struct reading reading = read_bytes(bytes, length, count, 3);
            /* the first steps of a schedule are a schedule; more than the room are not */
            bool good = count >= 1 && count <= 3 && length == (size_t)count * SCHEDULE_STEP_SIZE;

            CHECK_EQUAL_INT(good, reading.good);
            if (!good)
                CHECK_EQUAL_INT(FAULT_BAD_BYTES, reading.fault.code);
            free(reading.result.steps);
        }
}

/* Steps that no writer writes. */
static void
test_binary_not_canonical(void)
{
    static const struct points bad[] = {
        {.count = 2, .at = {{5, 1}, {5, 2}}},
        {.count = 2, .at = {{5, 1}, {4, 2}}},
        {.count = 2, .at = {{5, 1}, {6, 1}}},
        {.count = 2, .at = {{0, 1}, {DAY_BEGINNING, 2}}},
        {.count = 1, .at = {{DAY_LAST + 1, 1}}},
        {.count = 1, .at = {{DAY_FIRST - 1, 1}}},
        {.count = 1, .at = {{INT32_MAX, 1}}},
        {.count = 1, .at = {{0, SCHEDULE_VALUE_LIMIT + 1}}},
        {.count = 1, .at = {{0, -SCHEDULE_VALUE_LIMIT - 1}}},
        {.count = 1, .at = {{0, INT64_MAX}}},
        {.count = 1, .at = {{0, INT64_MIN + 1}}},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct packed packed;
        uint8_t bytes[2 * SCHEDULE_STEP_SIZE];
        struct reading reading;

        schedule_store(points_pack(&bad[i], &packed), bytes);
        reading = read_bytes(bytes, (size_t)bad[i].count * SCHEDULE_STEP_SIZE, bad[i].count,
                             POINTS_LIMIT);
        CHECK(!reading.good);
        CHECK_EQUAL_INT(FAULT_BAD_BYTES, reading.fault.code);
        free(reading.result.steps);
    }
}

/* Binary with as many steps as there may be, and one more. */
static void
test_binary_steps_limit(void)
{
    int32_t most = SCHEDULE_MAX_STEPS + 1;
    struct reading made = new_reading(most);
    uint8_t *bytes = malloc((size_t)most * SCHEDULE_STEP_SIZE);
    struct reading reading;

    for (int32_t i = 0; i < most; i++) {
        int64_t value = i % 2;

        memcpy(made.result.steps + i * SCHEDULE_STEP_SIZE, &i, sizeof i);
        memcpy(made.result.steps + i * SCHEDULE_STEP_SIZE + sizeof i, &value, sizeof value);
    }
    made.result.count = most;
    schedule_store(schedule_written(&made.result), bytes);
    reading = read_bytes(bytes, (size_t)(most - 1) * SCHEDULE_STEP_SIZE, most - 1, most);
    CHECK(reading.good);
    free(reading.result.steps);
    reading = read_bytes(bytes, (size_t)most * SCHEDULE_STEP_SIZE, most, most);
    CHECK(!reading.good);
    CHECK_EQUAL_INT(FAULT_BAD_BYTES, reading.fault.code);
    free(reading.result.steps);
    free(bytes);
    free(made.result.steps);
}

const struct test schedule_io_tests[] = {
    {"schedule_io: text there and back", test_text_examples},
    {"schedule_io: one way of writing", test_text_normal_form},
    {"schedule_io: what is not JSON is refused", test_bad_json},
    {"schedule_io: what is not a day is refused", test_bad_days},
    {"schedule_io: what is not a value is refused", test_bad_values},
    {"schedule_io: days out of order are refused", test_bad_order},
    {"schedule_io: bytes of nought are refused", test_nought_bytes},
    {"schedule_io: limit of steps of a text", test_steps_limit},
    {"schedule_io: random schedules there and back", test_round_trips},
    {"schedule_io: texts cut short are refused", test_text_cut_short},
    {"schedule_io: mutants of texts", test_text_mutants},
    {"schedule_io: mutants of bytes", test_byte_mutants},
    {"schedule_io: binary example", test_binary_example},
    {"schedule_io: binary of a wrong length is refused", test_binary_lengths},
    {"schedule_io: binary that is not canonical is refused", test_binary_not_canonical},
    {"schedule_io: limit of steps in binary", test_binary_steps_limit},
    {NULL, NULL},
};
