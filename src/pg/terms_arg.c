/*
 * terms_arg.c: the words in which callers say how interest is reckoned.
 *
 * Must not know: what they do to the interest.
 */
#include "postgres.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "entry.h"
#include "report.h"
#include "terms_arg.h"

#define CAPITALISED_HINT                                                                           \
    "It is daily, weekly, monthly, quarterly, half_yearly, yearly or none; also monthly from a "   \
    "day of the month (monthly from 10), and quarterly, half_yearly or yearly from a day of the "  \
    "year (yearly from 15 January)."

static const struct care_word day_counts[] = {CARE_WORD("act/act", DAY_COUNT_ACT_ACT),
                                              CARE_WORD("act/365f", DAY_COUNT_ACT_365F)};

static const char *const capitalisations[] = {[CAPITALISED_DAILY] = "daily",
                                              [CAPITALISED_WEEKLY] = "weekly",
                                              [CAPITALISED_MONTHLY] = "monthly",
                                              [CAPITALISED_QUARTERLY] = "quarterly",
                                              [CAPITALISED_HALF_YEARLY] = "half_yearly",
                                              [CAPITALISED_YEARLY] = "yearly",
                                              [CAPITALISED_NEVER] = "none"};

/* The months, with the days of the longest February. */
static const struct care_word month_lengths[] = {
    CARE_WORD("January", 31), CARE_WORD("February", 29), CARE_WORD("March", 31),
    CARE_WORD("April", 30),   CARE_WORD("May", 31),      CARE_WORD("June", 30),
    CARE_WORD("July", 31),    CARE_WORD("August", 31),   CARE_WORD("September", 30),
    CARE_WORD("October", 31), CARE_WORD("November", 30), CARE_WORD("December", 31)};

/* Read a word of a closed list. */
int
care_word_argument(Datum word, const struct care_word *words, int count, const char *what)
{
    const text *stored = DatumGetTextPP(word);
    size_t length = VARSIZE_ANY_EXHDR(stored);
    StringInfoData list;

    for (int i = 0; i < count; i++)
        if (words[i].length == length && memcmp(words[i].name, VARDATA_ANY(stored), length) == 0)
            return words[i].value;
    initStringInfo(&list);
    for (int i = 0; i < count; i++)
        appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", words[i].name);
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_is_known_word"),
             errmsg("unknown %s: \"%s\"", what, text_to_cstring(stored)),
             errhint("It is one of: %s.", list.data)));
}

enum day_count
care_day_count_argument(Datum word)
{
    return care_word_argument(word, day_counts, lengthof(day_counts), "day_count");
}

/* Read a day of the month, written without a nought before it: how many digits, or none. */
static int
read_day(const char *at, int32_t *day)
{
    int digits = 0;

    *day = 0;
    while (digits < 2 && at[digits] >= '0' && at[digits] <= '9')
        *day = *day * 10 + (at[digits++] - '0');
    return at[0] == '0' || *day > 31 ? 0 : digits;
}

/* Read a day of the year, such as 15 January. */
static bool
read_year_day(const char *at, struct year_day *begins)
{
    int digits = read_day(at, &begins->day);

    if (digits == 0 || at[digits] != ' ')
        return false;
    for (size_t i = 0; i < lengthof(month_lengths); i++)
        if (strcmp(at + digits + 1, month_lengths[i].name) == 0) {
            begins->month = (int32_t)i + 1;
            return begins->day <= month_lengths[i].value;
        }
    return false;
}

/* Read when interest is capitalised: "monthly", or "yearly from 15 January". */
static bool
read_capitalised(const char *text, struct growth_terms *terms)
{
    static const char from[] = " from ";

    terms->begins = (struct year_day){0};
    for (size_t i = 0; i < lengthof(capitalisations); i++) {
        size_t length = strlen(capitalisations[i]);
        const char *rest = text + length;

        if (strncmp(text, capitalisations[i], length) != 0)
            continue;
        terms->capitalised = (enum capitalised)i;
        if (*rest == '\0')
            return true;
        if (strncmp(rest, from, sizeof from - 1) != 0)
            return false;
        rest += sizeof from - 1;
        switch (terms->capitalised) {
        case CAPITALISED_MONTHLY: {
            int digits = read_day(rest, &terms->begins.day);

            return digits > 0 && rest[digits] == '\0';
        }
        case CAPITALISED_QUARTERLY:
        case CAPITALISED_HALF_YEARLY:
        case CAPITALISED_YEARLY:
            return read_year_day(rest, &terms->begins);
        default:
            return false;
        }
    }
    return false;
}

void
care_capitalised_argument(Datum word, struct growth_terms *terms)
{
    char *given = TextDatumGetCString(word);

    if (!read_capitalised(given, terms))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("argument_is_known_word"),
                        errmsg("unknown capitalised: \"%s\"", given), errhint(CAPITALISED_HINT)));
    pfree(given);
}

PG_FUNCTION_INFO_V1(care_is_capitalisation);
Datum
care_is_capitalisation(PG_FUNCTION_ARGS)
{
    struct growth_terms terms;

    PG_RETURN_BOOL(read_capitalised(text_to_cstring(PG_GETARG_TEXT_PP(0)), &terms));
}
