/*
 * growth_cache.c: growth that rows on the same terms share.
 *
 * Terms are usually the same for many rows of a query, and for many groups.  Each distinct terms
 * get one table of growth, and in it the growth of every day asked for, worked out when it is first
 * asked for; then a row is one look-up and one multiplication.  Growth follows from its terms
 * alone, so it may be shared by whoever asks: the tables are kept for the transaction and belong to
 * no query, function or state.
 *
 * The cache has a bound.  New terms that find it full have it thrown away first, which ends its
 * era; a table that is to grow likewise, and no more days are remembered until then.
 *
 * What raises an error on the way leaves the cache as it was: a subtransaction may go on with it.
 *
 * Must not know: the amounts, aggregates and how they are called.
 */
#include "postgres.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#include "growth_cache.h"
#include "report.h"
#include "schedule_arg.h"
#include "terms_arg.h"

/* Up to here is remembered: bytes, and distinct terms. */
#define CACHE_BYTES_LIMIT ((Size)16 * 1024 * 1024)
#define CACHE_TERMS_LIMIT 4096

#define PAGE_DAYS 128
#define FIRST_SPAN_DAYS 3653 /* ten years */

struct growth_terms_kept {
    MemoryContext context; /* of all that follows */
    Size bytes;            /* of it, as last counted */
    uint32 hash;
    struct growth_key key;
    struct growth_table table;
    growth_t **pages; /* by (to_day - day) / PAGE_DAYS; nought where not yet worked out */
    int32_t page_count;
};

struct terms_entry {
    const struct growth_terms_kept *terms;
    char status;
};

static inline bool
same_bytes(const struct varlena *left, const struct varlena *right)
{
    return VARSIZE_ANY(left) == VARSIZE_ANY(right) && memcmp(left, right, VARSIZE_ANY(left)) == 0;
}

static inline bool
same_key(const struct growth_key *left, const struct growth_key *right)
{
    return left->as_at == right->as_at &&
           same_bytes(left->given[GROWTH_RATES], right->given[GROWTH_RATES]) &&
           same_bytes(left->given[GROWTH_DAY_COUNT], right->given[GROWTH_DAY_COUNT]) &&
           same_bytes(left->given[GROWTH_CAPITALISED], right->given[GROWTH_CAPITALISED]);
}

static uint32
hash_key(const struct growth_key *key)
{
    uint32 hash = murmurhash32((uint32)key->as_at);

    for (int i = 0; i < GROWTH_KEY_PARTS; i++)
        hash = hash_combine(hash, hash_bytes((const unsigned char *)key->given[i],
                                             (int)VARSIZE_ANY(key->given[i])));
    return hash;
}

#define SH_PREFIX terms
#define SH_ELEMENT_TYPE struct terms_entry
#define SH_KEY_TYPE const struct growth_terms_kept *
#define SH_KEY terms
#define SH_HASH_KEY(tb, key) (key)->hash
#define SH_EQUAL(tb, a, b) ((a)->hash == (b)->hash && same_key(&(a)->key, &(b)->key))
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

static struct {
    uint64 era; /* grows whenever what was kept is gone; never nought while something is */
    MemoryContext context;
    struct terms_hash *all;
    Size bytes;
} cache = {.era = 1};

/* The memory is gone, at the end of the transaction or because it was full. */
static void
forget_cache(void *nothing)
{
    cache.era++;
    cache.context = NULL;
    cache.all = NULL;
    cache.bytes = 0;
}

/* Make a cache where there is none. */
static void
begin_cache(void)
{
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "care_account growth", ALLOCSET_SMALL_SIZES);
    MemoryContextCallback *at_reset = MemoryContextAllocZero(context, sizeof *at_reset);

    cache.all = terms_create(context, 16, NULL);
    at_reset->func = forget_cache;
    MemoryContextRegisterResetCallback(context, at_reset);
    MemoryContextSetParent(context, TopTransactionContext);
    cache.context = context;
}

/* Count what terms take once more. */
static void
count_bytes(struct growth_terms_kept *terms)
{
    Size bytes = MemoryContextMemAllocated(terms->context, false);

    cache.bytes += bytes - terms->bytes;
    terms->bytes = bytes;
}

/* Terms not met before, with no table yet, in memory of the caller's. */
static struct growth_terms_kept *
new_terms(const struct growth_key *key, uint32 hash)
{
    MemoryContext context = AllocSetContextCreate(
        CurrentMemoryContext, "care_account growth of terms", ALLOCSET_SMALL_SIZES);
    struct growth_terms_kept *terms = MemoryContextAllocZero(context, sizeof *terms);

    terms->context = context;
    terms->hash = hash;
    terms->key.as_at = key->as_at;
    for (int i = 0; i < GROWTH_KEY_PARTS; i++) {
        Size size = VARSIZE_ANY(key->given[i]);

        terms->key.given[i] = MemoryContextAlloc(context, size);
        memcpy(terms->key.given[i], key->given[i], size);
    }
    terms->table.terms = (struct growth_terms){
        .rates = care_stored_view(terms->key.given[GROWTH_RATES]),
        .day_count = care_day_count_argument(PointerGetDatum(key->given[GROWTH_DAY_COUNT]))};
    care_capitalised_argument(PointerGetDatum(key->given[GROWTH_CAPITALISED]), &terms->table.terms);
    terms->table.to_day = key->as_at;
    terms->table.from_day = key->as_at + 1; /* nothing prepared yet */
    return terms;
}

