/*
 * interest_sql.c: the product integral as SQL functions, growth() and the aggregate balance().
 *
 * Must not know: tables; how growth is worked out (interest.c).
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "interest.h"
#include "numeric_io.h"
#include "schedule_arg.h"

/* growth() shows this many decimals, in two halves */
#define GROWTH_DECIMALS 20
#define HALF_DECIMALS UINT64CONST(10000000000)

struct name_of {
    const char *name;
    size_t length;
    int value;
};

#define NAME_OF(name, value)                                                                       \
    {                                                                                              \
        name, sizeof name - 1, value                                                               \
    }

static const struct name_of day_counts[] = {NAME_OF("act/act", DAY_COUNT_ACT_ACT),
                                            NAME_OF("act/365f", DAY_COUNT_ACT_365F)};

static const struct name_of capitalisations[] = {NAME_OF("daily", CAPITALISED_DAILY),
                                                 NAME_OF("weekly", CAPITALISED_WEEKLY),
                                                 NAME_OF("monthly", CAPITALISED_MONTHLY),
                                                 NAME_OF("quarterly", CAPITALISED_QUARTERLY),
                                                 NAME_OF("half_yearly", CAPITALISED_HALF_YEARLY),
                                                 NAME_OF("yearly", CAPITALISED_YEARLY),
                                                 NAME_OF("none", CAPITALISED_NEVER)};

/* Read a word of a closed list. */
static int
word_argument(Datum word, const struct name_of *names, int count, const char *what)
{
    const text *stored = DatumGetTextPP(word);
    size_t length = VARSIZE_ANY_EXHDR(stored);
    StringInfoData list;

    for (int i = 0; i < count; i++)
        if (names[i].length == length && memcmp(names[i].name, VARDATA_ANY(stored), length) == 0)
            return names[i].value;
    initStringInfo(&list);
    for (int i = 0; i < count; i++)
        appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", names[i].name);
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("unknown %s: \"%s\"", what, text_to_cstring(stored)),
                    errhint("It is one of: %s.", list.data)));
}

static enum day_count
day_count_argument(Datum word)
{
    return word_argument(word, day_counts, lengthof(day_counts), "day_count");
}

static enum capitalised
capitalised_argument(Datum word)
{
    return word_argument(word, capitalisations, lengthof(capitalisations), "capitalised");
}

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

/* (Re)build a table from a day, in a memory context; false with a fault if that cannot be. */
static bool
try_table(struct growth_table *table, day_t from_day, MemoryContext context, struct fault *fault)
{
    table->from_day = from_day;
    if (table->blocks != NULL)
        pfree(table->blocks);
    table->blocks = NULL;
    table->capacity =
        from_day > table->to_day ? 1 : growth_blocks_limit(&table->terms, from_day, table->to_day);
    table->blocks = MemoryContextAllocHuge(context, (Size)table->capacity * sizeof *table->blocks);
    return growth_prepare(table, fault);
}

static void
prepare_table(struct growth_table *table, day_t from_day, MemoryContext context)
{
    struct fault fault = {0};

    if (!try_table(table, from_day, context, &fault))
        care_report(&fault);
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
    table.terms.day_count = day_count_argument(PG_GETARG_DATUM(1));
    table.terms.capitalised = capitalised_argument(PG_GETARG_DATUM(2));
    from_day = care_day(PG_GETARG_DATEADT(3), "from_day");
    table.to_day = care_day(PG_GETARG_DATEADT(4), "to_day");
    prepare_table(&table, from_day, CurrentMemoryContext);
    if (!growth_from(&table, from_day, &growth, &fault))
        care_report(&fault);
    return growth_numeric(growth);
}

/*
 * The aggregate balance(amount, on_day, rates, day_count, capitalised, as_at).
 *
 * Terms (all arguments but the first two) are usually the same for every row of a query.  Each
 * distinct terms get one table of growth, kept for the whole query beside the function, and in it
 * the growth of every day asked for, worked out when it is first asked for.  Then a row is one
 * look-up and one multiplication.
 */
#define PAGE_DAYS 512
#define FIRST_SPAN_DAYS 3653 /* ten years */

/* The three arguments, besides as_at, that make the terms. */
enum { TERMS_RATES, TERMS_DAY_COUNT, TERMS_CAPITALISED, TERMS_WORDS };

