/*
 * canonical_sql.c: a row as bytes that depend on nothing but its values, to take a digest of.
 *
 * The server's own text of a row follows the session's settings (dates) and is slow to make as
 * JSON.  Here a value is a letter and what follows it: `n` null; `t` a text, its length and its
 * bytes in UTF-8; `b` bytes, likewise; `d` a day, days since 2000-01-01 in 4 bytes; `m` a moment,
 * microseconds since 2000-01-01 UTC in 8; `p` a period, its months in 4, its
 * days in 4 and its microseconds in 8; `a` an array and `r` a row, the number of elements and
 * each of them.  A row ends with its last element that is not null, so that it stays the same when
 * its table gets a column.  Numbers are their text, a schedule its binary form.  A length or number
 * of elements is one byte, or from 255 on a byte of 255 and 4 bytes; bytes are big-endian.  A type
 * that is not known to follow its value alone is refused.
 *
 * Must not know: whose rows they are.
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "entry.h"
#include "report.h"

/* A count from here on takes 4 bytes more. */
#define LONG_COUNT 255

struct row_form;

/* How the values of one type are written; kept beside the function for the query. */
struct value_form {
    char kind;       /* 't', 'b', 'd', 'm', 'p', 'a' or 'r' */
    bool stored;     /* a text or bytes as they are */
    FmgrInfo output; /* what makes them otherwise */
    Oid element_type;
    int16 element_length;
    bool element_by_value;
    char element_align;
    struct value_form *element;
    struct row_form *row;
};

struct row_form {
    Oid type;
    int32 typmod;
    TupleDesc columns;
    struct value_form *forms; /* one a column */
    Datum *values;
    bool *nulls;
};

static void write_row(StringInfo bytes, HeapTupleHeader header, struct row_form *form,
                      MemoryContext context);

/* Is it this type of the extension's own? */
static bool
is_our_type(Oid type, const char *name)
{
    Oid schema = get_namespace_oid("care", false);

    return type == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
                                   ObjectIdGetDatum(schema));
}

/*
 * The letter of a type whose bytes, or whose text, are known to follow from its value alone; nought
 * for any other: what is not known may follow a setting, the search path or the client.
 */
static char
find_kind(Oid base)
{
    switch (base) {
    case BOOLOID:
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case XID8OID:
    case NUMERICOID:
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case NAMEOID:
    case UNKNOWNOID:
    case UUIDOID:
    case JSONBOID:
        return 't';
    case DATEOID:
        return 'd';
    case TIMESTAMPTZOID:
        return 'm';
    case BYTEAOID:
        return 'b';
    case INTERVALOID:
        return 'p';
    default:
        break;
    }
    if (type_is_enum(base) || is_our_type(base, "cap_progress"))
        return 't';
    return is_our_type(base, "schedule") ? 'b' : '\0';
}

static void
find_form(struct value_form *form, Oid type, MemoryContext context)
{
    Oid base = getBaseType(type);
    Oid element = get_element_type(base);
    Oid output;
    bool is_varlena;

    memset(form, 0, sizeof *form);
    if (OidIsValid(element)) {
        form->kind = 'a';
        form->element_type = element;
        get_typlenbyvalalign(element, &form->element_length, &form->element_by_value,
                             &form->element_align);
        form->element = MemoryContextAlloc(context, sizeof *form->element);
        find_form(form->element, element, context);
        return;
    }
    if (type_is_rowtype(base)) {
        form->kind = 'r';
        form->row = MemoryContextAllocZero(context, sizeof *form->row);
        return;
    }
    form->kind = find_kind(base);
    if (form->kind == '\0')
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), care_errconstraint("canonical_form"),
                 errmsg("type %s has no canonical form", format_type_be(type)),
                 errhint("Cast it to text in a form that follows no setting.")));
    form->stored = base == TEXTOID || base == BYTEAOID;
    if (form->kind == 'b')
        getTypeBinaryOutputInfo(base, &output, &is_varlena);
    else
        getTypeOutputInfo(base, &output, &is_varlena);
    fmgr_info_cxt(output, &form->output, context);
}

/* A letter, and a length or number of elements. */
static void
write_count(StringInfo bytes, char kind, int count)
{
    appendStringInfoCharMacro(bytes, kind);
    appendStringInfoCharMacro(bytes, (char)Min(count, LONG_COUNT));
    if (count >= LONG_COUNT)
        pq_sendint32(bytes, (uint32)count);
}

