/*
 * running_sql.c: the running account of an agreement, for SQL.
 *
 * The aggregate gathered(amount, on_day, kind) packs the entries of an agreement, in the order of
 * their days; running_totals() says where they stand on a day.  So entries are read once, however
 * many days are asked about.
 *
 * Must not know: tables; how the account is walked (running.c).
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "balance_state.h"
#include "entry.h"
#include "growth_cache.h"
#include "numeric_io.h"
#include "report.h"
#include "schedule_arg.h"
#include "terms_arg.h"
#include "../pure/running.h"

enum entry_kind {
    ENTRY_CARE_FEES,
    ENTRY_OPENING_BALANCE,
    ENTRY_ADMINISTRATION_CHARGE,
    ENTRY_REFUND,
    ENTRY_PAYMENT,
    ENTRY_CREDIT,
    ENTRY_WAIVER,
    ENTRY_WRITE_OFF,
    ENTRY_KINDS
};

static const struct care_word entry_kinds[] = {
    CARE_WORD("care_fees", ENTRY_CARE_FEES),
    CARE_WORD("payment", ENTRY_PAYMENT),
    CARE_WORD("administration_charge", ENTRY_ADMINISTRATION_CHARGE),
    CARE_WORD("opening_balance", ENTRY_OPENING_BALANCE),
    CARE_WORD("credit", ENTRY_CREDIT),
    CARE_WORD("waiver", ENTRY_WAIVER),
    CARE_WORD("write_off", ENTRY_WRITE_OFF),
    CARE_WORD("refund", ENTRY_REFUND)};

StaticAssertDecl(lengthof(entry_kinds) == ENTRY_KINDS, "every kind of entry has a word");

/*
 * An entry as gathered() packs it; the array begins at MAXALIGN after the header of a bytea, which
 * no table keeps.  Another bytea is refused by its length, kinds, days or amounts.
 */
struct packed_entry {
    day_t day;
    int32 kind;
    int64 pence;
};

#define PACKED_HEADER_SIZE MAXALIGN(VARHDRSZ)

/* A group's entries, in a bytea that is always ready to be given out. */
struct gathered {
    int32 count;
    int32 capacity;
    day_t last_day;
    bool in_order;
    struct varlena *packed;
};

static struct packed_entry *
entries_in(struct varlena *packed)
{
    return (struct packed_entry *)((char *)packed + PACKED_HEADER_SIZE);
}

static struct varlena *
packed_room(MemoryContext context, int32 capacity)
{
    return MemoryContextAlloc(context,
                              PACKED_HEADER_SIZE + (Size)capacity * sizeof(struct packed_entry));
}

PG_FUNCTION_INFO_V1(care_gather_add);
Datum
care_gather_add(PG_FUNCTION_ARGS)
{
    struct gathered *state = PG_ARGISNULL(0) ? NULL : (struct gathered *)PG_GETARG_POINTER(0);
    MemoryContext context;
    struct packed_entry *entry;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "aggregate function called in non-aggregate context");
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), care_errconstraint("argument_not_null"),
                 errmsg("amount, on_day and kind must not be null")));
    if (state == NULL) {
        state = MemoryContextAlloc(context, sizeof *state);
        *state = (struct gathered){.capacity = 64, .last_day = DAY_FIRST, .in_order = true};
        state->packed = packed_room(context, state->capacity);
    } else if (state->count == state->capacity) {
        struct varlena *longer;

        if (state->capacity > (int32)(MaxAllocSize / sizeof *entry / 2 - 1))
            ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                            care_errconstraint("agreement_entries"),
                            errmsg("an agreement has too many entries")));
        longer = packed_room(context, 2 * state->capacity);
        memcpy(longer, state->packed, PACKED_HEADER_SIZE + (Size)state->capacity * sizeof *entry);
        pfree(state->packed);
        state->packed = longer;
        state->capacity *= 2;
    }
    entry = &entries_in(state->packed)[state->count++];
    entry->pence = care_numeric_pence(PG_GETARG_DATUM(1), "amount");
    entry->day = care_day(PG_GETARG_DATEADT(2), "on_day");
    entry->kind =
        care_word_argument(PG_GETARG_DATUM(3), entry_kinds, lengthof(entry_kinds), "kind");
    state->in_order &= entry->day >= state->last_day;
    state->last_day = entry->day;
    PG_RETURN_POINTER(state);
}

