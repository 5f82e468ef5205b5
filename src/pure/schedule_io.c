/*
 * schedule_io.c: the text and binary forms of a schedule.
 *
 * Text is a JSON object of ISO days and plain decimals, days in order:
 *
 *     {"2015-04-01": 2.65, "2015-07-01": 2.25, "2026-01-01": null}
 *
 * with "-infinity" allowed as the first day.  Numbers have no exponent and at most 4 decimals.
 * Binary is big-endian, a 32-bit day and a 64-bit value a step.  Both are read without a locale and
 * trust nothing: these functions meet hostile bytes first, so they are what the fuzzers feed.
 *
 * Must not know: what a value means, PostgreSQL.
 */
#include <assert.h>

#include "schedule.h"

static const char beginning_text[] = "-infinity";
#define BEGINNING_LENGTH (sizeof beginning_text - 1)

/* A step's longest text: ', "-infinity": -9999999999.9999' and a brace */
#define STEP_TEXT_LIMIT 40

struct reader {
    const char *text;
    size_t length;
    size_t at;
    struct fault *fault;
};

/* Note what is wrong at the place reached. */
static bool
refuse(struct reader *reader, enum fault_code code)
{
    fault_at(reader->fault, code, "schedule", 0);
    reader->fault->position = (int32_t)reader->at;
    return false;
}

static char
peek(const struct reader *reader)
{
    return reader->at < reader->length ? reader->text[reader->at] : '\0';
}

static bool
next_is_digit(const struct reader *reader)
{
    return peek(reader) >= '0' && peek(reader) <= '9';
}

static void
skip_space(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t' || peek(reader) == '\n' ||
           peek(reader) == '\r')
        reader->at++;
}

/* Take one character, with any space before it. */
static bool
take(struct reader *reader, char expected)
{
    skip_space(reader);
    if (peek(reader) != expected)
        return refuse(reader, FAULT_SYNTAX);
    reader->at++;
    return true;
}