static void
write_text(StringInfo bytes, char *text, int length)
{
    char *utf8 = pg_server_to_any(text, length, PG_UTF8);

    if (utf8 != text)
        length = (int)strlen(utf8);
    write_count(bytes, 't', length);
    appendBinaryStringInfo(bytes, utf8, length);
}

static void
write_bytes(StringInfo bytes, const bytea *held)
{
    write_count(bytes, 'b', (int)VARSIZE_ANY_EXHDR(held));
    appendBinaryStringInfo(bytes, VARDATA_ANY(held), (int)VARSIZE_ANY_EXHDR(held));
}

static void
write_value(StringInfo bytes, Datum value, bool is_null, struct value_form *form,
            MemoryContext context)
{
    if (is_null) {
        appendStringInfoCharMacro(bytes, 'n');
        return;
    }
    switch (form->kind) {
    case 'r':
        write_row(bytes, DatumGetHeapTupleHeader(value), form->row, context);
        break;
    case 'a': {
        Datum *elements;
        bool *nulls;
        int count;

        deconstruct_array(DatumGetArrayTypeP(value), form->element_type, form->element_length,
                          form->element_by_value, form->element_align, &elements, &nulls, &count);
        write_count(bytes, 'a', count);
        for (int i = 0; i < count; i++)
            write_value(bytes, elements[i], nulls[i], form->element, context);
        break;
    }
    case 'd':
        appendStringInfoCharMacro(bytes, 'd');
        pq_sendint32(bytes, (uint32)DatumGetDateADT(value));
        break;
    case 'm':
        appendStringInfoCharMacro(bytes, 'm');
        pq_sendint64(bytes, (uint64)DatumGetTimestampTz(value));
        break;
    case 'p': {
        const Interval *period = DatumGetIntervalP(value);

        appendStringInfoCharMacro(bytes, 'p');
        pq_sendint32(bytes, (uint32)period->month);
        pq_sendint32(bytes, (uint32)period->day);
        pq_sendint64(bytes, (uint64)period->time);
        break;
    }
    case 'b':
        write_bytes(bytes,
                    form->stored ? DatumGetByteaPP(value) : SendFunctionCall(&form->output, value));
        break;
    default:
        if (form->stored) {
            text *held = DatumGetTextPP(value);

            write_text(bytes, VARDATA_ANY(held), (int)VARSIZE_ANY_EXHDR(held));
        } else {
            char *made = OutputFunctionCall(&form->output, value);

            write_text(bytes, made, (int)strlen(made));
        }
    }
}

static void
write_row(StringInfo bytes, HeapTupleHeader header, struct row_form *form, MemoryContext context)
{
    Oid type = HeapTupleHeaderGetTypeId(header);
    int32 typmod = HeapTupleHeaderGetTypMod(header);
    HeapTupleData tuple;
    int count;

    check_stack_depth();
    if (form->columns == NULL || form->type != type || form->typmod != typmod) {
        MemoryContext caller = MemoryContextSwitchTo(context);

        form->columns = lookup_rowtype_tupdesc_copy(type, typmod);
        form->type = type;
        form->typmod = typmod;
        count = form->columns->natts;
        form->forms = palloc((Size)count * sizeof *form->forms);
        form->values = palloc((Size)count * sizeof *form->values);
        form->nulls = palloc((Size)count * sizeof *form->nulls);
        MemoryContextSwitchTo(caller);
        for (int i = 0; i < count; i++)
            find_form(&form->forms[i], TupleDescAttr(form->columns, i)->atttypid, context);
    }
    count = form->columns->natts;
    tuple.t_len = HeapTupleHeaderGetDatumLength(header);
    ItemPointerSetInvalid(&tuple.t_self);
    tuple.t_tableOid = InvalidOid;
    tuple.t_data = header;
    heap_deform_tuple(&tuple, form->columns, form->values, form->nulls);
    while (count > 0 && form->nulls[count - 1])
        count--;
    write_count(bytes, 'r', count);
    for (int i = 0; i < count; i++)
        write_value(bytes, form->values[i], form->nulls[i], &form->forms[i], context);
}

PG_FUNCTION_INFO_V1(care_canonical);
Datum
care_canonical(PG_FUNCTION_ARGS)
{
    struct row_form *form = fcinfo->flinfo->fn_extra;
    StringInfoData bytes;

    if (form == NULL) {
        form = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof *form);
        fcinfo->flinfo->fn_extra = form;
    }
    pq_begintypsend(&bytes);
    write_row(&bytes, PG_GETARG_HEAPTUPLEHEADER(0), form, fcinfo->flinfo->fn_mcxt);
    PG_RETURN_BYTEA_P(pq_endtypsend(&bytes));
}
