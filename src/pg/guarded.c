/*
 * guarded.c: which extensions are guarded, and what they keep.
 *
 * Guarded are care_account and every extension with a table in its registry of kept tables.  The
 * guard finds them before it looks at a command, and touches those that the command is about; what
 * is kept is then counted of these, or of all if care_account is among them.
 *
 * Must not know: any command.
 */
#include "postgres.h"
#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "entry.h"
#include "guarded.h"
#include "report.h"

#define OUR_EXTENSION "care_account"
#define OUR_INTERNALS "care_internal"

/* Rows of a table are counted for the message up to here. */
#define COUNT_LIMIT 100000

struct guarded {
    Oid extension;
    Oid schema;
    Oid owner;
    Oid schema_owner;
    Oid *tables; /* those that a dump takes rows of */
    int tables_count;
    bool is_ours;
    bool is_touched;
};

/* Found anew for each command, in its memory. */
static List *all_guarded = NIL;

/* The extensions named in the registry, which is not there while the extension is not complete. */
static List *
registered_names(void)
{
    Oid registry = get_relname_relid("kept_table", get_namespace_oid(OUR_INTERNALS, true));
    List *names = list_make1(makeString(OUR_EXTENSION));
    Relation table;
    AttrNumber column;
    Snapshot snapshot;
    TableScanDesc scan;
    TupleTableSlot *slot;

    if (!OidIsValid(registry))
        return names;
    table = table_open(registry, AccessShareLock);
    column = get_attnum(registry, "extension");
    slot = table_slot_create(table, NULL);
    snapshot = RegisterSnapshot(GetLatestSnapshot());
    scan = table_beginscan(table, snapshot, 0, NULL);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        bool is_null;
        char *name = TextDatumGetCString(slot_getattr(slot, column, &is_null));

        names = list_append_unique(names, makeString(name));
    }
    table_endscan(scan);
    UnregisterSnapshot(snapshot);
    ExecDropSingleTupleTableSlot(slot);
    table_close(table, AccessShareLock);
    return names;
}

static Oid
owner_of_schema(Oid schema)
{
    HeapTuple row = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
    Oid owner = InvalidOid;

    if (HeapTupleIsValid(row)) {
        owner = ((Form_pg_namespace)GETSTRUCT(row))->nspowner;
        ReleaseSysCache(row);
    }
    return owner;
}

static struct guarded *
guarded_extension(HeapTuple row, TupleDesc columns)
{
    Form_pg_extension form = (Form_pg_extension)GETSTRUCT(row);
    struct guarded *one = palloc0(sizeof(struct guarded));
    bool is_null;
    Datum config = heap_getattr(row, Anum_pg_extension_extconfig, columns, &is_null);
    Datum *tables = NULL;

    one->extension = form->oid;
    one->schema = form->extnamespace;
    one->owner = form->extowner;
    one->schema_owner = owner_of_schema(form->extnamespace);
    one->is_ours = strcmp(NameStr(form->extname), OUR_EXTENSION) == 0;
    if (!is_null)
        deconstruct_array(DatumGetArrayTypePCopy(config), OIDOID, sizeof(Oid), true, TYPALIGN_INT,
                          &tables, NULL, &one->tables_count);
    one->tables = palloc(sizeof(Oid) * (one->tables_count + 1));
    for (int i = 0; i < one->tables_count; i++)
        one->tables[i] = DatumGetObjectId(tables[i]);
    return one;
}

/* Find what is guarded, none of it touched; is there anything? */
bool
find_guarded(void)
{
    Relation extensions;
    TableScanDesc scan;
    HeapTuple row;
    List *names;

    all_guarded = NIL;
    if (!OidIsValid(get_extension_oid(OUR_EXTENSION, true)))
        return false;
    names = registered_names();
    extensions = table_open(ExtensionRelationId, AccessShareLock);
    scan = table_beginscan_catalog(extensions, 0, NULL);
    while ((row = heap_getnext(scan, ForwardScanDirection)) != NULL) {
        Form_pg_extension form = (Form_pg_extension)GETSTRUCT(row);

        if (list_member(names, makeString(NameStr(form->extname))))
            all_guarded =
                lappend(all_guarded, guarded_extension(row, RelationGetDescr(extensions)));
    }
    table_endscan(scan);
    table_close(extensions, AccessShareLock);
    return all_guarded != NIL;
}

/* Does an extension say that it needs another? */
static bool requires(Oid extension, Oid other)
{
    Relation depends = table_open(DependRelationId, AccessShareLock);
    ScanKeyData keys[2];
    SysScanDesc scan;
    HeapTuple row;
    bool found = false;

    ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(ExtensionRelationId));
    ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(extension));
    scan = systable_beginscan(depends, DependDependerIndexId, true, NULL, 2, keys);
    while (!found && HeapTupleIsValid(row = systable_getnext(scan))) {
        Form_pg_depend form = (Form_pg_depend)GETSTRUCT(row);

        found = form->refclassid == ExtensionRelationId && form->refobjid == other;
    }
    systable_endscan(scan);
    table_close(depends, AccessShareLock);
    return found;
}