/* Take a word if it stands here. */
static bool
take_word(struct reader *reader, const char *word, size_t length)
{
    if (reader->length - reader->at < length ||
        memcmp(reader->text + reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* A number of exactly so many digits. */
static bool
take_digits(struct reader *reader, int32_t digits, int32_t *number)
{
    *number = 0;
    for (int32_t i = 0; i < digits; i++) {
        if (!next_is_digit(reader))
            return refuse(reader, FAULT_SYNTAX);
        *number = *number * 10 + (peek(reader) - '0');
        reader->at++;
    }
    return true;
}

/* A day in quotes: YYYY-MM-DD, or -infinity. */
static bool
take_day(struct reader *reader, day_t *day)
{
    struct calendar_day date;
    size_t start;

    if (!take(reader, '"'))
        return false;
    start = reader->at;
    if (take_word(reader, beginning_text, BEGINNING_LENGTH)) {
        *day = DAY_BEGINNING;
    } else {
        if (!take_digits(reader, 4, &date.year) || !take_word(reader, "-", 1) ||
            !take_digits(reader, 2, &date.month) || !take_word(reader, "-", 1) ||
            !take_digits(reader, 2, &date.day))
            return refuse(reader, FAULT_SYNTAX);
        if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
            date.day > days_in_month(date.year, date.month)) {
            reader->at = start;
            return refuse(reader, FAULT_NO_SUCH_DAY);
        }
        *day = day_of(date.year, date.month, date.day);
    }
    if (peek(reader) != '"')
        return refuse(reader, FAULT_SYNTAX);
    reader->at++;
    return true;
}

/* Add a digit to a number; false once it is past every valid value. */
static bool
push_digit(int64_t *number, int32_t digit)
{
    *number = *number * 10 + digit;
    return *number <= SCHEDULE_VALUE_LIMIT;
}

/*
 * A plain decimal, or null for a value that is not known.  Nothing overflows: the number grows by
 * one digit at a time and reading stops at the first that takes it past the limit of 14 digits.
 */
static bool
take_value(struct reader *reader, int64_t *value)
{
    bool negative;
    int32_t decimals = 0;
    int64_t number = 0;

    skip_space(reader);
    if (take_word(reader, "null", 4)) {
        *value = VALUE_NOT_KNOWN;
        return true;
    }
    negative = take_word(reader, "-", 1);
    if (!next_is_digit(reader))
        return refuse(reader, FAULT_SYNTAX);
    if (take_word(reader, "0", 1) && next_is_digit(reader))
        return refuse(reader, FAULT_SYNTAX);
    for (; next_is_digit(reader); reader->at++)
        if (!push_digit(&number, peek(reader) - '0'))
            return refuse(reader, FAULT_OUT_OF_RANGE);
    if (take_word(reader, ".", 1)) {
        if (!next_is_digit(reader))
            return refuse(reader, FAULT_SYNTAX);
        for (; next_is_digit(reader); reader->at++) {
            if (decimals == SCHEDULE_DECIMALS) {
                if (peek(reader) != '0')
                    return refuse(reader, FAULT_TOO_PRECISE);
                continue;
            }
            if (!push_digit(&number, peek(reader) - '0'))
                return refuse(reader, FAULT_OUT_OF_RANGE);
            decimals++;
        }
    }
    for (; decimals < SCHEDULE_DECIMALS; decimals++)
        if (!push_digit(&number, 0))
            return refuse(reader, FAULT_OUT_OF_RANGE);
    *value = negative ? -number : number;
    return true;
}

/* A day and its value, in order after the last. */
static bool
take_step(struct reader *reader, day_t *last_day, struct schedule_writer *result)
{
    day_t day = 0;
    int64_t value = 0;

    if (!take_day(reader, &day) || !take(reader, ':') || !take_value(reader, &value))
        return false;
    if (result->count > 0 && day == *last_day)
        return fault_at(reader->fault, FAULT_DAY_TWICE, "schedule", day);
    if (result->count > 0 && day < *last_day)
        return fault_at(reader->fault, FAULT_UNSORTED, "schedule", day);
    *last_day = day;
    return schedule_append(result, day, value, reader->fault);
}

/* Read the text form; `result` has room for SCHEDULE_MAX_STEPS or for as many colons as there are.
 */
bool
schedule_parse(const char *text, size_t length, struct schedule_writer *result, struct fault *fault)
{
    struct reader reader = {.text = text, .length = length, .fault = fault};
    day_t last_day = DAY_BEGINNING;

    if (!take(&reader, '{'))
        return false;
    skip_space(&reader);
    if (peek(&reader) == '}')
        return refuse(&reader, FAULT_NO_STEPS);
    for (;;) {
        if (!take_step(&reader, &last_day, result))
            return false;
        skip_space(&reader);
        if (peek(&reader) != ',')
            break;
        reader.at++;
    }
    if (!take(&reader, '}'))
        return false;
    skip_space(&reader);
    if (reader.at != length)
        return refuse(&reader, FAULT_SYNTAX);
    assert(schedule_is_canonical(schedule_written(result)));
    return true;
}

/* Write a number of exactly so many digits. */
static char *
put_digits(char *text, uint64_t number, int32_t digits)
{
    for (int32_t i = digits - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return text + digits;
}

static char *
put_text(char *text, const char *word)
{
    size_t length = strlen(word);

    memcpy(text, word, length); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    return text + length;
}

static char *
put_day(char *text, day_t day)
{
    struct calendar_day date;

    if (day == DAY_BEGINNING)
        return put_text(text, beginning_text);
    date = calendar_of(day);
    text = put_digits(text, (uint64_t)date.year, 4);
    *text++ = '-';
    text = put_digits(text, (uint64_t)date.month, 2);
    *text++ = '-';
    return put_digits(text, (uint64_t)date.day, 2);
}

/* The shortest decimal that says the value exactly. */
static char *
put_value(char *text, int64_t value)
{
    uint64_t fraction;
    uint64_t whole;
    int32_t digits = 1;

    if (value == VALUE_NOT_KNOWN)
        return put_text(text, "null");
    if (value < 0) {
        *text++ = '-';
        value = -value;
    }
    fraction = (uint64_t)(value % UNITS_PER_POUND);
    whole = (uint64_t)(value / UNITS_PER_POUND);
    for (uint64_t rest = whole; rest >= 10; rest /= 10)
        digits++;
    text = put_digits(text, whole, digits);
    if (fraction != 0) {
        *text++ = '.';
        text = put_digits(text, fraction, SCHEDULE_DECIMALS);
        while (text[-1] == '0')
            text--;
    }
    return text;
}

/* Bytes that schedule_format may need, with the closing nought. */
size_t
schedule_format_limit(struct schedule schedule)
{
    return (size_t)schedule.count * STEP_TEXT_LIMIT + 3;
}

/* Write the text form, ended by a nought; returns its length. */
size_t
schedule_format(struct schedule schedule, char *text)
{
    char *at = text;

    *at++ = '{';
    for (int32_t i = 0; i < schedule.count; i++) {
        at = put_text(at, i > 0 ? ", \"" : "\"");
        at = put_day(at, schedule_day(schedule, i));
        at = put_text(at, "\": ");
        at = put_value(at, schedule_value(schedule, i));
    }
    *at++ = '}';
    *at = '\0';
    return (size_t)(at - text);
}

static uint64_t
load_big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void
store_big_endian(uint8_t *bytes, size_t size, uint64_t number)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

/* Read the binary form of `count` steps; only what schedule_store could have written is taken. */
bool
schedule_load(const uint8_t *bytes, size_t length, int32_t count, struct schedule_writer *result,
              struct fault *fault)
{
    if (count < 1 || count > SCHEDULE_MAX_STEPS || count > result->capacity ||
        length != (size_t)count * SCHEDULE_STEP_SIZE)
        return fault_at(fault, FAULT_BAD_BYTES, "schedule", 0);
    for (int32_t i = 0; i < count; i++) {
        const uint8_t *from = bytes + (size_t)i * SCHEDULE_STEP_SIZE;
        uint8_t *to = result->steps + (size_t)i * SCHEDULE_STEP_SIZE;
        day_t day = (day_t)(uint32_t)load_big_endian(from, sizeof day);
        int64_t value = (int64_t)load_big_endian(from + sizeof day, sizeof value);

        memcpy(to, &day, sizeof day);
        memcpy(to + sizeof day, &value, sizeof value);
    }
    result->count = count;
    if (!schedule_is_canonical(schedule_written(result)))
        return fault_at(fault, FAULT_BAD_BYTES, "schedule", 0);
    return true;
}

/* Write the binary form, SCHEDULE_STEP_SIZE bytes a step. */
void
schedule_store(struct schedule schedule, uint8_t *bytes)
{
    for (int32_t i = 0; i < schedule.count; i++) {
        uint8_t *to = bytes + (size_t)i * SCHEDULE_STEP_SIZE;

        store_big_endian(to, sizeof(day_t), (uint32_t)schedule_day(schedule, i));
        store_big_endian(to + sizeof(day_t), sizeof(int64_t),
                         (uint64_t)schedule_value(schedule, i));
    }
}