struct terms {
    struct varlena *given[TERMS_WORDS]; /* as stored, to compare with the next row's */
    struct growth_table table;
    growth_t **pages; /* by (to_day - day) / PAGE_DAYS; nought where not yet worked out */
    int32_t page_count;
};

/* What a query remembers of all its terms. */
struct terms_cache {
    MemoryContext context;
    List *all;     /* of struct terms */
    bool constant; /* every row of the query has the same terms: they are constants in it */
    bool if_known; /* a rate that is not known makes no error, but no figure */
};

/* One group's state: an exact sum. */
struct balance_state {
    struct growth_sum sum;
    int64 rows;
    struct terms *terms; /* of the last row; NULL if not known here */
    bool not_known;      /* a rate it needs is not */
};

static inline bool
same_bytes(const struct varlena *left, const struct varlena *right)
{
    return VARSIZE_ANY(left) == VARSIZE_ANY(right) && memcmp(left, right, VARSIZE_ANY(left)) == 0;
}

static inline bool
terms_match(const struct terms *terms, struct varlena *const *given, day_t as_at)
{
    return terms->table.to_day == as_at && same_bytes(terms->given[0], given[0]) &&
           same_bytes(terms->given[1], given[1]) && same_bytes(terms->given[2], given[2]);
}

/* Are the terms constants in the query? */
static bool
terms_are_constant(FunctionCallInfo fcinfo)
{
    Aggref *aggregate = AggGetAggref(fcinfo);
    ListCell *cell;

    if (aggregate == NULL)
        return false;
    for_each_from(cell, aggregate->args, 2) /* after amount and on_day */
        if (!IsA(((TargetEntry *)lfirst(cell))->expr, Const)) return false;
    return true;
}

static struct terms_cache *
query_cache(FunctionCallInfo fcinfo)
{
    struct terms_cache *cache = fcinfo->flinfo->fn_extra;

    if (cache == NULL) {
        cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof *cache);
        cache->context = fcinfo->flinfo->fn_mcxt;
        cache->constant = terms_are_constant(fcinfo);
        fcinfo->flinfo->fn_extra = cache;
    }
    return cache;
}

/* The terms among all that this query has met, or new ones. */
static struct terms *
find_terms(struct terms_cache *cache, struct varlena *const *given, day_t as_at)
{
    MemoryContext caller;
    struct terms *terms;
    ListCell *cell;

    foreach (cell, cache->all)
        if (terms_match(lfirst(cell), given, as_at))
            return lfirst(cell);
    caller = MemoryContextSwitchTo(cache->context);
    terms = palloc0(sizeof *terms);
    for (int i = 0; i < TERMS_WORDS; i++) {
        terms->given[i] = palloc(VARSIZE_ANY(given[i]));
        memcpy(terms->given[i], given[i], VARSIZE_ANY(given[i]));
    }
    terms->table.terms = (struct growth_terms){
        .rates = care_stored_view(terms->given[TERMS_RATES]),
        .day_count = day_count_argument(PointerGetDatum(given[TERMS_DAY_COUNT])),
        .capitalised = capitalised_argument(PointerGetDatum(given[TERMS_CAPITALISED]))};
    terms->table.to_day = as_at;
    terms->table.from_day = as_at + 1; /* nothing prepared yet */
    cache->all = lappend(cache->all, terms);
    MemoryContextSwitchTo(caller);
    return terms;
}

/*
 * Where a table that must begin by `day` should begin: back over ten years or twice what is needed,
 * so that rebuilding is rare, but not before the rates do or past a day whose rate is not known.
 */
static day_t
table_beginning(const struct growth_table *table, day_t day)
{
    struct schedule rates = table->terms.rates;
    int32_t span = Max(FIRST_SPAN_DAYS, 2 * (table->to_day - day));
    day_t wanted = Max(DAY_FIRST, table->to_day - span);
    int32_t step = schedule_find(rates, day);

    while (step > 0 && schedule_day(rates, step) > wanted && schedule_value(rates, step - 1) >= 0)
        step--;
    return step < 0 ? day : Min(day, Max(wanted, schedule_day(rates, step)));
}

/* Does a fault mean that nobody has entered the rate? */
static bool
fault_is_unknown(const struct fault *fault)
{
    return fault->code == FAULT_NOT_KNOWN || fault->code == FAULT_BEFORE_FIRST_STEP;
}

