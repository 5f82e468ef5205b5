/*
 * growth_cache.h: growth that rows on the same terms share.
 *
 * Must not know: the amounts, aggregates and how they are called.
 */
#ifndef CARE_GROWTH_CACHE_H
#define CARE_GROWTH_CACHE_H

#include "postgres.h"

#include "../pure/interest.h"

/* The three arguments, besides as_at, that make the terms. */
enum { GROWTH_RATES, GROWTH_DAY_COUNT, GROWTH_CAPITALISED, GROWTH_KEY_PARTS };

/* Terms as a row gives them; equal bytes are the same terms. */
struct growth_key {
    struct varlena *given[GROWTH_KEY_PARTS]; /* detoasted; the header may be short */
    day_t as_at;
};

/*
 * The terms met last, for whoever keeps one: nought at first.  It may be kept for any time, for it
 * is followed only while the cache stands in the same era.
 */
struct growth_reference {
    struct growth_terms_kept *terms;
    uint64 era;
};

extern void care_refer_to_growth(struct growth_reference *reference, const struct growth_key *key);
extern growth_t care_cached_growth(struct growth_reference *reference, const struct growth_key *key,
                                   day_t day, bool if_known);
extern bool care_prepare_table(struct growth_table *table, MemoryContext context,
                               struct fault *fault);

#endif