/* The terms among all that are kept, or new ones. */
static struct growth_terms_kept *
find_terms(const struct growth_key *key)
{
    struct growth_terms_kept probe = {.hash = hash_key(key), .key = *key};
    struct growth_terms_kept *terms;
    struct terms_entry *entry = cache.all == NULL ? NULL : terms_lookup(cache.all, &probe);
    bool found;

    if (entry != NULL)
        return (struct growth_terms_kept *)entry->terms;
    terms = new_terms(key, probe.hash);
    if (cache.all != NULL &&
        (cache.bytes >= CACHE_BYTES_LIMIT || cache.all->members >= CACHE_TERMS_LIMIT))
        MemoryContextDelete(cache.context);
    if (cache.all == NULL)
        begin_cache();
    (void)terms_insert(cache.all, terms, &found);
    Assert(!found);
    MemoryContextSetParent(terms->context, cache.context);
    count_bytes(terms);
    return terms;
}

/* Fill a table whose terms and period are set; false with a fault if that cannot be. */
bool
care_prepare_table(struct growth_table *table, MemoryContext context, struct fault *fault)
{
    table->capacity = table->from_day > table->to_day
                          ? 1
                          : growth_blocks_limit(&table->terms, table->from_day, table->to_day);
    table->blocks = MemoryContextAllocHuge(context, (Size)table->capacity * sizeof *table->blocks);
    if (growth_prepare(table, fault))
        return true;
    pfree(table->blocks);
    return false;
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

/* Make a table reach back to a day; false where a rate is not known and that is to be no error. */
static bool
reach_back(struct growth_terms_kept *terms, day_t day, bool if_known)
{
    struct growth_table table = terms->table;
    struct fault fault = {0};
    int32_t pages;

    if (day > table.to_day)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("amount_by_as_at"),
                 errmsg("an amount is dated after as_at"),
                 errhint("Leave it out with FILTER (WHERE on_day <= as_at).")));
    table.from_day = table_beginning(&table, day);
    if (!care_prepare_table(&table, terms->context, &fault)) {
        /* where reaching further back than asked fails, what was asked may not */
        table.from_day = day;
        if (!care_prepare_table(&table, terms->context, &fault)) {
            if (if_known && fault_is_unknown(&fault))
                return false;
            care_report(&fault);
        }
    }
    if (terms->table.blocks != NULL)
        pfree(terms->table.blocks);
    terms->table = table;
    pages = (table.to_day - table.from_day) / PAGE_DAYS + 1;
    if (pages > terms->page_count) {
        growth_t **longer = MemoryContextAllocZero(terms->context, (Size)pages * sizeof *longer);

        if (terms->pages != NULL) {
            memcpy(longer, terms->pages, (Size)terms->page_count * sizeof *longer);
            pfree(terms->pages);
        }
        terms->pages = longer;
        terms->page_count = pages;
    }
    count_bytes(terms);
    return true;
}

/* Growth from a day, from the table the first time. */
static growth_t
work_out_growth(struct growth_reference *reference, const struct growth_key *key, day_t day,
                bool if_known)
{
    struct growth_terms_kept *terms = reference->terms;
    struct fault fault = {0};
    growth_t growth = 0;
    growth_t **page;

    if (day < terms->table.from_day || day > terms->table.to_day) {
        if (cache.bytes >= CACHE_BYTES_LIMIT) {
            MemoryContextDelete(cache.context);
            terms = find_terms(key);
            *reference = (struct growth_reference){.terms = terms, .era = cache.era};
        }
        if (!reach_back(terms, day, if_known))
            return 0;
    }
    if (!growth_from(&terms->table, day, &growth, &fault))
        care_report(&fault);
    page = &terms->pages[(terms->table.to_day - day) / PAGE_DAYS];
    if (*page == NULL && cache.bytes < CACHE_BYTES_LIMIT) {
        *page = MemoryContextAllocZero(terms->context, (Size)PAGE_DAYS * sizeof growth);
        count_bytes(terms);
    }
    if (*page != NULL)
        (*page)[(terms->table.to_day - day) % PAGE_DAYS] = growth;
    return growth;
}

/* Have a reference follow a key; before growth is asked for by it. */
void
care_refer_to_growth(struct growth_reference *reference, const struct growth_key *key)
{
    if (unlikely(reference->era != cache.era || !same_key(&reference->terms->key, key))) {
        reference->terms = find_terms(key);
        reference->era = cache.era; /* which that may have ended */
    }
}

/*
 * What £1 owed from the start of a day has become at the close of the as_at of the key that the
 * reference follows; nought where a rate is not known and that is to be no error.
 */
growth_t
care_cached_growth(struct growth_reference *reference, const struct growth_key *key, day_t day,
                   bool if_known)
{
    const struct growth_terms_kept *terms;
    int32_t back = key->as_at - day;

    Assert(reference->era == cache.era && same_key(&reference->terms->key, key));
    terms = reference->terms;
    if (likely(back >= 0 && back / PAGE_DAYS < terms->page_count)) {
        const growth_t *page = terms->pages[back / PAGE_DAYS];

        if (likely(page != NULL && page[back % PAGE_DAYS] != 0))
            return page[back % PAGE_DAYS];
    }
    return work_out_growth(reference, key, day, if_known);
}
