/* SPDX-License-Identifier: MIT
 * What whole and piecewise inflating agree on. */
#pragma once
#include "cpm/base/err.h"

/* The smallest gzip member: header, empty block, trailer. */
#define GUNZIP_MIN_MEMBER_BYTES 20

/* The most that @bytes may inflate to when the caller allows @cap_bytes. */
uint64_t gunzip_cap(str bytes, uint64_t cap_bytes);
/* NULL when @rest, behind the last member, is nothing or zero bytes. */
struct err *gunzip_check_padding(str rest);
struct err *gunzip_damaged(void);
struct err *gunzip_too_big(uint64_t cap, uint64_t caller_cap);
