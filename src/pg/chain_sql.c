/*
 * chain_sql.c: the links of a chain of facts.
 *
 * Each link is the SHA-256 of the link before it followed by the fact in its canonical form; before
 * the first link there is nothing.
 *
 * Must not know: what the facts are.
 */
#include "postgres.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/array.h"

#include "entry.h"
#include "report.h"

/* Write the next link, perhaps where the last one is; a null link is the one before the first. */
static void
write_link(pg_cryptohash_ctx *hash, uint8 *next, const uint8 *link, Size length, const bytea *fact)
{
    if (pg_cryptohash_init(hash) < 0 ||
        (link != NULL && pg_cryptohash_update(hash, link, length) < 0) ||
        pg_cryptohash_update(hash, (const uint8 *)VARDATA_ANY(fact), VARSIZE_ANY_EXHDR(fact)) < 0 ||
        pg_cryptohash_final(hash, next, PG_SHA256_DIGEST_LENGTH) < 0)
        elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(hash));
}

/* The last link when a chain goes on from a link, which may be null, with some facts, in order. */
static bytea *
link_facts(const bytea *link, int count, const Datum *facts)
{
    pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
    bytea *last = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
    const uint8 *head = link == NULL ? NULL : (const uint8 *)VARDATA_ANY(link);
    Size length = link == NULL ? 0 : VARSIZE_ANY_EXHDR(link);

    SET_VARSIZE(last, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
    for (int i = 0; i < count; i++) {
        write_link(hash, (uint8 *)VARDATA(last), head, length, DatumGetByteaPP(facts[i]));
        head = (const uint8 *)VARDATA(last);
        length = PG_SHA256_DIGEST_LENGTH;
    }
    pg_cryptohash_free(hash);
    return last;
}

/* Transition of chained(fact). */
PG_FUNCTION_INFO_V1(care_chain_link);
Datum
care_chain_link(PG_FUNCTION_ARGS)
{
    Datum fact;

    if (PG_ARGISNULL(1))
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                        care_errconstraint("argument_not_null"), errmsg("a link needs a fact")));
    fact = PG_GETARG_DATUM(1);
    PG_RETURN_BYTEA_P(link_facts(PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_PP(0), 1, &fact));
}

PG_FUNCTION_INFO_V1(care_chain_extended);
Datum
care_chain_extended(PG_FUNCTION_ARGS)
{
    const bytea *link = PG_GETARG_BYTEA_PP(0);
    Datum *facts;
    int count;

    deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), BYTEAOID, -1, false, TYPALIGN_INT, &facts, NULL,
                      &count);
    if (count == 0)
        PG_RETURN_BYTEA_P(link);
    PG_RETURN_BYTEA_P(link_facts(link, count, facts));
}
