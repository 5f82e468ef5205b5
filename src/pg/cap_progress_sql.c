/*
 * cap_progress_sql.c: care.cap_progress as PostgreSQL meets it.
 *
 * Text is accrued/cap, as in 43120.50/86000.00.  Where accrued equals the cap only because it was
 * rounded, "(not reached)" follows.
 *
 * Must not know: how the amount came about.
 */
#include "postgres.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "../pure/cap_progress.h"
#include "entry.h"
#include "numeric_io.h"
#include "report.h"

static const char not_reached_text[] = " (not reached)";

/* "9999999999.99/9999999999.99 (not reached)" and its end */
#define PROGRESS_TEXT_SIZE 48

/* Does it keep the promises of cap_progress.h? */
static bool
progress_is_valid(const struct cap_progress *progress)
{
    if (progress->accrued_pence < 0 || progress->accrued_pence > progress->cap_pence ||
        progress->cap_pence > PENCE_LIMIT || progress->reserved != 0)
        return false;
    return progress->flags == 0 ||
           (progress->flags == CAP_NOT_REACHED && progress->accrued_pence == progress->cap_pence);
}

/* A stored value; a disk may have broken its promises. */
static const struct cap_progress *
progress_argument(FunctionCallInfo fcinfo, int argument)
{
    const struct cap_progress *progress = (struct cap_progress *)PG_GETARG_POINTER(argument);

    if (unlikely(!progress_is_valid(progress)))
        ereport(ERROR,
                (errcode(ERRCODE_DATA_CORRUPTED), errmsg("a stored cap_progress is damaged")));
    return progress;
}

#define PG_GETARG_PROGRESS(n) progress_argument(fcinfo, n)

/* Pounds with at most 2 decimals, as pence; moves the text on. */
static bool
take_pence(const char **text, int64_t *pence)
{
    const char *at = *text;
    int decimals = 0;

    *pence = 0;
    if (*at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9' && *pence <= PENCE_LIMIT; at++)
        *pence = *pence * 10 + (*at - '0');
    if (*at == '.' && at[1] >= '0' && at[1] <= '9')
        for (at++; *at >= '0' && *at <= '9' && decimals < 2; at++, decimals++)
            *pence = *pence * 10 + (*at - '0');
    for (; decimals < 2 && *pence <= PENCE_LIMIT; decimals++)
        *pence *= 10;
    *text = at;
    return *pence <= PENCE_LIMIT;
}

PG_FUNCTION_INFO_V1(care_cap_progress_in);
Datum
care_cap_progress_in(PG_FUNCTION_ARGS)
{
    const char *text = PG_GETARG_CSTRING(0);
    const char *at = text;
    struct cap_progress *progress = palloc0(sizeof *progress);
    bool read = take_pence(&at, &progress->accrued_pence) && *at++ == '/' &&
                take_pence(&at, &progress->cap_pence);

    if (read && strcmp(at, not_reached_text) == 0) {
        progress->flags = CAP_NOT_REACHED;
        at += strlen(not_reached_text);
    }
    if (!read || *at != '\0' || !progress_is_valid(progress))
        care_return_error(fcinfo->context,
                          (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                           errmsg("invalid cap_progress: \"%s\"", text),
                           errdetail("Expected accrued/cap in pounds, such as 43120.50/86000.00, "
                                     "accrued not above the cap.")));
    PG_RETURN_POINTER(progress);
}

PG_FUNCTION_INFO_V1(care_cap_progress_out);
Datum
care_cap_progress_out(PG_FUNCTION_ARGS)
{
    const struct cap_progress *progress = PG_GETARG_PROGRESS(0);
    char *text = palloc(PROGRESS_TEXT_SIZE);

    snprintf(text, PROGRESS_TEXT_SIZE, INT64_FORMAT ".%02d/" INT64_FORMAT ".%02d%s",
             (int64_t)divide_down(progress->accrued_pence, PENCE_PER_POUND),
             (int)(progress->accrued_pence % PENCE_PER_POUND),
             (int64_t)divide_down(progress->cap_pence, PENCE_PER_POUND),
             (int)(progress->cap_pence % PENCE_PER_POUND),
             progress->flags == CAP_NOT_REACHED ? not_reached_text : "");
    PG_RETURN_CSTRING(text);
}

PG_FUNCTION_INFO_V1(care_cap_progress_recv);
Datum
care_cap_progress_recv(PG_FUNCTION_ARGS)
{
    StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
    struct cap_progress *progress = palloc0(sizeof *progress);

    progress->accrued_pence = pq_getmsgint64(message);
    progress->cap_pence = pq_getmsgint64(message);
    progress->flags = pq_getmsgint(message, sizeof progress->flags);
    if (!progress_is_valid(progress))
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("invalid binary form of a cap_progress")));
    PG_RETURN_POINTER(progress);
}

