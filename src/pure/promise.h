/*
 * promise.h: what a function counts on its callers, or itself, to have seen to.
 *
 * Checked in the unit tests, by the fuzzers and in a library for a server that checks its own
 * assertions; elsewhere a promise costs nothing, for an assertion that fails ends every session of
 * the server.  What comes from outside, a disk among it, is no promise: it is checked where it
 * enters.
 */
#ifndef CARE_PROMISE_H
#define CARE_PROMISE_H

#ifdef CARE_CHECK_PROMISES
#include <assert.h>
#define PROMISE(condition) assert(condition)
#else
#define PROMISE(condition) ((void)sizeof(condition))
#endif

#endif
