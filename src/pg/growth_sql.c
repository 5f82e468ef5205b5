/*
 * growth_sql.c: the product integral as a SQL function, growth().
 *
 * Must not know: tables; how growth is worked out (interest.c).
 */
#include "postgres.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "entry.h"
#include "growth_cache.h"
#include "numeric_io.h"
#include "schedule_arg.h"
#include "terms_arg.h"

/* growth() shows this many decimals, in two halves */
#define GROWTH_DECIMALS 20
#define HALF_DECIMALS UINT64CONST(10000000000)

/* A growth as a numeric, rounded half up at GROWTH_DECIMALS. */
static Datum
growth_numeric(growth_t growth)
{
    u128 rest = growth & (GROWTH_ONE - 1);
    uint64 whole = (uint64)(growth >> GROWTH_BITS);
    uint64 upper;
    uint64 lower;
    char text[64];

    /* 10^10 is below 2^34: products stay under 2^130 only if cut to 94 bits, so shift 2 away */
    rest = (rest >> 2) * HALF_DECIMALS;
    upper = (uint64)(rest >> (GROWTH_BITS - 2));
    rest = (rest & ((GROWTH_ONE >> 2) - 1)) * HALF_DECIMALS;
    lower = (uint64)((rest + (GROWTH_ONE >> 3)) >> (GROWTH_BITS - 2));
    if (lower == HALF_DECIMALS) {
        lower = 0;
        upper++;
    }
    if (upper == HALF_DECIMALS) {
        upper = 0;
        whole++;
    }
    snprintf(text, sizeof text, UINT64_FORMAT ".%010llu%010llu", whole, (unsigned long long)upper,
             (unsigned long long)lower);
    return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
}

PG_FUNCTION_INFO_V1(care_growth);
Datum
care_growth(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"rates", "day_count", "capitalised", "from_day", "to_day"};
    struct growth_table table = {0};
    struct fault fault = {0};
    growth_t growth = 0;
    day_t from_day;

    care_require(fcinfo, lengthof(names), names);
    table.terms.rates = PG_GETARG_SCHEDULE(0);
    table.terms.day_count = care_day_count_argument(PG_GETARG_DATUM(1));
    care_capitalised_argument(PG_GETARG_DATUM(2), &table.terms);
    from_day = care_day(PG_GETARG_DATEADT(3), "from_day");
    table.to_day = care_day(PG_GETARG_DATEADT(4), "to_day");
    table.from_day = from_day;
    if (!care_prepare_table(&table, CurrentMemoryContext, &fault) ||
        !growth_from(&table, from_day, &growth, &fault))
        care_report(&fault);
    return growth_numeric(growth);
}
