/*
 * worked_sql.c: a debt with interest as a spreadsheet may have worked it, for SQL.
 *
 * Must not know: tables; how it is worked out (worked.c).
 */
#include "postgres.h"
#include "catalog/pg_type.h"
#include "utils/array.h"

#include "entry.h"
#include "numeric_io.h"
#include "report.h"
#include "schedule_arg.h"
#include "terms_arg.h"
#include "../pure/worked.h"

static const struct care_word ends_words[] = {CARE_WORD("both", ENDS_BOTH),
                                              CARE_WORD("first_left_out", ENDS_FIRST_LEFT_OUT),
                                              CARE_WORD("last_left_out", ENDS_LAST_LEFT_OUT)};
static const struct care_word year_words[] = {CARE_WORD("act/act", YEAR_ACTUAL),
                                              CARE_WORD("act/365f", YEAR_OF_365),
                                              CARE_WORD("act/366f", YEAR_OF_366)};
static const struct care_word rounding_words[] = {CARE_WORD("at_the_end", ROUNDED_AT_THE_END),
                                                  CARE_WORD("daily", ROUNDED_DAILY),
                                                  CARE_WORD("monthly", ROUNDED_MONTHLY)};

/* The elements of an array in one dimension, none of them null. */
static int
elements(ArrayType *array, int16 length, bool by_value, const char *name, Datum **values)
{
    bool *nulls;
    int count;

    if (ARR_NDIM(array) > 1)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("argument_one_dimension"),
                        errmsg("%s must have one dimension", name)));
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, TYPALIGN_INT, values, &nulls,
                      &count);
    for (int i = 0; i < count; i++)
        if (nulls[i])
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            care_errconstraint("argument_not_null"),
                            errmsg("%s must not hold a null", name)));
    return count;
}

PG_FUNCTION_INFO_V1(care_worked_balance);
Datum
care_worked_balance(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"days",      "amounts",     "rates",    "ends",
                                        "day_count", "capitalised", "rounding", "as_at"};
    struct worked_terms terms = {0};
    struct fault fault = {0};
    struct movement *movements;
    Datum *days;
    Datum *amounts;
    int64_t pence = 0;
    day_t as_at;
    int count;

    care_require(fcinfo, lengthof(names), names);
    count = elements(PG_GETARG_ARRAYTYPE_P(0), sizeof(DateADT), true, "days", &days);
    if (elements(PG_GETARG_ARRAYTYPE_P(1), -1, false, "amounts", &amounts) != count)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_as_many"),
                 errmsg("days and amounts must be as many")));
    terms.rates = PG_GETARG_SCHEDULE(2);
    terms.ends = (enum worked_ends)care_word_argument(PG_GETARG_DATUM(3), ends_words,
                                                      lengthof(ends_words), "ends");
    terms.year = (enum worked_year)care_word_argument(PG_GETARG_DATUM(4), year_words,
                                                      lengthof(year_words), "day_count");
    care_capitalised_argument(PG_GETARG_DATUM(5), &terms.capitalised);
    terms.rounding = (enum worked_rounding)care_word_argument(PG_GETARG_DATUM(6), rounding_words,
                                                              lengthof(rounding_words), "rounding");
    as_at = care_day(PG_GETARG_DATEADT(7), "as_at");
    movements = palloc(((Size)count + 1) * sizeof *movements);
    for (int i = 0; i < count; i++) {
        movements[i] = (struct movement){.day = care_day(DatumGetDateADT(days[i]), "days"),
                                         .pence = care_numeric_pence(amounts[i], "amounts")};
        if (i > 0 && movements[i].day <= movements[i - 1].day)
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            care_errconstraint("argument_in_order"),
                            errmsg("days must be in their order, each once")));
    }
    if (!worked_balance(&terms, movements, count, as_at, &pence, &fault)) {
        if (fault_is_unknown(&fault))
            PG_RETURN_NULL();
        care_report(&fault);
    }
    PG_RETURN_DATUM(care_pence_numeric(pence));
}
