/*
 * guarded.h: which extensions are guarded, and what they keep.
 */
#ifndef CARE_GUARDED_H
#define CARE_GUARDED_H

#include "postgres.h"

extern bool find_guarded(void);
extern bool in_guarded_script(void);
extern bool touch_extension(Oid extension);
extern bool touch_schema(Oid schema);
extern bool touch_owner(Oid role);
extern char *what_is_kept(void);

#endif
