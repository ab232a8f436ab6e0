/* SPDX-License-Identifier: MIT
 * The client's way through a TUF repository, in the order of the specification:
 *
 *     pinned root -> next root ... last root -> timestamp -> snapshot -> targets -> the target
 *
 * Each step is held against the last root, the step before, and what an earlier run has seen. Roots
 * that were seen are kept under their numbers and followed again from the pinned one, so that
 * nothing in the memory is trusted for lying there. */
#include "tuf_priv.h"

#include "cpm/base/fs.h"

#define ROOTS_MAX        1024
#define TARGET_MAX_BYTES ((size_t)8 << 20)

struct client {
	struct arena *a;
	const struct tuf_repository *repo;
	struct tuf_metadata root, timestamp, snapshot, targets;
};

/* ---- files ---- */

static str numbered(struct arena *a, uint64_t version, str file)
{
	return str_printf(a, "%llu." STR_FMT, (unsigned long long)version, STR_ARG(file));
}

/* What is not there, and what nobody can read, was not seen. */
static str recall(const struct client *c, str name, size_t max_bytes)
{
	const char *path = str_cstr(c->a, name);
	str text = STR_NULL;

	if (c->repo->memory >= 0 && fs_is_file(c->repo->memory, path))
		err_ignore(fs_read_all(c->a, c->repo->memory, path, max_bytes, &text));
	return text;
}

static struct err *remember(const struct client *c, str name, str text)
{
	if (c->repo->memory < 0)
		return NULL;
	return fs_write_atomic(c->repo->memory, str_cstr(c->a, name), text, 0600);
}

static struct err *read_file(const struct client *c, str name, size_t max_bytes, str *out)
{
	TRY(c->repo->read(c->repo->ctx, c->a, name, max_bytes, out));
	if (str_is_null(*out))
		return tuf_error("the repository has no " STR_FMT, STR_ARG(name));
	return NULL;
}

/* ---- roots ---- */

/* @text is the root after c->root: signed by enough keys of both. */
static struct err *check_next_root(const struct client *c, str text, struct tuf_metadata *out)
{
	uint64_t version = c->root.version + 1;

	TRY(tuf_parse(c->a, TUF_ROOT, text, out));
	if (out->version != version)
		return tuf_error("%llu.root.json has version %llu", (unsigned long long)version,
				 (unsigned long long)out->version);
	TRY(tuf_check_signatures(c->a, out, &c->root));
	return tuf_check_signatures(c->a, out, out);
}

/* False: it was not seen, or what lies there is not it. */
static bool recall_next_root(const struct client *c, str name, struct tuf_metadata *out)
{
	str text = recall(c, name, tuf_max_bytes(TUF_ROOT));
	struct err *e = str_is_null(text) ? NULL : check_next_root(c, text, out);
	bool is_it = !str_is_null(text) && !e;

	err_ignore(e);
	return is_it;
}

static struct err *follow_roots(struct client *c)
{
	TRY(tuf_parse(c->a, TUF_ROOT, c->repo->pinned_root, &c->root));
	TRY(tuf_check_signatures(c->a, &c->root, &c->root));
	for (size_t i = 0; i < ROOTS_MAX; i++) {
		str name = numbered(c->a, c->root.version + 1, tuf_file_name(TUF_ROOT)), text;
		struct tuf_metadata next;

		if (!recall_next_root(c, name, &next)) {
			TRY(c->repo->read(c->repo->ctx, c->a, name, tuf_max_bytes(TUF_ROOT),
					  &text));
			if (str_is_null(text))
				return tuf_check_expiry(&c->root, c->repo->now_ms);
			TRY(check_next_root(c, text, &next));
			TRY(remember(c, name, text));
		}
		c->root = next;
	}
	return tuf_error("more than %d roots follow the pinned one: pin a newer root.json",
			 ROOTS_MAX);
}

/* ---- what was seen ---- */

/* The file as an earlier run trusted it, if the keys of today still stand for it: after a change of
 * keys old numbers do not bind any more. */
static bool recall_metadata(const struct client *c, enum tuf_type type, struct tuf_metadata *out)
{
	str text = recall(c, tuf_file_name(type), tuf_max_bytes(type));
	struct err *e;

	if (str_is_null(text))
		return false;
	e = tuf_parse(c->a, type, text, out);
	if (!e)
		e = tuf_check_signatures(c->a, out, &c->root);
	if (!e)
		return true;
	err_ignore(e);
	return false;
}

static struct err *rolled_back(str name, uint64_t version, uint64_t seen)
{
	return tuf_error(STR_FMT " went back from version %llu, which was seen before, to %llu",
			 STR_ARG(name), (unsigned long long)seen, (unsigned long long)version);
}

/* ---- timestamp ---- */

static struct err *list_snapshot(const struct tuf_metadata *timestamp, struct tuf_listing *out)
{
	if (tuf_find_listing(timestamp->content, "meta", tuf_file_name(TUF_SNAPSHOT), out) &&
	    out->version)
		return NULL;
	return tuf_error("timestamp.json does not list snapshot.json with a version");
}

static struct err *update_timestamp(struct client *c)
{
	struct tuf_metadata seen;
	struct tuf_listing now, then;
	str text;

