/* SPDX-License-Identifier: MIT
 * Lockfiles that say too little (T23). An entry without an integrity, or with a sha1 alone, lets
 * anybody who sits between us and the tarball choose its bytes; npm takes them. Such entries are
 * honest mistakes of old tools, so they are no error: what the registry promises for that version
 * has to hold as well. The lockfile stays as it is, since npm does not complete it either. */
#include "reify_priv.h"

#include "cpm/base/log.h"
#include "cpm/registry/source.h"

static const struct node *node_of(const struct shipment *s)
{
	return s->units.items[0]->node;
}

static bool is_needed(const struct run *r, const struct shipment *s)
{
	return r->opts->source && !r->opts->is_offline && !str_is_null(s->url) && s->units.len &&
	       s->integrity.strongest <= DIGEST_SHA1 && node_is_registry_dep(node_of(s));
}

void promises_announce(struct run *r)
{
	VEC_EACH (struct shipment *, s, &r->shipments)
		if (is_needed(r, *s))
			source_announce(r->opts->source, node_of(*s)->manifest->name);
}

/* What the packument says of this version; null when it says nothing. */
static struct err *find_promise(struct run *r, const struct node *n, str *out)
{
	const struct packument_version *v;
	const struct packument *p;
	struct manifest *m;
	str text;

	*out = STR_NULL;
	TRY_AS(source_get(r->opts->source, n->manifest->name, &p),
	       "package-lock.json has no sha512 for '" STR_FMT
	       "', and the registry was asked for it",
	       STR_ARG(n->location));
	v = packument_find(p, n->manifest->version);
	if (!v)
		return NULL;
	TRY(packument_manifest(p, v, &text));
	TRY(manifest_from_text(r->arena, text, &m));
	*out = m->integrity;
	return NULL;
}

struct err *promise_add(struct run *r, struct shipment *s)
{
	struct integrity promised;
	str text;

	if (!is_needed(r, s))
		return NULL;
	TRY(find_promise(r, node_of(s), &text));
	integrity_parse(r->arena, text, &promised);
	if (promised.strongest <= DIGEST_SHA1)
		return NULL;
	s->locked = s->integrity;
	s->integrity = promised;
	s->integrity_text = text;
	r->npromised++;
	return NULL;
}

bool promise_locked_holds(const struct shipment *s, const char *bytes, size_t len)
{
	struct digest sha1;

	if (s->locked.strongest == DIGEST_NONE)
		return true;
	digest_of(s->locked.strongest, str_of(bytes, len), &sha1);
	return integrity_has(&s->locked, &sha1);
}

void promises_tell(const struct run *r)
{
	if (r->npromised)
		log_warn("integrity",
			 "package-lock.json has no sha512 for %zu package%s: checked against what "
			 "the registry says",
			 r->npromised, r->npromised == 1 ? "" : "s");
}