static int
by_day(const void *left, const void *right)
{
    day_t left_day = ((const struct packed_entry *)left)->day;
    day_t right_day = ((const struct packed_entry *)right)->day;

    return (left_day > right_day) - (left_day < right_day);
}

/* The entries in the order of their days; none where there was no row. */
PG_FUNCTION_INFO_V1(care_gather_final);
Datum
care_gather_final(PG_FUNCTION_ARGS)
{
    struct gathered *state = PG_ARGISNULL(0) ? NULL : (struct gathered *)PG_GETARG_POINTER(0);
    Size size = (Size)(state == NULL ? 0 : state->count) * sizeof(struct packed_entry);
    struct varlena *result = palloc(PACKED_HEADER_SIZE + size);

    SET_VARSIZE(result, PACKED_HEADER_SIZE + size);
    memset(VARDATA(result), 0, PACKED_HEADER_SIZE - VARHDRSZ);
    if (state != NULL) {
        memcpy(entries_in(result), entries_in(state->packed), size);
        if (!state->in_order)
            qsort(entries_in(result), (size_t)state->count, sizeof(struct packed_entry), by_day);
    }
    PG_RETURN_POINTER(result);
}

/* What SQL says of an account and of the day it is looked at. */
enum {
    RUNNING_ENTRIES,
    RUNNING_RATES,
    RUNNING_CHARGED,
    RUNNING_COURT_FROM,
    RUNNING_COURT_RATE,
    RUNNING_DAY_COUNT,
    RUNNING_CAPITALISED,
    RUNNING_AS_AT,
    RUNNING_AT_START
};

/* The entries of an account up to a day: their sums by kind, and what moves it each day. */
struct account_entries {
    int64 sums[ENTRY_KINDS]; /* pence */
    int64 sum;
    struct movement *movements;
    int32 count;
};

static void
refuse_entries(void)
{
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("entries_gathered"),
             errmsg("entries must be what care_internal.gathered() gave")));
}

/* How many entries there are; only what gathered() gave has a whole number of them. */
static int32
count_entries(const struct varlena *packed)
{
    Size size = VARSIZE(packed);

    if (size < PACKED_HEADER_SIZE || (size - PACKED_HEADER_SIZE) % sizeof(struct packed_entry) != 0)
        refuse_entries();
    return (int32)((size - PACKED_HEADER_SIZE) / sizeof(struct packed_entry));
}

static void
read_entries(struct varlena *packed, day_t as_at, struct account_entries *entries)
{
    int32 count = count_entries(packed);
    day_t last_day = DAY_FIRST;

    *entries =
        (struct account_entries){.movements = palloc(((Size)count + 1) * sizeof(struct movement))};
    for (int32 i = 0; i < count; i++) {
        struct movement *movement = &entries->movements[entries->count];
        struct packed_entry entry;

        /* a tuple may have moved them to where they are not aligned */
        memcpy(&entry, &entries_in(packed)[i], sizeof entry);
        if (entry.kind < 0 || entry.kind >= ENTRY_KINDS || entry.day < last_day ||
            entry.pence > PENCE_LIMIT || entry.pence < -PENCE_LIMIT)
            refuse_entries();
        last_day = entry.day;
        if (entry.day > as_at)
            break;
        if (__builtin_add_overflow(entries->sums[entry.kind], entry.pence,
                                   &entries->sums[entry.kind]) ||
            __builtin_add_overflow(entries->sum, entry.pence, &entries->sum))
            care_sum_too_large();
        /* the entries of a day are one movement; one that comes to nought is none */
        if (entries->count > 0 && movement[-1].day == entry.day) {
            movement--;
            if (__builtin_add_overflow(movement->pence, entry.pence, &movement->pence))
                care_sum_too_large();
        } else {
            if (entries->count > 0 && movement[-1].pence == 0)
                movement--;
            else
                entries->count++;
            *movement = (struct movement){.day = entry.day, .pence = entry.pence};
        }
    }
    if (entries->count > 0 && entries->movements[entries->count - 1].pence == 0)
        entries->count--;
}

