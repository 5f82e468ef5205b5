/*
 * named.c: what a name in a command stands for, if that is ours.
 *
 * Names are looked up without a lock, as the command itself will look them up again; what is not
 * there is left to it.
 *
 * Must not know: commands, and what is refused (guard.c); which extensions are guarded (guarded.c).
 */
#include "postgres.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "executor/tuptable.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_oper.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "guarded.h"
#include "named.h"

/* What drops the language drops the functions written in it, and the extension with them. */
#define OUR_LANGUAGE "plpgsql"

static char *
ours(Oid class, Oid object)
{
    ObjectAddress address;

    if (!OidIsValid(object) || !touch_extension(getExtensionOfObject(class, object)))
        return NULL;
    ObjectAddressSet(address, class, object);
    return getObjectIdentity(&address, true);
}

/* With it its indexes, and the row type of a composite type. */
char *
our_relation(const RangeVar *name)
{
    Oid relation = name == NULL ? InvalidOid : RangeVarGetRelid(name, NoLock, true);
    char *found;

    if (OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_INDEX)
        relation = IndexGetRelation(relation, true);
    if (!OidIsValid(relation))
        return NULL;
    found = ours(RelationRelationId, relation);
    return found != NULL ? found : ours(TypeRelationId, get_rel_type_id(relation));
}

char *
our_type(List *name)
{
    return ours(TypeRelationId, LookupTypeNameOid(NULL, makeTypeNameFromNameList(name), true));
}

char *
our_function(ObjectType kind, ObjectWithArgs *name)
{
    return ours(ProcedureRelationId, LookupFuncWithArgs(kind, name, true));
}

char *
our_operator(ObjectWithArgs *name)
{
    return ours(OperatorRelationId, LookupOperWithArgs(name, true));
}

/*
 * An object named as ALTER ... RENAME, SET SCHEMA and DEPENDS ON EXTENSION name it: whatever kind
 * the server knows, it finds as the command will.  What has no object has a name that is not
 * looked up here (a database, a role).
 */
char *
our_object(ObjectType kind, RangeVar *relation, Node *object)
{
    ObjectAddress address;
    Relation held = NULL;

    if (relation != NULL)
        return our_relation(relation);
    if (object == NULL)
        return NULL;
    /* these commands name a type by a list, where the server's own look-up wants a TypeName */
    if (kind == OBJECT_TYPE || kind == OBJECT_DOMAIN || kind == OBJECT_DOMCONSTRAINT)
        return our_type(castNode(List, object));
    address = get_object_address(kind, object, &held, AccessShareLock, true);
    if (held != NULL)
        table_close(held, NoLock);
    return ours(address.classId, address.objectId);
}

char *
our_schema(const char *name)
{
    return touch_schema(get_namespace_oid(name, true)) ? pstrdup(name) : NULL;
}

char *
our_extension(const char *name)
{
    return touch_extension(get_extension_oid(name, true)) ? pstrdup(name) : NULL;
}

char *
our_language(const char *name)
{
    return strcmp(name, OUR_LANGUAGE) == 0 ? pstrdup(name) : NULL;
}

char *
our_family(const char *method, List *name)
{
    Oid found = get_index_am_oid(method, true);

    return OidIsValid(found) ? ours(OperatorFamilyRelationId, get_opfamily_oid(found, name, true))
                             : NULL;
}

/* Something new that would land in our schema. */
static char *
new_in_schema(const char *schema, const char *name)
{
    if (schema == NULL) {
        List *path = fetch_search_path(false);

        schema = path != NIL ? get_namespace_name(linitial_oid(path)) : NULL;
        list_free(path);
    }
    return schema != NULL && our_schema(schema) != NULL ? quote_qualified_identifier(schema, name)
                                                        : NULL;
}

char *
new_relation(const RangeVar *name)
{
    return name->relpersistence == RELPERSISTENCE_TEMP
               ? NULL
               : new_in_schema(name->schemaname, name->relname);
}

char *
new_name(List *name)
{
    char *schema;
    char *object;

    DeconstructQualifiedName(name, &schema, &object);
    return new_in_schema(schema, object);
}

/* Is an index among what was written down at installation?  False while the extension is not
 * complete. */
bool
came_with_the_product(Oid index)
{
    Oid noted = get_relname_relid("guard_installed", get_namespace_oid("care_internal", true));
    ObjectAddress address;
    Relation table;
    Snapshot snapshot;
    TableScanDesc scan;
    TupleTableSlot *slot;
    char *identity;
    AttrNumber column;
    bool found = false;

    ObjectAddressSet(address, RelationRelationId, index);
    identity = getObjectIdentity(&address, true);
    if (!OidIsValid(noted) || identity == NULL)
        return false;
    table = table_open(noted, AccessShareLock);
    column = get_attnum(noted, "identity");
    slot = table_slot_create(table, NULL);
    snapshot = RegisterSnapshot(GetLatestSnapshot());
    scan = table_beginscan(table, snapshot, 0, NULL);
    while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        bool is_null;
        Datum value = slot_getattr(slot, column, &is_null);

        found = !is_null && strcmp(TextDatumGetCString(value), identity) == 0;
    }
    table_endscan(scan);
    UnregisterSnapshot(snapshot);
    ExecDropSingleTupleTableSlot(slot);
    table_close(table, AccessShareLock);
    return found;
}
