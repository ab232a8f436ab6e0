/* SPDX-License-Identifier: MIT
 * A project that comes from Yarn keeps its versions: where there is no package-lock.json yet,
 * yarn.lock says which version a spec means (npm-tree.md 7.4). It is a hint: what it says instead
 * of a version is judged like any spec. */
#include "ideal_priv.h"

#include "cpm/base/digest.h"

struct err *ideal_pin(struct ideal *b, const struct spec **spec, str *integrity)
{
	*integrity = STR_NULL;
	if (!b->opts->yarn)
		return NULL;
	return yarn_lock_spec(b->arena, b->opts->yarn, *spec, spec, integrity);
}

struct err *ideal_check_pin(const struct spec *spec, const struct manifest *m, str integrity)
{
	ARENA_SCOPE(tmp);
	struct integrity want, have;

	integrity_parse(tmp, integrity, &want);
	integrity_parse(tmp, m->integrity, &have);
	for (size_t i = 0; i < want.count; i++)
		for (size_t j = 0; j < have.count; j++)
			if (digest_eq(&want.items[i], &have.items[j]))
				return NULL;
	if (!want.count || !have.count)
		return NULL;
	return err_new(E_INTEGRITY,
		       "Integrity checksum failed when using " STR_FMT ": yarn.lock has " STR_FMT
		       " but the registry says " STR_FMT,
		       STR_ARG(spec_format(tmp, spec)), STR_ARG(integrity), STR_ARG(m->integrity));
}
