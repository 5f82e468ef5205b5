/*
 * fixed.h: fixed-point numbers far longer than any growth, for the twin of the product integral.
 *
 * A number is 320 bits after the point and 96 before it, in 32-bit pieces, lowest first, and never
 * negative.  What is done to it is what is done on paper: add, take away, multiply and divide by a
 * small number, piece by piece.  Division rounds down, so a few million of them lose less than
 * 2^-290 between them: against the 2^-96 of a growth that is nothing.
 */
#ifndef CARE_TEST_FIXED_H
#define CARE_TEST_FIXED_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "money.h"

#define FIXED_FRACTION_PIECES 10
#define FIXED_PIECES 13

struct fixed {
    uint32_t piece[FIXED_PIECES];
};

static inline struct fixed
fixed_of(uint32_t whole)
{
    struct fixed number = {.piece = {0}};

    number.piece[FIXED_FRACTION_PIECES] = whole;
    return number;
}

/* A number with 96 bits after the point, as a growth is. */
static inline struct fixed
fixed_of_growth(u128 growth)
{
    struct fixed number = {.piece = {0}};

    for (int32_t i = 0; i < 4; i++)
        number.piece[FIXED_FRACTION_PIECES - 3 + i] = (uint32_t)(growth >> 32 * i);
    return number;
}

static inline struct fixed
fixed_add(struct fixed left, struct fixed right)
{
    uint64_t carried = 0;

    for (int32_t i = 0; i < FIXED_PIECES; i++) {
        carried += (uint64_t)left.piece[i] + right.piece[i];
        left.piece[i] = (uint32_t)carried;
        carried >>= 32;
    }
    assert(carried == 0);
    return left;
}

/* The difference; left is not below right. */
static inline struct fixed
fixed_subtract(struct fixed left, struct fixed right)
{
    uint64_t borrowed = 0;

    for (int32_t i = 0; i < FIXED_PIECES; i++) {
        uint64_t piece = (uint64_t)left.piece[i] - right.piece[i] - borrowed;

        left.piece[i] = (uint32_t)piece;
        borrowed = piece >> 63;
    }
    assert(borrowed == 0);
    return left;
}

static inline struct fixed
fixed_multiply(struct fixed number, uint32_t factor)
{
    uint64_t carried = 0;

    for (int32_t i = 0; i < FIXED_PIECES; i++) {
        carried += (uint64_t)number.piece[i] * factor;
        number.piece[i] = (uint32_t)carried;
        carried >>= 32;
    }
    assert(carried == 0);
    return number;
}

static inline struct fixed
fixed_divide(struct fixed number, uint32_t divisor)
{
    uint64_t remainder = 0;

    for (int32_t i = FIXED_PIECES - 1; i >= 0; i--) {
        remainder = remainder << 32 | number.piece[i];
        number.piece[i] = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    return number;
}

/* The number times 2^-32, rounded down, so many times over. */
static inline struct fixed
fixed_shift_down(struct fixed number, int32_t pieces)
{
    for (int32_t i = 0; i < FIXED_PIECES; i++)
        number.piece[i] = i + pieces < FIXED_PIECES ? number.piece[i + pieces] : 0;
    return number;
}

static inline bool
fixed_is_below(struct fixed left, struct fixed right)
{
    for (int32_t i = FIXED_PIECES - 1; i >= 0; i--)
        if (left.piece[i] != right.piece[i])
            return left.piece[i] < right.piece[i];
    return false;
}

/* The whole part. */
static inline u128
fixed_whole(struct fixed number)
{
    u128 whole = 0;

    for (int32_t i = FIXED_PIECES - 1; i >= FIXED_FRACTION_PIECES; i--)
        whole = whole << 32 | number.piece[i];
    return whole;
}

/* 2^-exponent, for exponents from 1 to 320. */
static inline struct fixed
fixed_power_of_half(int32_t exponent)
{
    struct fixed number = {.piece = {0}};
    int32_t bit = FIXED_FRACTION_PIECES * 32 - exponent;

    number.piece[bit / 32] = UINT32_C(1) << bit % 32;
    return number;
}

#endif
