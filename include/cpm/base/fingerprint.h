/* SPDX-License-Identifier: MIT
 * Fingerprints: 128 bits that tell whether something is still what it was. They guard against change, not against
 * malice; whatever must withstand an attacker has a digest (digest.h). In exchange they cost next to nothing and need
 * no library. The same on every machine of one byte order, so that they may be kept. */
#pragma once
#include "cpm/base/str.h"

struct fingerprint {
	uint64_t a, b;
};

/* Cost: about 5 GB/s. */
struct fingerprint fingerprint_of(str bytes);
/* The fingerprint of a sequence: start from all zero, add each part. Parts do not run together. */
void fingerprint_add(struct fingerprint *f, str part);

static inline bool fingerprint_eq(struct fingerprint x, struct fingerprint y)
{
	return x.a == y.a && x.b == y.b;
}