static struct running_terms
read_terms(FunctionCallInfo fcinfo)
{
    struct running_terms terms = {
        .contract.rates = care_optional_schedule(fcinfo, RUNNING_RATES),
        .charged = care_optional_schedule(fcinfo, RUNNING_CHARGED),
        .contract.day_count = PG_ARGISNULL(RUNNING_DAY_COUNT)
                                  ? DAY_COUNT_ACT_ACT
                                  : care_day_count_argument(PG_GETARG_DATUM(RUNNING_DAY_COUNT)),
        .court_from = NO_JUDGMENT};

    if (!PG_ARGISNULL(RUNNING_CAPITALISED))
        care_capitalised_argument(PG_GETARG_DATUM(RUNNING_CAPITALISED), &terms.contract);
    if (!PG_ARGISNULL(RUNNING_COURT_FROM) && !PG_ARGISNULL(RUNNING_COURT_RATE)) {
        terms.court_from = care_day(PG_GETARG_DATEADT(RUNNING_COURT_FROM), "court_from");
        terms.court_rate = care_numeric_units(PG_GETARG_DATUM(RUNNING_COURT_RATE), "court_rate");
    }
    return terms;
}

/*
 * The balance at the close of a day as a sum of amounts times growth, which agreements on the same
 * terms share; false where a rate is not known.
 */
static bool
sum_of_growth(FunctionCallInfo fcinfo, const struct account_entries *entries, day_t as_at,
              int64_t *balance)
{
    struct growth_reference reference = {0};
    struct growth_key key = {.given = {PG_GETARG_VARLENA_PP(RUNNING_RATES),
                                       PG_GETARG_VARLENA_PP(RUNNING_DAY_COUNT),
                                       PG_GETARG_VARLENA_PP(RUNNING_CAPITALISED)},
                             .as_at = as_at};
    struct growth_sum sum = {0};

    if (entries->count > 0)
        care_refer_to_growth(&reference, &key);
    for (int32 i = 0; i < entries->count; i++) {
        growth_t growth = care_cached_growth(&reference, &key, entries->movements[i].day, true);

        if (growth == 0)
            return false;
        if (!growth_sum_add(&sum, entries->movements[i].pence, growth))
            care_sum_too_large();
    }
    if (!growth_sum_pence(&sum, balance))
        care_sum_too_large();
    return true;
}

/* Walk the account; false, with the account as it was before, where a rate is not known. */
static bool
walk(FunctionCallInfo fcinfo, const struct account_entries *entries, day_t as_at, bool at_start,
     struct running_account *account, struct running_figures *figures)
{
    struct running_terms terms = read_terms(fcinfo);
    struct fault fault = {0};

    if (!running_walk(&terms, entries->movements, entries->count, as_at, at_start, account,
                      &fault)) {
        if (fault_is_unknown(&fault))
            return false;
        care_report(&fault);
    }
    if (!running_figures(account, figures))
        care_sum_too_large();
    return true;
}

/* Is the account a sum of amounts times growth at the close of the day? */
static bool
is_sum(FunctionCallInfo fcinfo, const struct account_entries *entries, day_t as_at, bool at_start)
{
    return !at_start && PG_ARGISNULL(RUNNING_CHARGED) && !PG_ARGISNULL(RUNNING_RATES) &&
           !PG_ARGISNULL(RUNNING_DAY_COUNT) && !PG_ARGISNULL(RUNNING_CAPITALISED) &&
           (PG_ARGISNULL(RUNNING_COURT_FROM) || PG_GETARG_DATEADT(RUNNING_COURT_FROM) > as_at) &&
           running_is_linear(entries->movements, entries->count);
}

static day_t
day_looked_at(FunctionCallInfo fcinfo)
{
    if (PG_ARGISNULL(RUNNING_ENTRIES) || PG_ARGISNULL(RUNNING_AS_AT) ||
        PG_ARGISNULL(RUNNING_AT_START))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), care_errconstraint("argument_not_null"),
                 errmsg("entries, as_at and at_start must not be null")));
    return care_day(PG_GETARG_DATEADT(RUNNING_AS_AT), "as_at");
}

