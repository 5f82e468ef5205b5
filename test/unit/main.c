/*
 * main.c: runs every test of the mathematics and counts what failed.
 *
 *     unit [seed [cases]]
 *
 * The seed is printed, so that a run can be made again; without one it comes from the clock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define CASES_DEFAULT 20000
#define FAILURES_SHOWN_LIMIT 10 /* of each test: the first are the ones that tell */
#define NUMBER_TEXT_LIMIT 48    /* 2^128 has 39 digits */

static struct {
    uint64_t seed;
    int64_t cases;
    const char *test;
    const char *example;
    int64_t case_number; /* of the property that runs; 0 outside a property */
    int64_t checks;      /* of the test that runs */
    int64_t failures;
    int64_t all_checks;
} now;

static bool
count(bool passed)
{
    now.checks++;
    if (!passed)
        now.failures++;
    return passed;
}

/* Begin the message of a failed check; false if enough has been said. */
static bool
begin_message(const char *what, const char *file, int line)
{
    if (now.failures > FAILURES_SHOWN_LIMIT)
        return false;
    printf("# %s:%d: %s", file, line, what);
    if (now.example != NULL)
        printf(" [%s]", now.example);
    if (now.case_number > 0)
        printf(" [case %" PRId64 " of seed %" PRIu64 "]", now.case_number, now.seed);
    return true;
}

/* Decimal digits of a 128-bit number: printf has none. */
static const char *
decimal(u128 number, bool negative, char text[NUMBER_TEXT_LIMIT])
{
    char *at = text + NUMBER_TEXT_LIMIT - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number > 0);
    if (negative)
        *--at = '-';
    return at;
}

bool
check_true(bool passed, const char *what, const char *file, int line)
{
    if (!count(passed) && begin_message(what, file, line))
        printf(": is not so\n");
    return passed;
}

bool
check_equal_int(int64_t expected, int64_t actual, const char *what, const char *file, int line)
{
    bool passed = expected == actual;

    if (!count(passed) && begin_message(what, file, line))
        printf(": expected %" PRId64 ", got %" PRId64 "\n", expected, actual);
    return passed;
}

bool
check_equal_i128(i128 expected, i128 actual, const char *what, const char *file, int line)
{
    bool passed = expected == actual;
    char left[NUMBER_TEXT_LIMIT];
    char right[NUMBER_TEXT_LIMIT];

    if (!count(passed) && begin_message(what, file, line))
        printf(": expected %s, got %s\n",
               decimal(expected < 0 ? -(u128)expected : (u128)expected, expected < 0, left),
               decimal(actual < 0 ? -(u128)actual : (u128)actual, actual < 0, right));
    return passed;
}

bool
check_equal_u128(u128 expected, u128 actual, const char *what, const char *file, int line)
{
    bool passed = expected == actual;
    char left[NUMBER_TEXT_LIMIT];
    char right[NUMBER_TEXT_LIMIT];

    if (!count(passed) && begin_message(what, file, line))
        printf(": expected %s, got %s\n", decimal(expected, false, left),
               decimal(actual, false, right));
    return passed;
}

bool
check_equal_text(const char *expected, const char *actual, const char *what, const char *file,
                 int line)
{
    bool passed = strcmp(expected, actual) == 0;

    if (!count(passed) && begin_message(what, file, line))
        printf(": expected \"%s\", got \"%s\"\n", expected, actual);
    return passed;
}

void
check_about(const char *example)
{
    now.example = example;
}

/* A start that differs for every test and every case, whatever the others draw. */
static uint64_t
case_seed(void)
{
    struct random mixer = {.state = now.seed};

    for (const char *letter = now.test; *letter != '\0'; letter++)
        mixer.state = random_next(&mixer) ^ (uint8_t)*letter;
    mixer.state ^= (uint64_t)now.case_number;
    return random_next(&mixer);
}

bool
next_case_in(struct random *random, int64_t share)
{
    int64_t cases = now.cases / share > 0 ? now.cases / share : 1;

    if (now.failures > 0 || now.case_number >= cases) {
        now.case_number = 0;
        return false;
    }
    now.case_number++;
    random->state = case_seed();
    return true;
}

bool
next_case(struct random *random)
{
    return next_case_in(random, 1);
}

/* Run one test; true if it passed. */
static bool
run_test(const struct test *test)
{
    bool passed;

    now.test = test->name;
    now.example = NULL;
    now.case_number = 0;
    now.checks = 0;
    now.failures = 0;
    test->run();
    if (now.checks == 0)
        printf("# %s: made no check\n", test->name);
    passed = now.checks > 0 && now.failures == 0;
    if (now.failures > FAILURES_SHOWN_LIMIT)
        printf("# and %" PRId64 " more\n", now.failures - FAILURES_SHOWN_LIMIT);
    printf("%s - %s\n", passed ? "ok" : "not ok", test->name);
    now.all_checks += now.checks;
    return passed;
}

/* A whole number given on the command line. */
static bool
read_number(const char *text, uint64_t *number)
{
    char *end;

    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

int
main(int argument_count, char **arguments)
{
    static const struct test *const modules[] = {day_tests,         money_tests,   schedule_tests,
                                                 schedule_io_tests, accrual_tests, interest_tests,
                                                 running_tests,     worked_tests};
    uint64_t cases = CASES_DEFAULT;
    int passed = 0;
    int failed = 0;

    now.seed = (uint64_t)time(NULL);
    if (argument_count > 3 || (argument_count > 1 && !read_number(arguments[1], &now.seed)) ||
        (argument_count > 2 && !read_number(arguments[2], &cases)) || cases < 1 ||
        cases > INT32_MAX) {
        fprintf(stderr, "usage: %s [seed [cases]]\n", arguments[0]);
        return 2;
    }
    now.cases = (int64_t)cases;
    /* a line at a time: what was printed must not be lost if a sanitizer stops the run */
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("# seed %" PRIu64 ", %" PRId64 " cases a property\n", now.seed, now.cases);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        for (const struct test *test = modules[i]; test->name != NULL; test++) {
            if (run_test(test))
                passed++;
            else
                failed++;
        }
    printf("# %" PRId64 " checks\n", now.all_checks);
    printf("unit: %d passed, %d failed\n", passed, failed);
    return failed > 0 ? 1 : 0;
}
