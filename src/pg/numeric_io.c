/*
 * numeric_io.c: PostgreSQL's numeric to and from whole numbers of pence and units.
 *
 * Must not know: what the amounts are for.
 */
#include "postgres.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "numeric_io.h"
#include "report.h"
#include "../pure/schedule.h"

/* The stored form; see numeric_io.h for why it is read here. */
#define HEADER_KIND 0xC000
#define HEADER_LONG_NEGATIVE 0x4000
#define HEADER_SHORT 0x8000
#define HEADER_SPECIAL 0xC000
#define SHORT_NEGATIVE 0x2000
#define SHORT_WEIGHT_NEGATIVE 0x0040
#define SHORT_WEIGHT 0x003F
#define DIGIT_BASE 10000

/* One digit after the point makes 4 decimals, the schedule's; two make 8. */
#define UNITS_LOWEST_WEIGHT (-1)
#define FRACTION_LOWEST_WEIGHT (-2)

enum reading { READ_WHOLE, READ_NOT_FINITE, READ_TOO_LARGE, READ_TOO_PRECISE };

/*
 * Read a numeric as a whole number of digits down to the lowest weight.  No overflow: there are
 * four digits to the base 10,000 at most.
 */
static enum reading
read_number(const struct varlena *numeric, int lowest_weight, int64_t *number)
{
    const char *at = VARDATA_ANY(numeric);
    const char *end = at + VARSIZE_ANY_EXHDR(numeric);
    uint16 header;
    int weight;
    bool negative;
    int64_t value = 0;

    memcpy(&header, at, sizeof header);
    at += sizeof header;
    if ((header & HEADER_KIND) == HEADER_SPECIAL)
        return READ_NOT_FINITE;
    if ((header & HEADER_KIND) == HEADER_SHORT) {
        negative = (header & SHORT_NEGATIVE) != 0;
        weight = header & SHORT_WEIGHT;
        if ((header & SHORT_WEIGHT_NEGATIVE) != 0)
            weight -= SHORT_WEIGHT_NEGATIVE;
    } else {
        int16 stored_weight;

        negative = (header & HEADER_KIND) == HEADER_LONG_NEGATIVE;
        memcpy(&stored_weight, at, sizeof stored_weight);
        at += sizeof stored_weight;
        weight = stored_weight;
    }
    if (at == end) {
        *number = 0;
        return READ_WHOLE;
    }
    /* no digit is stored that is only leading or trailing noughts */
    if (weight > lowest_weight + 3)
        return READ_TOO_LARGE;
    for (; weight >= lowest_weight; weight--) {
        int16 digit = 0;

        if (at < end) {
            memcpy(&digit, at, sizeof digit);
            at += sizeof digit;
        }
        value = value * DIGIT_BASE + digit;
    }
    if (at < end)
        return READ_TOO_PRECISE;
    *number = negative ? -value : value;
    return READ_WHOLE;
}

/* Explain a number that cannot be taken. */
static void
refuse_number(Datum numeric, enum reading reading, int decimals, const char *name)
{
    char *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));

    if (reading == READ_TOO_LARGE)
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        care_errconstraint("argument_in_range"),
                        errmsg("%s is out of range: %s", name, text),
                        errdetail("Amounts must be under 10000000000.")));
    if (reading == READ_NOT_FINITE)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_finite"),
                 errmsg("%s must be a finite number, not %s", name, text)));
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_decimals"),
             errmsg("%s has more than %d decimals: %s", name, decimals, text),
             errhint("Round it first: nothing is rounded unasked.")));
}

/* A numeric as units of 1/10,000, of a pound or of a per cent. */
int64_t
care_numeric_units(Datum numeric, const char *name)
{
    struct varlena *stored = PG_DETOAST_DATUM_PACKED(numeric);
    int64_t units = 0;
    enum reading reading = read_number(stored, UNITS_LOWEST_WEIGHT, &units);

    if (reading == READ_WHOLE && (units > SCHEDULE_VALUE_LIMIT || units < -SCHEDULE_VALUE_LIMIT))
        reading = READ_TOO_LARGE;
    if (unlikely(reading != READ_WHOLE))
        refuse_number(numeric, reading, SCHEDULE_DECIMALS, name);
    return units;
}

/* A numeric from 0 to a limit (of 10,000 at most), in units of 1/100,000,000. */
int64_t
care_numeric_fraction(Datum numeric, int limit, const char *name)
{
    struct varlena *stored = PG_DETOAST_DATUM_PACKED(numeric);
    int64_t fraction = 0;
    enum reading reading = read_number(stored, FRACTION_LOWEST_WEIGHT, &fraction);

    if (reading == READ_NOT_FINITE || reading == READ_TOO_PRECISE)
        refuse_number(numeric, reading, FRACTION_DECIMALS, name);
    if (reading == READ_TOO_LARGE || fraction < 0 || fraction > limit * FRACTION_ONE)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_in_range"),
                 errmsg("%s must be from 0 to %d", name, limit)));
    return fraction;
}

/* A numeric of pounds as pence. */
int64_t
care_numeric_pence(Datum numeric, const char *name)
{
    int64_t units = care_numeric_units(numeric, name);

    if (unlikely(units % UNITS_PER_PENNY != 0))
        refuse_number(numeric, READ_TOO_PRECISE, 2, name);
    return units / UNITS_PER_PENNY; /* exact: checked above */
}

/* Pence as a numeric of pounds with 2 decimals. */
Datum
care_pence_numeric(int64_t pence)
{
    return NumericGetDatum(int64_div_fast_to_numeric(pence, 2));
}

/* Units of 1/10,000 as a numeric with 2 to 4 decimals, as few as say it exactly. */
Datum
care_units_numeric(int64_t units)
{
    if (units % 100 == 0)
        return NumericGetDatum(int64_div_fast_to_numeric(units / 100, 2));
    if (units % 10 == 0)
        return NumericGetDatum(int64_div_fast_to_numeric(units / 10, 3));
    return NumericGetDatum(int64_div_fast_to_numeric(units, 4));
}

/* Refuse to work on a server whose numeric is not stored as this file reads it. */
void
care_numeric_self_check(void)
{
    static const int64_t samples[] = {0,
                                      1,
                                      -1,
                                      100,
                                      9999,
                                      10000,
                                      -10001,
                                      12345678,
                                      100000000,
                                      99990000,
                                      -1234500000,
                                      8600000000,
                                      1000000,
                                      999999999999,
                                      100000000000,
                                      99999999999999,
                                      -99999999999999};

    for (size_t i = 0; i < lengthof(samples); i++) {
        Datum numeric = NumericGetDatum(int64_div_fast_to_numeric(samples[i], 4));
        int64_t units = 0;

        if (read_number((struct varlena *)DatumGetPointer(numeric), UNITS_LOWEST_WEIGHT, &units) !=
                READ_WHOLE ||
            units != samples[i])
            ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                            errmsg("care_account does not know how this server stores numeric"),
                            errhint("Use a version of care_account made for this server.")));
    }
}
