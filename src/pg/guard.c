/*
 * guard.c: what keeps records from being lost or changed by DDL.
 *
 * An event trigger looks at each command before it runs.  One that would take away or change what
 * the extension is made of, or another extension whose tables are kept, is refused while anything
 * of it is recorded.  Of ALTER TABLE on their tables, only what is known to be harmless passes;
 * what is outside their schemas is left alone.
 *
 * Must not know: what the facts mean; which extensions are guarded, and what they keep (guarded.c).
 */
#include "postgres.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "parser/parse_oper.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "entry.h"
#include "guarded.h"
#include "report.h"

/* What drops the language drops the functions written in it, and the extension with them. */
#define OUR_LANGUAGE "plpgsql"

/*
 * What a command is about: each function gives the name of what is ours, or NULL.  Names are looked
 * up without a lock, as the command itself will look them up again; what is not there is left to
 * it.
 */

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
static char *
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

static char *
our_type(List *name)
{
    return ours(TypeRelationId, LookupTypeNameOid(NULL, makeTypeNameFromNameList(name), true));
}

static char *
our_function(ObjectType kind, ObjectWithArgs *name)
{
    return ours(ProcedureRelationId, LookupFuncWithArgs(kind, name, true));
}

static char *
our_operator(ObjectWithArgs *name)
{
    return ours(OperatorRelationId, LookupOperWithArgs(name, true));
}

/*
 * An object named as ALTER ... RENAME, SET SCHEMA and DEPENDS ON EXTENSION name it: whatever kind
 * the server knows, it finds as the command will.  What has no object has a name that is not
 * looked up here (a database, a role).
 */
static char *
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

static char *
our_schema(const char *name)
{
    return touch_schema(get_namespace_oid(name, true)) ? pstrdup(name) : NULL;
}

static char *
our_extension(const char *name)
{
    return touch_extension(get_extension_oid(name, true)) ? pstrdup(name) : NULL;
}

