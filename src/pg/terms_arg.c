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

#include "terms_arg.h"

static const struct care_word day_counts[] = {CARE_WORD("act/act", DAY_COUNT_ACT_ACT),
                                              CARE_WORD("act/365f", DAY_COUNT_ACT_365F)};

static const struct care_word capitalisations[] = {
    CARE_WORD("daily", CAPITALISED_DAILY),
    CARE_WORD("weekly", CAPITALISED_WEEKLY),
    CARE_WORD("monthly", CAPITALISED_MONTHLY),
    CARE_WORD("quarterly", CAPITALISED_QUARTERLY),
    CARE_WORD("half_yearly", CAPITALISED_HALF_YEARLY),
    CARE_WORD("yearly", CAPITALISED_YEARLY),
    CARE_WORD("none", CAPITALISED_NEVER)};

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
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("unknown %s: \"%s\"", what, text_to_cstring(stored)),
                    errhint("It is one of: %s.", list.data)));
}

enum day_count
care_day_count_argument(Datum word)
{
    return care_word_argument(word, day_counts, lengthof(day_counts), "day_count");
}

enum capitalised
care_capitalised_argument(Datum word)
{
    return care_word_argument(word, capitalisations, lengthof(capitalisations), "capitalised");
}