enum {
    TOTALS_DEFERRED,
    TOTALS_ADMINISTRATION_CHARGES,
    TOTALS_PAYMENTS,
    TOTALS_CREDITED,
    TOTALS_REFUNDED,
    TOTALS_WRITTEN_OFF,
    TOTALS_ENTRIES,
    TOTALS_BALANCE,
    TOTALS_HELD,
    TOTALS_SEPARATE,
    TOTALS_SETTLED_ON,
    TOTALS_COLUMNS
};

/* A row of running_totals, all in pounds but the last; noughts when there was no entry. */
PG_FUNCTION_INFO_V1(care_running_totals);
Datum
care_running_totals(PG_FUNCTION_ARGS)
{
    day_t as_at = day_looked_at(fcinfo);
    bool at_start = PG_GETARG_BOOL(RUNNING_AT_START);
    struct running_account account = {.settled_on = NOT_SETTLED};
    struct running_figures figures = {0};
    struct account_entries entries;
    TupleDesc row;
    bool known;
    Datum values[TOTALS_COLUMNS] = {0};
    bool nulls[TOTALS_COLUMNS] = {false};

    if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE ||
        row->natts != TOTALS_COLUMNS)
        elog(ERROR, "running_totals must return a row of running_totals");
    read_entries(PG_GETARG_VARLENA_P(RUNNING_ENTRIES), as_at, &entries);
    known = is_sum(fcinfo, &entries, as_at, at_start)
                ? sum_of_growth(fcinfo, &entries, as_at, &figures.balance)
                : walk(fcinfo, &entries, as_at, at_start, &account, &figures);
    values[TOTALS_DEFERRED] =
        care_pence_numeric(entries.sums[ENTRY_CARE_FEES] + entries.sums[ENTRY_OPENING_BALANCE]);
    values[TOTALS_ADMINISTRATION_CHARGES] =
        care_pence_numeric(entries.sums[ENTRY_ADMINISTRATION_CHARGE]);
    values[TOTALS_PAYMENTS] = care_pence_numeric(-entries.sums[ENTRY_PAYMENT]);
    values[TOTALS_CREDITED] =
        care_pence_numeric(-entries.sums[ENTRY_CREDIT] - entries.sums[ENTRY_WAIVER]);
    values[TOTALS_REFUNDED] = care_pence_numeric(entries.sums[ENTRY_REFUND]);
    values[TOTALS_WRITTEN_OFF] = care_pence_numeric(-entries.sums[ENTRY_WRITE_OFF]);
    values[TOTALS_ENTRIES] = care_pence_numeric(entries.sum);
    values[TOTALS_BALANCE] = care_pence_numeric(figures.balance);
    values[TOTALS_HELD] = care_pence_numeric(figures.held);
    values[TOTALS_SEPARATE] = care_pence_numeric(figures.separate);
    values[TOTALS_SETTLED_ON] = DateADTGetDatum(account.settled_on);
    nulls[TOTALS_BALANCE] = nulls[TOTALS_HELD] = !known;
    nulls[TOTALS_SEPARATE] =
        !PG_ARGISNULL(RUNNING_CHARGED) && (!known || account.separate_fault.code != FAULT_NONE);
    nulls[TOTALS_SETTLED_ON] = account.settled_on == NOT_SETTLED;
    pfree(entries.movements);
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}

/* The first day whose rate of interest is needed and not known; NULL if all are. */
PG_FUNCTION_INFO_V1(care_running_unknown);
Datum
care_running_unknown(PG_FUNCTION_ARGS)
{
    day_t as_at = day_looked_at(fcinfo);
    struct running_terms terms = read_terms(fcinfo);
    struct running_account account;
    struct account_entries entries;
    struct fault fault = {0};

    read_entries(PG_GETARG_VARLENA_P(RUNNING_ENTRIES), as_at, &entries);
    if (running_walk(&terms, entries.movements, entries.count, as_at,
                     PG_GETARG_BOOL(RUNNING_AT_START), &account, &fault)) {
        if (account.separate_fault.code == FAULT_NONE)
            PG_RETURN_NULL();
        PG_RETURN_DATEADT(account.separate_fault.day);
    }
    if (!fault_is_unknown(&fault))
        care_report(&fault);
    PG_RETURN_DATEADT(fault.code == FAULT_NOT_KNOWN ? fault.day : account.walked_to);
}