static char *
our_language(const char *name)
{
    return strcmp(name, OUR_LANGUAGE) == 0 ? pstrdup(name) : NULL;
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

static char *
new_relation(const RangeVar *name)
{
    return name->relpersistence == RELPERSISTENCE_TEMP
               ? NULL
               : new_in_schema(name->schemaname, name->relname);
}

static char *
new_name(List *name)
{
    char *schema;
    char *object;

    DeconstructQualifiedName(name, &schema, &object);
    return new_in_schema(schema, object);
}

/* Is an index among what was written down at installation?  False while the extension is not
 * complete. */
static bool
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

/* Forms of ALTER TABLE that leave every row, rule and reader as they are. */
static bool
is_harmless(AlterTableType form)
{
    switch (form) {
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_SetLogged:
    case AT_SetTableSpace:
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
    case AT_ChangeOwner:
    case AT_ReplicaIdentity:
    case AT_ValidateConstraint:
    case AT_EnableAlwaysTrig:
        return true;
    default:
        return false;
    }
}

static char *
altered(const AlterTableStmt *command)
{
    char *altered = our_relation(command->relation);
    ListCell *cell;

    foreach (cell, command->cmds) {
        const AlterTableCmd *form = lfirst_node(AlterTableCmd, cell);
        char *parent = NULL;

        if (altered != NULL && !is_harmless(form->subtype))
            return altered;
        if (form->subtype == AT_AddInherit)
            parent = our_relation(castNode(RangeVar, form->def));
        if (form->subtype == AT_AttachPartition)
            parent = our_relation(castNode(PartitionCmd, form->def)->name);
        if (parent != NULL)
            return parent;
    }
    return NULL;
}

static char *
dropped_one(const DropStmt *command, Node *object)
{
    switch (command->removeType) {
    case OBJECT_EXTENSION:
        if (our_extension(strVal(object)) != NULL)
            return pstrdup(strVal(object));
        /* the language is an extension too */
        return command->behavior == DROP_CASCADE ? our_language(strVal(object)) : NULL;
    case OBJECT_LANGUAGE:
        return command->behavior == DROP_CASCADE ? our_language(strVal(object)) : NULL;
    case OBJECT_SCHEMA:
        return our_schema(strVal(object));
    case OBJECT_TRIGGER:
    case OBJECT_RULE:
    case OBJECT_POLICY: {
        List *name = castNode(List, object);

        return our_relation(makeRangeVarFromNameList(list_copy_head(name, list_length(name) - 1)));
    }
    case OBJECT_INDEX: {
        RangeVar *name = makeRangeVarFromNameList(castNode(List, object));
        char *table = our_relation(name);

        return table != NULL && came_with_the_product(RangeVarGetRelid(name, NoLock, true)) ? table
                                                                                            : NULL;
    }
    default:
        return NULL;
    }
}

/* Members PostgreSQL refuses to drop by itself: here is what takes all of them, or is none. */
static char *
dropped(const DropStmt *command)
{
    char *found = NULL;
    ListCell *cell;

    foreach (cell, command->objects) {
        if (found == NULL)
            found = dropped_one(command, lfirst(cell));
    }
    return found;
}

/* DROP OWNED BY of who owns an extension or its schema drops all. */
static char *
dropped_owner(const DropOwnedStmt *command)
{
    ListCell *cell;

    foreach (cell, command->roles) {
        Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

        if (OidIsValid(role) && touch_owner(role))
            return GetUserNameFromId(role, true);
    }
    return NULL;
}

static char *
created_table(const CreateStmt *command)
{
    ListCell *cell;

    foreach (cell, command->inhRelations) {
        char *parent = our_relation(lfirst_node(RangeVar, cell));

        if (parent != NULL)
            return parent;
    }
    return new_relation(command->relation);
}

static char *
our_family(const char *method, List *name)
{
    Oid found = get_index_am_oid(method, true);

    return OidIsValid(found) ? ours(OperatorFamilyRelationId, get_opfamily_oid(found, name, true))
                             : NULL;
}

/* A class of operators, by itself or as one more of a family of ours. */
static char *
created_class(const CreateOpClassStmt *command)
{
    char *family =
        command->opfamilyname == NIL ? NULL : our_family(command->amname, command->opfamilyname);

    return family != NULL ? family : new_name(command->opclassname);
}

/* A cast has no schema: it is about both of its types. */
static char *
created_cast(const CreateCastStmt *command)
{
    char *source = our_type(command->sourcetype->names);

    return source != NULL ? source : our_type(command->targettype->names);
}

static char *
renamed(const RenameStmt *command)
{
    if (command->renameType == OBJECT_SCHEMA)
        return our_schema(command->subname);
    if (command->renameType == OBJECT_LANGUAGE)
        return our_language(strVal(command->object));
    return our_object(command->renameType, command->relation, command->object);
}

static char *
moved(const AlterObjectSchemaStmt *command)
{
    char *from = our_object(command->objectType, command->relation, command->object);

    return from != NULL ? from : our_schema(command->newschema);
}

/* What something new would stand beside. */
static char *
created(Node *command)
{
    switch (nodeTag(command)) {
    case T_CreateStmt:
        return created_table(castNode(CreateStmt, command));
    case T_CreateForeignTableStmt:
        return created_table(&((CreateForeignTableStmt *)command)->base);
    case T_CreateTableAsStmt:
        return new_relation(castNode(CreateTableAsStmt, command)->into->rel);
    case T_ViewStmt:
        return new_relation(castNode(ViewStmt, command)->view);
    case T_CreateSeqStmt:
        return new_relation(castNode(CreateSeqStmt, command)->sequence);
    case T_CompositeTypeStmt:
        return new_relation(castNode(CompositeTypeStmt, command)->typevar);
    case T_CreateFunctionStmt:
        return new_name(castNode(CreateFunctionStmt, command)->funcname);
    case T_DefineStmt:
        return new_name(castNode(DefineStmt, command)->defnames);
    case T_CreateDomainStmt:
        return new_name(castNode(CreateDomainStmt, command)->domainname);
    case T_CreateEnumStmt:
        return new_name(castNode(CreateEnumStmt, command)->typeName);
    case T_CreateRangeStmt:
        return new_name(castNode(CreateRangeStmt, command)->typeName);
    case T_CreateOpClassStmt:
        return created_class(castNode(CreateOpClassStmt, command));
    case T_CreateOpFamilyStmt:
        return new_name(castNode(CreateOpFamilyStmt, command)->opfamilyname);
    case T_CreateConversionStmt:
        return new_name(castNode(CreateConversionStmt, command)->conversion_name);
    case T_CreateCastStmt:
        return created_cast(castNode(CreateCastStmt, command));
    case T_CreateTransformStmt:
        return our_type(castNode(CreateTransformStmt, command)->type_name->names);
    case T_ImportForeignSchemaStmt:
        return our_schema(castNode(ImportForeignSchemaStmt, command)->local_schema);
    default:
        return NULL;
    }
}

/* What of the extension a command would take away, change or shadow; NULL: nothing. */
static char *
touched(Node *command)
{
    switch (nodeTag(command)) {
    case T_DropStmt:
        return dropped(castNode(DropStmt, command));
    case T_DropOwnedStmt:
        return dropped_owner(castNode(DropOwnedStmt, command));
    case T_AlterExtensionContentsStmt: {
        char *name = castNode(AlterExtensionContentsStmt, command)->extname;

        return our_extension(name) != NULL ? name : our_language(name);
    }
    case T_CreatePLangStmt:
        return our_language(castNode(CreatePLangStmt, command)->plname);
    case T_AlterTableStmt:
        return altered(castNode(AlterTableStmt, command));
    case T_RenameStmt:
        return renamed(castNode(RenameStmt, command));
    case T_AlterObjectSchemaStmt:
        return moved(castNode(AlterObjectSchemaStmt, command));
    case T_AlterObjectDependsStmt: {
        AlterObjectDependsStmt *depend = castNode(AlterObjectDependsStmt, command);

        return our_object(depend->objectType, depend->relation, depend->object);
    }
    case T_CreateTrigStmt:
        return our_relation(castNode(CreateTrigStmt, command)->relation);
    case T_RuleStmt:
        return our_relation(castNode(RuleStmt, command)->relation);
    case T_CreatePolicyStmt:
        return our_relation(castNode(CreatePolicyStmt, command)->table);
    case T_AlterPolicyStmt:
        return our_relation(castNode(AlterPolicyStmt, command)->table);
    case T_AlterSeqStmt:
        return our_relation(castNode(AlterSeqStmt, command)->sequence);
    case T_AlterFunctionStmt: {
        AlterFunctionStmt *alter = castNode(AlterFunctionStmt, command);

        return our_function(alter->objtype, alter->func);
    }
    case T_AlterOperatorStmt:
        return our_operator(castNode(AlterOperatorStmt, command)->opername);
    case T_AlterOpFamilyStmt: {
        AlterOpFamilyStmt *alter = castNode(AlterOpFamilyStmt, command);

        return our_family(alter->amname, alter->opfamilyname);
    }
    case T_AlterDomainStmt:
        return our_type(castNode(AlterDomainStmt, command)->typeName);
    case T_AlterTypeStmt:
        return our_type(castNode(AlterTypeStmt, command)->typeName);
    default:
        return created(command);
    }
}

PG_FUNCTION_INFO_V1(care_guard);
Datum
care_guard(PG_FUNCTION_ARGS)
{
    const EventTriggerData *event = (EventTriggerData *)fcinfo->context;
    char *what;
    char *kept;

    if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("%s is for an event trigger", "care_internal.guard()")));
    /* pg_upgrade, and the scripts of guarded extensions, do what they must */
    if (IsBinaryUpgrade || !find_guarded() || in_guarded_script())
        PG_RETURN_NULL();
    what = touched(event->parsetree);
    kept = what == NULL ? NULL : what_is_kept();
    if (kept != NULL)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 care_errconstraint("records_are_kept"),
                 errmsg("%s of %s is refused while care_account keeps records",
                        GetCommandTagName(event->tag), what),
                 errdetail("They must be kept until their retention ends. There are %s.", kept),
                 errhint("A new version comes with ALTER EXTENSION care_account UPDATE; "
                         "doc/security.md says what else is allowed.")));
    PG_RETURN_NULL();
}