/* Make a table reach back to a day; false where a rate is not known and that is to be no error. */
static bool
reach_back(struct terms_cache *cache, struct terms *terms, day_t day)
{
    struct growth_table *table = &terms->table;
    struct fault fault = {0};
    int32_t pages;

    if (day > table->to_day)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("an amount is dated after as_at"),
                 errhint("Leave it out with FILTER (WHERE on_day <= as_at).")));
    /* where reaching further back than asked fails, what was asked may not */
    if (!try_table(table, table_beginning(table, day), cache->context, &fault) &&
        !try_table(table, day, cache->context, &fault)) {
        if (!cache->if_known || !fault_is_unknown(&fault))
            care_report(&fault);
        table->from_day = table->to_day + 1; /* nothing is prepared */
        return false;
    }
    pages = Max(terms->page_count, (table->to_day - table->from_day) / PAGE_DAYS + 1);
    if (terms->pages == NULL)
        terms->pages = MemoryContextAlloc(cache->context, (Size)pages * sizeof *terms->pages);
    else
        terms->pages = repalloc(terms->pages, (Size)pages * sizeof *terms->pages);
    memset(terms->pages + terms->page_count, 0,
           (Size)(pages - terms->page_count) * sizeof *terms->pages);
    terms->page_count = pages;
    return true;
}

/* Growth from a day, worked out once; nought where a rate is not known and that is no error. */
static growth_t
work_out_growth(struct terms_cache *cache, struct terms *terms, day_t day)
{
    struct fault fault = {0};
    int32_t page;
    growth_t *growth;

    if ((day < terms->table.from_day || day > terms->table.to_day) &&
        !reach_back(cache, terms, day))
        return 0;
    page = (terms->table.to_day - day) / PAGE_DAYS;
    if (terms->pages[page] == NULL)
        terms->pages[page] =
            MemoryContextAllocZero(cache->context, (Size)PAGE_DAYS * sizeof(growth_t));
    growth = &terms->pages[page][(terms->table.to_day - day) % PAGE_DAYS];
    if (*growth == 0 && !growth_from(&terms->table, day, growth, &fault))
        care_report(&fault);
    return *growth;
}

static inline growth_t
growth_on(struct terms_cache *cache, struct terms *terms, day_t day)
{
    int32_t back = terms->table.to_day - day;

    if (likely(back >= 0 && back / PAGE_DAYS < terms->page_count)) {
        const growth_t *page = terms->pages[back / PAGE_DAYS];

        if (likely(page != NULL && page[back % PAGE_DAYS] != 0))
            return page[back % PAGE_DAYS];
    }
    return work_out_growth(cache, terms, day);
}

static void
sum_too_large(void)
{
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("the balance is out of range"),
             errdetail("Amounts must be under 10000000000.")));
}

static void
require_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
    if (unlikely(PG_ARGISNULL(argument)))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name)));
}

/* The terms in arguments 3 to 6: those of the last row, or others. */
static struct terms *
row_terms(FunctionCallInfo fcinfo, struct terms_cache *cache, struct terms *last)
{
    static const char *const names[] = {"rates", "day_count", "capitalised", "as_at"};
    struct varlena *given[TERMS_WORDS];
    day_t as_at;

    for (int i = 0; i < (int)lengthof(names); i++)
        require_argument(fcinfo, 3 + i, names[i]);
    as_at = care_day(PG_GETARG_DATEADT(6), "as_at");
    for (int i = 0; i < TERMS_WORDS; i++)
        given[i] = PG_GETARG_VARLENA_PP(3 + i);
    return last != NULL && terms_match(last, given, as_at) ? last : find_terms(cache, given, as_at);
}

/* Add (or, for a moving window, take away) so many pence from the day in argument 2. */
static inline void
add_pence(FunctionCallInfo fcinfo, struct terms_cache *cache, struct balance_state *state,
          int64_t pence)
{
    growth_t growth;
    day_t on_day;

    require_argument(fcinfo, 2, "on_day");
    on_day = care_day(PG_GETARG_DATEADT(2), "on_day");
    growth = growth_on(cache, state->terms, on_day);
    if (unlikely(growth == 0))
        state->not_known = true;
    else if (!growth_sum_add(&state->sum, pence, growth))
        sum_too_large();
}

static void
add_row(FunctionCallInfo fcinfo, struct balance_state *state, int64_t pence)
{
    struct terms_cache *cache = query_cache(fcinfo);

    if (state->terms == NULL || !cache->constant)
        state->terms = row_terms(fcinfo, cache, state->terms);
    add_pence(fcinfo, cache, state, pence);
}

