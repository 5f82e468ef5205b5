/*
 * named.h: what a name in a command stands for: each function gives the name of what is ours, or
 * NULL.
 */
#ifndef CARE_NAMED_H
#define CARE_NAMED_H

#include "postgres.h"
#include "nodes/parsenodes.h"

extern char *our_relation(const RangeVar *name);
extern char *our_type(List *name);
extern char *our_function(ObjectType kind, ObjectWithArgs *name);
extern char *our_operator(ObjectWithArgs *name);
extern char *our_object(ObjectType kind, RangeVar *relation, Node *object);
extern char *our_schema(const char *name);
extern char *our_extension(const char *name);
extern char *our_language(const char *name);
extern char *our_family(const char *method, List *name);
extern char *new_relation(const RangeVar *name);
extern char *new_name(List *name);
extern bool came_with_the_product(Oid index);

#endif