PG_FUNCTION_INFO_V1(care_cap_progress_send);
Datum
care_cap_progress_send(PG_FUNCTION_ARGS)
{
    const struct cap_progress *progress = PG_GETARG_PROGRESS(0);
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendint64(&message, (uint64)progress->accrued_pence);
    pq_sendint64(&message, (uint64)progress->cap_pence);
    pq_sendint32(&message, progress->flags);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static int
compare_numbers(i128 left, i128 right)
{
    return (left > right) - (left < right);
}

/*
 * Order: the exact fraction accrued / cap, a cap of nought being wholly reached; then not reached
 * before reached; then the cap, so that only identical values are equal.
 */
static int
compare_progress(const struct cap_progress *left, const struct cap_progress *right)
{
    i128 left_cap = left->cap_pence == 0 ? 1 : left->cap_pence;
    i128 right_cap = right->cap_pence == 0 ? 1 : right->cap_pence;
    i128 left_accrued = left->cap_pence == 0 ? 1 : left->accrued_pence;
    i128 right_accrued = right->cap_pence == 0 ? 1 : right->accrued_pence;
    int order = compare_numbers(left_accrued * right_cap, right_accrued * left_cap);

    if (order == 0)
        order = compare_numbers(cap_is_reached(left), cap_is_reached(right));
    return order != 0 ? order : compare_numbers(left->cap_pence, right->cap_pence);
}

#define COMPARISON(name, comparison)                                                               \
    PG_FUNCTION_INFO_V1(care_cap_progress_##name);                                                 \
    Datum care_cap_progress_##name(PG_FUNCTION_ARGS)                                               \
    {                                                                                              \
        int order = compare_progress(PG_GETARG_PROGRESS(0), PG_GETARG_PROGRESS(1));                \
        PG_RETURN_BOOL(comparison);                                                                \
    }

COMPARISON(eq, order == 0)
COMPARISON(ne, order != 0)
COMPARISON(lt, order < 0)
COMPARISON(le, order <= 0)
COMPARISON(gt, order > 0)
COMPARISON(ge, order >= 0)

PG_FUNCTION_INFO_V1(care_cap_progress_cmp);
Datum
care_cap_progress_cmp(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(compare_progress(PG_GETARG_PROGRESS(0), PG_GETARG_PROGRESS(1)));
}

/* The lesser and the greater of two, for min and max: its argument itself, so nothing is kept. */
PG_FUNCTION_INFO_V1(care_cap_progress_smaller);
Datum
care_cap_progress_smaller(PG_FUNCTION_ARGS)
{
    int order = compare_progress(PG_GETARG_PROGRESS(0), PG_GETARG_PROGRESS(1));

    PG_RETURN_DATUM(PG_GETARG_DATUM(order <= 0 ? 0 : 1));
}

PG_FUNCTION_INFO_V1(care_cap_progress_larger);
Datum
care_cap_progress_larger(PG_FUNCTION_ARGS)
{
    int order = compare_progress(PG_GETARG_PROGRESS(0), PG_GETARG_PROGRESS(1));

    PG_RETURN_DATUM(PG_GETARG_DATUM(order >= 0 ? 0 : 1));
}

PG_FUNCTION_INFO_V1(care_cap_progress_hash);
Datum
care_cap_progress_hash(PG_FUNCTION_ARGS)
{
    return hash_any((const unsigned char *)PG_GETARG_PROGRESS(0), sizeof(struct cap_progress));
}

PG_FUNCTION_INFO_V1(care_cap_progress_hash_extended);
Datum
care_cap_progress_hash_extended(PG_FUNCTION_ARGS)
{
    return hash_any_extended((const unsigned char *)PG_GETARG_PROGRESS(0),
                             sizeof(struct cap_progress), (uint64)PG_GETARG_INT64(1));
}

PG_FUNCTION_INFO_V1(care_cap_progress_accrued);
Datum
care_cap_progress_accrued(PG_FUNCTION_ARGS)
{
    return care_pence_numeric(PG_GETARG_PROGRESS(0)->accrued_pence);
}

PG_FUNCTION_INFO_V1(care_cap_progress_cap);
Datum
care_cap_progress_cap(PG_FUNCTION_ARGS)
{
    return care_pence_numeric(PG_GETARG_PROGRESS(0)->cap_pence);
}

PG_FUNCTION_INFO_V1(care_cap_progress_remaining);
Datum
care_cap_progress_remaining(PG_FUNCTION_ARGS)
{
    const struct cap_progress *progress = PG_GETARG_PROGRESS(0);

    return care_pence_numeric(progress->cap_pence - progress->accrued_pence);
}

/* Per cent of the cap, to 2 decimals, half away from nought. */
PG_FUNCTION_INFO_V1(care_cap_progress_percent);
Datum
care_cap_progress_percent(PG_FUNCTION_ARGS)
{
    const struct cap_progress *progress = PG_GETARG_PROGRESS(0);

    if (progress->cap_pence == 0)
        return care_pence_numeric(cap_is_reached(progress) ? 10000 : 0);
    return care_pence_numeric(
        (int64_t)divide_half_away((i128)progress->accrued_pence * 10000, progress->cap_pence));
}

PG_FUNCTION_INFO_V1(care_cap_progress_reached);
Datum
care_cap_progress_reached(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(cap_is_reached(PG_GETARG_PROGRESS(0)));
}