static int64_t
amount_argument(FunctionCallInfo fcinfo)
{
    return care_numeric_pence(PG_GETARG_DATUM(1), "amount");
}

static MemoryContext
aggregate_memory(FunctionCallInfo fcinfo)
{
    MemoryContext context;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "aggregate function called in non-aggregate context");
    return context;
}

static struct balance_state *
state_argument(FunctionCallInfo fcinfo, int argument)
{
    return PG_ARGISNULL(argument) ? NULL : (struct balance_state *)PG_GETARG_POINTER(argument);
}

/* Add a row; one without an amount is passed over, as sum() does. */
PG_FUNCTION_INFO_V1(care_balance_add);
Datum
care_balance_add(PG_FUNCTION_ARGS)
{
    MemoryContext context = aggregate_memory(fcinfo);
    struct balance_state *state = state_argument(fcinfo, 0);

    if (state == NULL)
        state = MemoryContextAllocZero(context, sizeof *state);
    if (!PG_ARGISNULL(1)) {
        add_row(fcinfo, state, amount_argument(fcinfo));
        state->rows++;
    }
    PG_RETURN_POINTER(state);
}

/* The same for balance_if_known, whose result is null where a rate that it needs is not known. */
PG_FUNCTION_INFO_V1(care_balance_add_if_known);
Datum
care_balance_add_if_known(PG_FUNCTION_ARGS)
{
    query_cache(fcinfo)->if_known = true;
    return care_balance_add(fcinfo);
}