	TRY(read_file(c, tuf_file_name(TUF_TIMESTAMP), tuf_max_bytes(TUF_TIMESTAMP), &text));
	TRY(tuf_parse(c->a, TUF_TIMESTAMP, text, &c->timestamp));
	TRY(tuf_check_signatures(c->a, &c->timestamp, &c->root));
	TRY(list_snapshot(&c->timestamp, &now));
	if (recall_metadata(c, TUF_TIMESTAMP, &seen)) {
		if (c->timestamp.version < seen.version)
			return rolled_back(S("timestamp.json"), c->timestamp.version, seen.version);
		TRY(list_snapshot(&seen, &then));
		if (now.version < then.version)
			return rolled_back(S("snapshot.json, as timestamp.json lists it,"),
					   now.version, then.version);
	}
	TRY(tuf_check_expiry(&c->timestamp, c->repo->now_ms));
	return remember(c, tuf_file_name(TUF_TIMESTAMP), text);
}

/* ---- snapshot and targets ---- */

/* Of one moment, where the repository says that it keeps old ones. */
static str listed_name(const struct client *c, uint64_t version, str file)
{
	return json_get_bool(c->root.content, "consistent_snapshot") ? numbered(c->a, version, file)
								     : file;
}

/* The file that @by lists. */
static struct err *read_listed(const struct client *c, enum tuf_type type,
			       const struct tuf_listing *l, const struct tuf_metadata *by,
			       struct tuf_metadata *out)
{
	str name = tuf_file_name(type), text;

	TRY(read_file(c, listed_name(c, l->version, name), tuf_max_bytes(type), &text));
	TRY(tuf_check_listed(c->a, l, name, tuf_file_name(by->type), text));
	TRY(tuf_parse(c->a, type, text, out));
	TRY(tuf_check_signatures(c->a, out, &c->root));
	if (out->version == l->version)
		return NULL;
	return tuf_error(STR_FMT " has version %llu, and " STR_FMT " lists version %llu",
			 STR_ARG(name), (unsigned long long)out->version,
			 STR_ARG(tuf_file_name(by->type)), (unsigned long long)l->version);
}

/* No file of targets that was there is gone or older. */
static struct err *check_snapshot_rollback(const struct client *c)
{
	struct tuf_metadata seen;
	const struct json *files;

	if (!recall_metadata(c, TUF_SNAPSHOT, &seen))
		return NULL;
	files = json_get(seen.content, "meta");
	for (size_t i = 0; json_is(files, JSON_OBJECT) && i < files->count; i++) {
		str name = files->members[i].key;
		struct tuf_listing then, now;

		if (!tuf_find_listing(seen.content, "meta", name, &then))
			continue;
		if (!tuf_find_listing(c->snapshot.content, "meta", name, &now))
			return tuf_error("snapshot.json does not list " STR_FMT
					 " any more, which was seen before",
					 STR_ARG(name));
		if (now.version < then.version)
			return rolled_back(name, now.version, then.version);
	}
	return NULL;
}

static struct err *update_snapshot(struct client *c)
{
	struct tuf_listing listing;

	TRY(list_snapshot(&c->timestamp, &listing));
	TRY(read_listed(c, TUF_SNAPSHOT, &listing, &c->timestamp, &c->snapshot));
	TRY(check_snapshot_rollback(c));
	TRY(tuf_check_expiry(&c->snapshot, c->repo->now_ms));
	return remember(c, tuf_file_name(TUF_SNAPSHOT), c->snapshot.text);
}

static struct err *update_targets(struct client *c)
{
	struct tuf_listing listing;

	if (!tuf_find_listing(c->snapshot.content, "meta", tuf_file_name(TUF_TARGETS), &listing) ||
	    !listing.version)
		return tuf_error("snapshot.json does not list targets.json with a version");
	TRY(read_listed(c, TUF_TARGETS, &listing, &c->snapshot, &c->targets));
	return tuf_check_expiry(&c->targets, c->repo->now_ms);
}

/* ---- the target ---- */

static struct err *fetch_target(const struct client *c, str name, str *out)
{
	struct tuf_listing l;
	const struct json *hash;
	str file = name;

	if (!tuf_find_listing(c->targets.content, "targets", name, &l))
		return tuf_error("targets.json lists no '" STR_FMT
				 "'; delegated roles are not searched",
				 STR_ARG(name));
	hash = json_get(l.hashes, "sha256");
	if (!hash)
		hash = json_get(l.hashes, "sha512");
	if (!l.has_length || !json_is(hash, JSON_STRING) ||
	    str_find_any(hash->string, "/\\?#%") != STR_NPOS)
		return tuf_error("targets.json lists '" STR_FMT "' without its length and hashes",
				 STR_ARG(name));
	if (l.length > TARGET_MAX_BYTES)
		return tuf_error("'" STR_FMT "' has %llu bytes, and more than %zu are not taken",
				 STR_ARG(name), (unsigned long long)l.length, TARGET_MAX_BYTES);
	if (json_get_bool(c->root.content, "consistent_snapshot"))
		file = str_printf(c->a, STR_FMT "." STR_FMT, STR_ARG(hash->string), STR_ARG(name));
	TRY(read_file(c, str_concat(c->a, S("targets/"), file), TARGET_MAX_BYTES, out));
	return tuf_check_listed(c->a, &l, name, S("targets.json"), *out);
}

struct err *tuf_fetch(struct arena *a, const struct tuf_repository *repo, str name, str *out)
{
	struct client c = { .a = a, .repo = repo };

	TRY(follow_roots(&c));
	TRY(update_timestamp(&c));
	TRY(update_snapshot(&c));
	TRY(update_targets(&c));
	return fetch_target(&c, name, out);
}
