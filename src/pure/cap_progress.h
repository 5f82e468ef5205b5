/*
 * cap_progress.h: care.cap_progress, how far along towards the cap.
 *
 * Must not know: how the amount came about.
 */
#ifndef CARE_CAP_PROGRESS_H
#define CARE_CAP_PROGRESS_H

#include "money.h"

/*
 * 0 <= accrued_pence <= cap_pence <= PENCE_LIMIT.  The cap is reached when the two are equal,
 * unless the flag says that only rounding made them so (or the law asks for more than equal).
 */
struct cap_progress {
    int64_t accrued_pence;
    int64_t cap_pence;
    uint32_t flags;
    uint32_t reserved; /* nought */
};

#define CAP_NOT_REACHED 1u

static inline bool
cap_is_reached(const struct cap_progress *progress)
{
    return progress->accrued_pence == progress->cap_pence && progress->flags == 0;
}

#endif
