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

/* The next link; a null link is the one before the first. */
static bytea *
next_link(const bytea *link, const bytea *fact)
{
    pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
    bytea *next = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);

    SET_VARSIZE(next, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
    if (pg_cryptohash_init(hash) < 0 ||
        (link != NULL && pg_cryptohash_update(hash, (const uint8 *)VARDATA_ANY(link),
                                              VARSIZE_ANY_EXHDR(link)) < 0) ||
        pg_cryptohash_update(hash, (const uint8 *)VARDATA_ANY(fact), VARSIZE_ANY_EXHDR(fact)) < 0 ||
        pg_cryptohash_final(hash, (uint8 *)VARDATA(next), PG_SHA256_DIGEST_LENGTH) < 0)
        elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(hash));
    pg_cryptohash_free(hash);
    return next;
}

/* Transition of chained(fact). */
PG_FUNCTION_INFO_V1(care_chain_link);
Datum
care_chain_link(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(1))
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                        care_errconstraint("argument_not_null"), errmsg("a link needs a fact")));
    PG_RETURN_BYTEA_P(
        next_link(PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_PP(0), PG_GETARG_BYTEA_PP(1)));
}

/* The last link when a chain goes on from its head with some facts, in order. */
PG_FUNCTION_INFO_V1(care_chain_extended);
Datum
care_chain_extended(PG_FUNCTION_ARGS)
{
    const bytea *link = PG_GETARG_BYTEA_PP(0);
    Datum *facts;
    int count;

    deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), BYTEAOID, -1, false, TYPALIGN_INT, &facts, NULL,
                      &count);
    for (int i = 0; i < count; i++)
        link = next_link(link, DatumGetByteaPP(facts[i]));
    PG_RETURN_BYTEA_P(link);
}
