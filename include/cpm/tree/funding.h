/* SPDX-License-Identifier: MIT
 * Who in the tree asks for money, and where to give it. */
#pragma once
#include "cpm/tree/node.h"

/* An http address with a host, as text or as {"url"}; of a list every item must be one. */
bool funding_is_valid(const struct json *funding);

struct funding_place {
	str url, type; /* type: "github"; null when not said */
};
/* The valid places that @funding names: text, object, or a list of either. */
const struct funding_place *funding_places(struct arena *a, const struct json *funding, size_t *count);

/**
 * funding_report - {"length","name","version","funding","dependencies":{name:{"version","funding","dependencies"}}}.
 * @only: location -> node, the packages that count; empty: all
 *
 * A package is told of where it is met first. What asks for nothing is left out, and what it depends on takes its
 * place. Iterative. Cost: O(nodes + edges).
 * Source: libnpmfund.
 */
struct json *funding_report(struct arena *a, struct tree *t, const struct map *only);