/* Take a row away again, for a moving window: exact, so nothing is lost. */
PG_FUNCTION_INFO_V1(care_balance_remove);
Datum
care_balance_remove(PG_FUNCTION_ARGS)
{
    struct balance_state *state = state_argument(fcinfo, 0);

    aggregate_memory(fcinfo);
    if (state == NULL)
        elog(ERROR, "balance has no state to take a row from");
    if (!PG_ARGISNULL(1)) {
        add_row(fcinfo, state, -amount_argument(fcinfo));
        state->rows--;
    }
    PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(care_balance_combine);
Datum
care_balance_combine(PG_FUNCTION_ARGS)
{
    MemoryContext context = aggregate_memory(fcinfo);
    struct balance_state *left = state_argument(fcinfo, 0);
    const struct balance_state *right = state_argument(fcinfo, 1);

    if (left == NULL)
        left = MemoryContextAllocZero(context, sizeof *left);
    if (right != NULL) {
        if (!growth_sum_merge(&left->sum, &right->sum))
            sum_too_large();
        left->rows += right->rows;
    }
    PG_RETURN_POINTER(left);
}

static void
send_i128(StringInfo message, i128 number)
{
    pq_sendint64(message, (uint64)((u128)number >> 64));
    pq_sendint64(message, (uint64)(u128)number);
}

static i128
receive_i128(StringInfo message)
{
    u128 high = (u128)(uint64)pq_getmsgint64(message) << 64;

    return (i128)(high | (uint64)pq_getmsgint64(message));
}

PG_FUNCTION_INFO_V1(care_balance_serial);
Datum
care_balance_serial(PG_FUNCTION_ARGS)
{
    const struct balance_state *state = (struct balance_state *)PG_GETARG_POINTER(0);
    StringInfoData message;

    pq_begintypsend(&message);
    send_i128(&message, state->sum.high);
    send_i128(&message, state->sum.low);
    pq_sendint64(&message, state->rows);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(care_balance_deserial);
Datum
care_balance_deserial(PG_FUNCTION_ARGS)
{
    const bytea *bytes = PG_GETARG_BYTEA_PP(0);
    struct balance_state *state = palloc0(sizeof *state);
    StringInfoData message;

    aggregate_memory(fcinfo);
    initStringInfo(&message);
    appendBinaryStringInfo(&message, VARDATA_ANY(bytes), (int)VARSIZE_ANY_EXHDR(bytes));
    state->sum.high = receive_i128(&message);
    state->sum.low = receive_i128(&message);
    state->rows = pq_getmsgint64(&message);
    pq_getmsgend(&message);
    PG_RETURN_POINTER(state);
}

/* The balance, rounded once; NULL when there was no amount, or a rate it needs is not known. */
PG_FUNCTION_INFO_V1(care_balance_final);
Datum
care_balance_final(PG_FUNCTION_ARGS)
{
    const struct balance_state *state = state_argument(fcinfo, 0);
    int64_t pence = 0;

    if (state == NULL || state->rows == 0 || state->not_known)
        PG_RETURN_NULL();
    if (!growth_sum_pence(&state->sum, &pence))
        sum_too_large();
    return care_pence_numeric(pence);
}

/*
 * The aggregate ledger(amount, on_day, rates, day_count, capitalised, as_at, kind, owed): in one
 * pass the balance of the entries that are still owed, and the plain sums of all of them by kind.
 * All entries of a group have the terms of its first: they are an agreement's, not an entry's.  The
 * balance is NULL where a rate that it needs is not known: of many agreements none fails the
 * others.
 */
enum ledger_kind {
    LEDGER_CARE_FEES,
    LEDGER_ADMINISTRATION_CHARGE,
    LEDGER_OPENING_BALANCE,
    LEDGER_PAYMENT,
    LEDGER_WRITE_OFF,
    LEDGER_CARRIED,
    LEDGER_KINDS
};

static const struct name_of ledger_kinds[] = {
    NAME_OF("care_fees", LEDGER_CARE_FEES),
    NAME_OF("payment", LEDGER_PAYMENT),
    NAME_OF("administration_charge", LEDGER_ADMINISTRATION_CHARGE),
    NAME_OF("carried", LEDGER_CARRIED),
    NAME_OF("opening_balance", LEDGER_OPENING_BALANCE),
    NAME_OF("write_off", LEDGER_WRITE_OFF)};

struct ledger_state {
    struct balance_state balance;
    int64_t sums[LEDGER_KINDS]; /* pence */
};

PG_FUNCTION_INFO_V1(care_ledger_add);
Datum
care_ledger_add(PG_FUNCTION_ARGS)
{
    MemoryContext context = aggregate_memory(fcinfo);
    struct ledger_state *state = (struct ledger_state *)state_argument(fcinfo, 0);
    int64_t pence;
    int kind;

    if (state == NULL)
        state = MemoryContextAllocZero(context, sizeof *state);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(7))
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                        errmsg("amount and kind must not be null")));
    pence = amount_argument(fcinfo);
    kind = word_argument(PG_GETARG_DATUM(7), ledger_kinds, lengthof(ledger_kinds), "kind");
    if (__builtin_add_overflow(state->sums[kind], pence, &state->sums[kind]))
        sum_too_large();
    if (!PG_ARGISNULL(8) && PG_GETARG_BOOL(8)) {
        struct terms_cache *cache = query_cache(fcinfo);

        cache->if_known = true;
        if (state->balance.terms == NULL)
            state->balance.terms = row_terms(fcinfo, cache, NULL);
        add_pence(fcinfo, cache, &state->balance, pence);
    }
    PG_RETURN_POINTER(state);
}

/* A row of ledger_totals, all in pounds; noughts when there was no entry. */
PG_FUNCTION_INFO_V1(care_ledger_final);
Datum
care_ledger_final(PG_FUNCTION_ARGS)
{
    static const struct ledger_state none = {0};
    const struct ledger_state *state =
        PG_ARGISNULL(0) ? &none : (struct ledger_state *)PG_GETARG_POINTER(0);
    TupleDesc row;
    int64_t balance = 0;
    int64_t entries = 0;
    Datum values[6];
    bool nulls[6] = {false};

    if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE || row->natts != 6)
        elog(ERROR, "ledger must return a row of ledger_totals");
    if (!growth_sum_pence(&state->balance.sum, &balance))
        sum_too_large();
    for (int kind = 0; kind < LEDGER_KINDS; kind++)
        if (__builtin_add_overflow(entries, state->sums[kind], &entries))
            sum_too_large();
    values[0] =
        care_pence_numeric(state->sums[LEDGER_CARE_FEES] + state->sums[LEDGER_OPENING_BALANCE]);
    values[1] = care_pence_numeric(state->sums[LEDGER_ADMINISTRATION_CHARGE]);
    values[2] = care_pence_numeric(-state->sums[LEDGER_PAYMENT]);
    values[3] = care_pence_numeric(-state->sums[LEDGER_WRITE_OFF]);
    values[4] = care_pence_numeric(entries);
    values[5] = care_pence_numeric(balance);
    nulls[5] = state->balance.not_known;
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