/* Is this the script of care_account, or of an extension that requires it? */
bool
in_guarded_script(void)
{
    Oid ours = get_extension_oid(OUR_EXTENSION, true);

    return creating_extension &&
           (CurrentExtensionObject == ours || requires(CurrentExtensionObject, ours));
}

bool
touch_extension(Oid extension)
{
    ListCell *cell;

    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (OidIsValid(extension) && one->extension == extension)
            return one->is_touched = true;
    }
    return false;
}

/* The schema of an extension's contract, or one that its script made. */
bool
touch_schema(Oid schema)
{
    ListCell *cell;

    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (OidIsValid(schema) && one->schema == schema)
            return one->is_touched = true;
    }
    return OidIsValid(schema) && touch_extension(getExtensionOfObject(NamespaceRelationId, schema));
}

bool
touch_owner(Oid role)
{
    bool found = false;
    ListCell *cell;

    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (one->owner == role || one->schema_owner == role)
            found = one->is_touched = true;
    }
    return found;
}

/* Rows of a table that did not come with the product, up to a limit. */
static int
count_rows(Oid relation)
{
    Relation table = table_open(relation, AccessShareLock);
    AttrNumber shipped = get_attnum(relation, "shipped");
    TupleTableSlot *slot = table_slot_create(table, NULL);
    Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    TableScanDesc scan = table_beginscan(table, snapshot, 0, NULL);
    int count = 0;

    while (count < COUNT_LIMIT && table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        bool is_null;

        CHECK_FOR_INTERRUPTS();
        if (shipped == InvalidAttrNumber || !DatumGetBool(slot_getattr(slot, shipped, &is_null)))
            count++;
    }
    table_endscan(scan);
    UnregisterSnapshot(snapshot);
    ExecDropSingleTupleTableSlot(slot);
    table_close(table, AccessShareLock);
    return count;
}

static void
append_kept(StringInfo text, const struct guarded *one)
{
    for (int i = 0; i < one->tables_count; i++) {
        Oid table = one->tables[i];
        int count = get_rel_relkind(table) == RELKIND_RELATION ? count_rows(table) : 0;

        if (count > 0)
            appendStringInfo(text, "%s%s: %d%s", text->len == 0 ? "" : ", ", get_rel_name(table),
                             count, count == COUNT_LIMIT ? " or more" : "");
    }
}

/*
 * How much is kept of what was touched, for a message; NULL if nothing is.  All extensions stand on
 * care_account, and on the language of its functions, which touches none.
 */
char *
what_is_kept(void)
{
    bool of_all = true;
    StringInfoData text;
    ListCell *cell;

    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (one->is_touched && !one->is_ours)
            of_all = false;
    }
    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (one->is_touched && one->is_ours)
            of_all = true;
    }
    initStringInfo(&text);
    foreach (cell, all_guarded) {
        struct guarded *one = lfirst(cell);

        if (of_all || one->is_touched)
            append_kept(&text, one);
    }
    return text.len == 0 ? NULL : text.data;
}

/* Is the registry told that an extension is gone? */
static bool forgetting = false;

PG_FUNCTION_INFO_V1(care_forget);
/* When extensions were dropped: care_account may be among them, or not be complete. */
Datum
care_forget(PG_FUNCTION_ARGS)
{
    if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("%s is for an event trigger", "care_internal.forget()")));
    if (IsBinaryUpgrade || creating_extension ||
        !OidIsValid(get_relname_relid("guard_installed", get_namespace_oid(OUR_INTERNALS, true))))
        PG_RETURN_NULL();
    SPI_connect();
    forgetting = true;
    PG_TRY();
    {
        SPI_execute("SELECT care_internal.forget_dropped()", false, 0);
    }
    PG_FINALLY();
    {
        forgetting = false;
    }
    PG_END_TRY();
    SPI_finish();
    PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(care_refuse_unscripted);
/* What is registered is written by scripts of guarded extensions only. */
Datum
care_refuse_unscripted(PG_FUNCTION_ARGS)
{
    const TriggerData *trigger = (TriggerData *)fcinfo->context;

    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
        ereport(ERROR,
                (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                 errmsg("%s is for a statement trigger", "care_internal.refuse_unscripted()")));
    if (!forgetting && !in_guarded_script())
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        care_errconstraint("written_by_scripts"),
                        errmsg("rows of %s are written by scripts of extensions only",
                               quote_qualified_identifier(
                                   get_namespace_name(RelationGetNamespace(trigger->tg_relation)),
                                   RelationGetRelationName(trigger->tg_relation)))));
    return PointerGetDatum(NULL);
}
