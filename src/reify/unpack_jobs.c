/* SPDX-License-Identifier: MIT
 * The work of a worker: one tarball, verified and written into all its places. Nothing of a package
 * is looked at before its digest is right (T35), and only the worker that was given a shipment
 * touches it until the main thread has it back. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/semver.h"
#include "cpm/base/trace.h"
#include "cpm/base/vec.h"

/* ---- the content ---- */

static bool is_same_version(struct arena *a, str got, str want)
{
	struct semver g, w;

	if (str_eq(got, want))
		return true;
	if (!semver_parse(a, got, SEMVER_LOOSE, &g) || !semver_parse(a, want, SEMVER_LOOSE, &w))
		return false;
	return semver_compare(&g, &w) == 0; /* build metadata does not count */
}

/* The package inside must be the one that was asked for (T22, T26). Cleaned versions are compared,
 * and names without regard to case: both differ in packages that were published long ago. */
static struct err *check_identity(struct arena *a, const struct unit *u,
				  const struct package_facts *facts)
{
	if (str_is_null(u->want_name))
		return NULL;
	if (str_eq_nocase(str_trim(facts->name), u->want_name) &&
	    is_same_version(a, str_trim(facts->version), u->want_version))
		return NULL;
	return err_new(E_MANIFEST_MISMATCH,
		       "expected " STR_FMT "@" STR_FMT " but the tarball holds " STR_FMT
		       "@" STR_FMT,
		       STR_ARG(u->want_name), STR_ARG(u->want_version), STR_ARG(facts->name),
		       STR_ARG(facts->version));
}

/* The facts outlive the worker's arena in one piece of heap memory, shared by all units of the
 * shipment. */
static void keep_scripts(struct shipment *s, struct unit *u, const struct package_facts *facts)
{
	const str texts[] = { facts->preinstall, facts->install, facts->postinstall };
	str *kept[] = { &u->facts.preinstall, &u->facts.install, &u->facts.postinstall };
	size_t total = texts[0].len + texts[1].len + texts[2].len;
	char *at;

	if (!total)
		return;
	if (!s->facts_text)
		s->facts_text = malloc(total);
	at = s->facts_text;
	for (size_t i = 0; at && i < ARRAY_LEN(texts); i++) {
		if (str_is_null(texts[i]))
			continue;
		memcpy(at, texts[i].p, texts[i].len);
		*kept[i] = str_of(at, texts[i].len);
		at += texts[i].len;
	}
}

static struct err *read_facts(struct arena *a, struct shipment *s, struct unit *u, str manifest,
			      bool has_binding_gyp)
{
	struct package_facts facts;
	bool is_json = package_facts_scan(a, manifest, &facts);
	TRY(check_identity(a, u, &facts));
	if (!is_json)
		return NULL;
	u->facts.is_known = true;
	u->facts.builds_implicitly = has_binding_gyp && !facts.gypfile_false &&
				     str_is_null(facts.install) && str_is_null(facts.preinstall);
	keep_scripts(s, u, &facts);
	return NULL;
}

static struct err *unpack_unit(struct shipment *s, struct unit *u)
{
	TRACE_PACKAGE(WRITE, u->node->name, unit_version(u)); /* with letting go of the contents */
	ARENA_SCOPE(a);
	const struct unpack_opts opts = { .place = str_concat(
						  a, s->run->ideal->path,
						  str_concat(a, S("/"), u->node->location)),
					  .file_mask = s->run->file_mask,
					  .bins = u->bins.items,
					  .nbins = u->bins.len,
					  .executables = u->executables.items,
					  .nexecutables = u->executables.len };
	struct unpack_result result;
	AUTO_FD dir = -1;

	TRY(place_open(s->run, u->path, &dir));
	TRY(unpack_tarball(a, str_of(s->bytes, s->len), dir, &opts, &result));
	TRACE_BYTES(result.unpacked_bytes);
	if (str_is_null(result.manifest))
		return err_new(E_BAD_ARCHIVE, "the archive has no package.json");
	TRY(read_facts(a, s, u, result.manifest, result.has_binding_gyp));
	if (u == s->units.items[0])
		shelf_record(a, s, &result, dir);
	return NULL;
}

/* ---- the shipment ---- */

static bool verify(struct shipment *s)
{
	TRACE_PACKAGE(HASH, s->units.items[0]->node->name, unit_version(s->units.items[0]));

	if (s->is_verified)
		return true;
	TRACE_BYTES(s->len);
	digest_of(s->integrity.strongest == DIGEST_NONE ? DIGEST_SHA512 : s->integrity.strongest,
		  str_of(s->bytes, s->len), &s->digest);
	return s->integrity.strongest == DIGEST_NONE || integrity_has(&s->integrity, &s->digest);
}

void *unpack_job(void *arg, struct arena *scratch)
{
	struct shipment *s = arg;

	(void)scratch; /* the contents of each place are let go before the next one's */
	s->is_corrupt = !verify(s);
	for (size_t i = 0; i < s->units.len && !s->is_corrupt && !s->err; i++) {
		s->err = unpack_unit(s, s->units.items[i]);
		if (s->err)
			s->failed_unit = s->units.items[i];
	}
	return &s->job;
}

/* ---- from the shelf ---- */

static struct err *link_unit(struct arena *a, struct shipment *s, struct unit *u)
{
	AUTO_FD dir = -1;
	TRACE_PACKAGE(LINK, u->node->name, unit_version(u));

	TRY(place_open(s->run, u->path, &dir));
	s->shelf_result = shelf_link(s->shelf_fd, &s->digest, &s->row, dir);
	if (s->shelf_result != SHELF_LINKED)
		return NULL;
	return read_facts(a, s, u, s->row.manifest, s->row.has_binding_gyp);
}

bool unit_take_facts(struct arena *a, struct unit *u)
{
	struct shipment *s = u->shipment;
	struct err *err = read_facts(a, s, u, s->row.manifest, s->row.has_binding_gyp);

	err_ignore(err);
	return !err;
}

void *shelf_job(void *arg, struct arena *scratch)
{
	struct shipment *s = arg;

	s->shelf_result = SHELF_LINKED;
	for (size_t i = 0; i < s->units.len && s->shelf_result == SHELF_LINKED && !s->err; i++) {
		s->err = link_unit(scratch, s, s->units.items[i]);
		if (s->err)
			s->failed_unit = s->units.items[i];
	}
	return &s->job;
}
