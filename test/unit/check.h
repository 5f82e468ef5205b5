/*
 * check.h: the smallest harness that says what failed, where, and how to see it again.
 *
 * A test is a named function that makes checks.  A check that fails is told at once and the test
 * goes on; a test with a failed check, or with no check at all, has failed.  A property test makes
 * its checks on many random cases: each case has a generator of its own, so that the seed and the
 * number of a case are enough to make it again.
 */
#ifndef CARE_TEST_CHECK_H
#define CARE_TEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "random.h"

struct test {
    const char *name;
    void (*run)(void);
};

/* The tests of each module, ended by one without a name. */
extern const struct test day_tests[];
extern const struct test money_tests[];
extern const struct test schedule_tests[];
extern const struct test schedule_io_tests[];
extern const struct test accrual_tests[];
extern const struct test interest_tests[];
extern const struct test running_tests[];
extern const struct test worked_tests[];

/* Each check is true if it passed, so that a test may give up when going on makes no sense. */
#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL_INT(expected, actual)                                                          \
    check_equal_int((int64_t)(expected), (int64_t)(actual), #actual, __FILE__, __LINE__)
#define CHECK_EQUAL_I128(expected, actual)                                                         \
    check_equal_i128((i128)(expected), (i128)(actual), #actual, __FILE__, __LINE__)
#define CHECK_EQUAL_U128(expected, actual)                                                         \
    check_equal_u128((u128)(expected), (u128)(actual), #actual, __FILE__, __LINE__)
#define CHECK_EQUAL_TEXT(expected, actual)                                                         \
    check_equal_text((expected), (actual), #actual, __FILE__, __LINE__)

bool check_true(bool passed, const char *what, const char *file, int line);
bool check_equal_int(int64_t expected, int64_t actual, const char *what, const char *file,
                     int line);
bool check_equal_i128(i128 expected, i128 actual, const char *what, const char *file, int line);
bool check_equal_u128(u128 expected, u128 actual, const char *what, const char *file, int line);
bool check_equal_text(const char *expected, const char *actual, const char *what, const char *file,
                      int line);

/*
 * The next random case of a property, for `while (next_case(&random))`.  Ends after the number of
 * cases asked for, or at once after a case that failed: one is enough to look at.  A property whose
 * cases are dear asks for a share of them only.
 */
bool next_case(struct random *random);
bool next_case_in(struct random *random, int64_t share);

/* Say which row of a table of examples the checks are about; NULL for none. */
void check_about(const char *example);

#endif
