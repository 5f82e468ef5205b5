/*
 * replay.h: does this session apply what was done elsewhere?
 */
#ifndef CARE_REPLAY_H
#define CARE_REPLAY_H

extern bool care_session_replays(void);

#endif
