/*
 * guard.c: what keeps records from being lost or changed by DDL.
 *
 * An event trigger looks at each command before it runs.  One that would take away or change what
 * the extension is made of, or another extension whose tables are kept, is refused while anything
 * of it is recorded.  Of ALTER TABLE on their tables, only what is known to be harmless passes;
 * what is outside their schemas is left alone.
 *
 * Must not know: what the facts mean; what a name stands for (named.c); which extensions are
 * guarded, and what they keep (guarded.c).
 */
#include "postgres.h"
#include "catalog/namespace.h"
#include "commands/event_trigger.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"

#include "entry.h"
#include "guarded.h"
#include "named.h"
#include "report.h"

/* What a command is about: each function gives the name of what is ours, or NULL. */

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
