/* SPDX-License-Identifier: MIT
 * A TUF repository, whole and attacked in each of the ways that its specification names. It lives in memory: files by name. Keys
 * are made of their names (signing.h): "r1" and "r2" sign roots, "t" timestamps, "s" snapshots, "g" targets. */
#include "cpm/registry/tuf.h"

#include "check.h"
#include "cpm/base/digest.h"
#include "cpm/base/fs.h"
#include "cpm/base/map.h"
#include "signing.h"
#include "temp_dir.h"

#define NOW_MS	1800000000000 /* January 2027 */
#define LATER	"2030-01-01T00:00:00Z"
#define EARLIER "2026-12-31T23:59:59Z"
#define TARGET	"{\"mediaType\":\"a trusted root\"}"

/* How the files are made; zeros: as they should be. */
struct plan {
	int root, timestamp, snapshot, targets; /* versions; 0: 1 */
	int says_snapshot, says_targets;	/* versions that others list; 0: the true ones */
	const char *root_expires, *timestamp_expires, *snapshot_expires, *targets_expires;
	const char *timestamp_key, *targets_key; /* who signs in their place */
	const char *root_signers[3];		 /* NULL: r1 and r2 */
	const char *root_keys[2];		 /* of the role root; NULL: r1 and r2 */
	bool is_plain;				 /* no consistent snapshots */
	bool has_ed25519;			 /* the key of targets */
	bool has_pem;				 /* the key of snapshots, which has line ends then */
	bool drops_delegation;			 /* the snapshot lists one file less */
	const char *target;			 /* other bytes than were listed */
	size_t pads;				 /* blanks behind the snapshot */
	bool has_no_hashes;			 /* of snapshot and targets */
	const char *fraction;			 /* put into the root */
};

struct world {
	struct arena *a;
	struct map files; /* name -> str * */
};

static void put(struct world *w, str name, str text)
{
	str *copy = ARENA_NEW(w->a, str);

	*copy = text;
	map_put(&w->files, name, copy);
}

static struct err *read_world(void *ctx, struct arena *a, str path, size_t max_bytes, str *out)
{
	struct world *w = ctx;
	str *text = map_get(&w->files, path);

	(void)a;
	*out = text ? *text : STR_NULL;
	return text && text->len > max_bytes ? err_new(E_GENERIC, "too long") : NULL;
}

static str hex_of(struct arena *a, str bytes)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(&out, "%02x", (unsigned char)bytes.p[i]);
	return buf_view(&out);
}

static str sha256(struct arena *a, str text)
{
	struct digest d;

	digest_of(DIGEST_SHA256, text, &d);
	return digest_hex(a, &d);
}

/* ---- files ---- */

/* @content is canonical already: keys in order, no blanks. */
static str sealed(struct arena *a, str content, const char *const *keys, size_t nkeys, bool is_edwards)
{
	struct str_buf list = str_buf(a, SIZE_MAX);
	/* Canonical JSON has line ends as they are, JSON has not. */
	str text = str_replace_all(a, content, S("\n"), S("\\n"));

	for (size_t i = 0; i < nkeys; i++) {
		str sig = is_edwards ? signing_edwards_sign(a, keys[i], content) : signing_sign(a, keys[i], content);
		buf_printf(&list, "%s{\"keyid\":\"%s\",\"sig\":\"" STR_FMT "\"}", i ? "," : "", keys[i], STR_ARG(hex_of(a, sig)));
	}
	return str_printf(a, "{\n  \"signed\": " STR_FMT ",\n  \"signatures\": [" STR_FMT "]\n}\n", STR_ARG(text),
			  STR_ARG(buf_view(&list)));
}

/* The last 65 bytes of a P-256 key's SubjectPublicKeyInfo are its point. */
static str key_json(struct arena *a, const char *name, bool is_edwards, bool is_pem)
{
	str spki = signing_spki(a, name), whole = base64_encode(a, spki);
	str text = is_edwards ? hex_of(a, signing_edwards_public(a, name)) : hex_of(a, str_from(spki, spki.len - 65));

	if (is_pem)
		text = str_printf(a, "-----BEGIN PUBLIC KEY-----\n" STR_FMT "\n" STR_FMT "\n-----END PUBLIC KEY-----\n",
				  STR_ARG(str_slice(whole, 0, 64)), STR_ARG(str_from(whole, 64)));
	return str_printf(a, "\"%s\":{\"keytype\":\"%s\",\"keyval\":{\"public\":\"" STR_FMT "\"},\"scheme\":\"%s\"}", name,
			  is_edwards ? "ed25519" : "ecdsa", STR_ARG(text), is_edwards ? "ed25519" : "ecdsa-sha2-nistp256");
}

static const char *or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static int or_1(int n)
{
	return n ? n : 1;
}

static str made_root(struct arena *a, const struct plan *p)
{
	const char *first = or(p->root_keys[0], "r1"), *second = or(p->root_keys[1], "r2");
	const char *signers[] = { or(p->root_signers[0], "r1"), or(p->root_signers[1], "r2"), p->root_signers[2] };
	str keys[] = { key_json(a, "g", p->has_ed25519, false), key_json(a, first, false, false), key_json(a, second, false, false),
		       key_json(a, "s", false, p->has_pem), key_json(a, "t", false, false) };
	str content = str_printf(
		a,
		"{\"_type\":\"root\",\"consistent_snapshot\":%s,\"expires\":\"%s\"%s,\"keys\":{" STR_FMT "},\"roles\":{"
		"\"root\":{\"keyids\":[\"%s\",\"%s\"],\"threshold\":2},\"snapshot\":{\"keyids\":[\"s\"],\"threshold\":1},"
		"\"targets\":{\"keyids\":[\"g\"],\"threshold\":1},\"timestamp\":{\"keyids\":[\"t\"],\"threshold\":1}},"
		"\"spec_version\":\"1.0.31\",\"version\":%d}",
		p->is_plain ? "false" : "true", or(p->root_expires, LATER), or(p->fraction, ""),
		STR_ARG(str_join(a, keys, strcmp(first, second) == 0 ? 2 : 5, S(","))), first, second, or_1(p->root));

	return sealed(a, content, signers, signers[2] ? 3 : 2, false);
}

static str listing(struct arena *a, const struct plan *p, const char *name, str text, int version)
{
	if (p->has_no_hashes)
		return str_printf(a, "\"%s\":{\"version\":%d}", name, version);
	return str_printf(a, "\"%s\":{\"hashes\":{\"sha256\":\"" STR_FMT "\"},\"length\":%zu,\"version\":%d}", name,
			  STR_ARG(sha256(a, text)), text.len, version);
}

static str file_name(struct arena *a, const struct plan *p, int version, const char *file)
{
	return p->is_plain ? str_view(file) : str_printf(a, "%d.%s", version, file);
}

/* Timestamp, snapshot, targets, target; not the roots. */
static void make_files(struct world *w, const struct plan *p)
{
	struct arena *a = w->a;
	const char *timestamp_key = or(p->timestamp_key, "t"), *targets_key = or(p->targets_key, "g"), *s = "s";
	int targets_version = or_1(p->targets), snapshot_version = or_1(p->snapshot);
	str hash = sha256(a, S(TARGET));
	str targets = sealed(a,
			     str_printf(a,
					"{\"_type\":\"targets\",\"expires\":\"%s\",\"spec_version\":\"1.0.31\",\"targets\":{"
					"\"trusted_root.json\":{\"hashes\":{\"sha256\":\"" STR_FMT "\"},\"length\":%zu}},\"version\":%d}",
					or(p->targets_expires, LATER), STR_ARG(hash), strlen(TARGET), targets_version),
			     &targets_key, 1, p->has_ed25519);
	str snapshot = sealed(a,
			      str_printf(a, "{\"_type\":\"snapshot\",\"expires\":\"%s\",\"meta\":{%s" STR_FMT "},\"spec_version\":\"1.0.31\",\"version\":%d}",
					 or(p->snapshot_expires, LATER), p->drops_delegation ? "" : "\"extra.json\":{\"version\":1},",
					 STR_ARG(listing(a, p, "targets.json", targets, p->says_targets ? p->says_targets : targets_version)),
					 snapshot_version),
			      &s, 1, false);
	for (size_t i = 0; i < p->pads; i++)
		snapshot = str_concat(a, snapshot, S(" "));
	str listed = listing(a, p, "snapshot.json", snapshot, p->says_snapshot ? p->says_snapshot : snapshot_version);
	str timestamp = sealed(a,
			       str_printf(a, "{\"_type\":\"timestamp\",\"expires\":\"%s\",\"meta\":{" STR_FMT "},\"spec_version\":\"1.0.31\",\"version\":%d}",
					  or(p->timestamp_expires, LATER), STR_ARG(listed), or_1(p->timestamp)),
			       &timestamp_key, 1, false);

	put(w, S("timestamp.json"), timestamp);
	put(w, file_name(a, p, p->says_snapshot ? p->says_snapshot : snapshot_version, "snapshot.json"), snapshot);
	put(w, file_name(a, p, p->says_targets ? p->says_targets : targets_version, "targets.json"), targets);
	put(w, p->is_plain ? S("targets/trusted_root.json") : str_printf(a, "targets/" STR_FMT ".trusted_root.json", STR_ARG(hash)),
	    str_view(or(p->target, TARGET)));
}

static struct world new_world(struct arena *a)
{
	struct world w = { .a = a };

	map_init(&w.files, a);
	return w;
}

static struct err *fetch(struct world *w, const struct plan *pin, int memory, str *out)
{
	struct tuf_repository repo = {
		.read = read_world,
		.ctx = w,
		.pinned_root = made_root(w->a, pin),
		.memory = memory,
		.now_ms = NOW_MS,
	};

	return tuf_fetch(w->a, &repo, S("trusted_root.json"), out);
}

static const struct plan plain_root = { 0 };

/* A repository as @p says, followed from the first root, with no memory. */
static struct err *fetch_plan(struct arena *a, const struct plan *p, str *out)
{
	struct world w = new_world(a);

	make_files(&w, p);
	return fetch(&w, p, -1, out);
}

static void check_message(struct err *e, const char *want, const char *row)
{
	CHECK(e != NULL, "%s", row);
	CHECK(str_find(e->message, str_view(want)) != STR_NPOS, "%s: " STR_FMT, row, STR_ARG(e->message));
	err_free(e);
}

/* ---- the claims ---- */

TEST(a_target_is_had_from_a_repository_in_order)
{
	static const struct plan rows[] = { { 0 }, { .is_plain = true }, { .has_ed25519 = true }, { .has_pem = true }, { .has_no_hashes = true },
					    { .timestamp = 7, .snapshot = 5, .targets = 3 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		str out;

		CHECK_OK(fetch_plan(a, &rows[i], &out));
		CHECK_STR(out, S(TARGET), "row %zu", i);
	}
}

TEST(what_is_wrong_is_named)
{
	static const struct {
		const char *want;
		struct plan plan;
	} rows[] = {
		{ "root.json version 1 has 1 of the 2 signatures that root.json version 1 demands", { .root_signers = { "r1", "r1" } } },
		{ "root.json version 1 has 1 of the 2 signatures", { .root_signers = { "r1", "x" } } },
		{ "root.json version 1 has 1 of the 2 signatures", { .root_keys = { "r1", "r1" }, .root_signers = { "r1", "r1" } } },
		{ "root.json version 1 expired on " EARLIER, { .root_expires = EARLIER } },
		{ "timestamp.json version 1 has 0 of the 1 signatures", { .timestamp_key = "s" } },
		{ "timestamp.json version 1 expired on " EARLIER, { .timestamp_expires = EARLIER } },
		{ "snapshot.json version 1 expired on " EARLIER, { .snapshot_expires = EARLIER } },
		{ "snapshot.json has version 2, and timestamp.json lists version 3", { .snapshot = 2, .says_snapshot = 3 } },
		{ "targets.json has version 2, and snapshot.json lists version 3", { .targets = 2, .says_targets = 3 } },
		{ "targets.json version 1 has 0 of the 1 signatures", { .targets_key = "t" } },
		{ "targets.json version 1 expired on " EARLIER, { .targets_expires = EARLIER } },
		{ "trusted_root.json is not the file that targets.json lists: its sha256 is another",
		  { .target = "{\"mediaType\":\"b trusted root\"}" } },
		{ "trusted_root.json has 2 bytes, and targets.json lists", { .target = "{}" } },
		{ "root.json is no TUF metadata of version 1: it has numbers that are not whole", { .fraction = ",\"f\":1.5" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		str out;

		check_message(fetch_plan(a, &rows[i].plan, &out), rows[i].want, rows[i].want);
	}
}

TEST(files_of_two_moments_do_not_go_together)
{
	ARENA_SCOPE(a);
	struct world w = new_world(a), other = new_world(a);
	str out;

	make_files(&w, &plain_root);
	/* Signed as well, of the same version, but not what the timestamp lists. */
	make_files(&other, &(struct plan){ .snapshot_expires = "2031-01-01T00:00:00Z" });
	put(&w, S("1.snapshot.json"), *(str *)map_get(&other.files, S("1.snapshot.json")));
	check_message(fetch(&w, &plain_root, -1, &out), "snapshot.json", "lists: its sha256 is another");
}

TEST(what_is_too_long_is_not_read)
{
	ARENA_SCOPE(a);
	struct world w = new_world(a);
	str *text, out;

	make_files(&w, &plain_root);
	text = map_get(&w.files, S("1.snapshot.json"));
	*text = str_concat(a, *text, S(" "));
	check_message(fetch(&w, &plain_root, -1, &out), "bytes, and timestamp.json lists", "one blank");
	make_files(&w, &(struct plan){ .has_no_hashes = true });
	text = map_get(&w.files, S("timestamp.json"));
	*text = str_concat(a, *text, str_of(memset(ARENA_ARRAY(a, char, 1 << 17), ' ', 1 << 17), 1 << 17));
	check_message(fetch(&w, &plain_root, -1, &out), "too long", "128 KiB");
}

TEST(roots_are_followed_when_each_was_signed_by_the_one_before)
{
	/* The keys of the role go from r1 and r2 to r2 and r3. */
	static const struct {
		const char *want; /* NULL: it holds */
		struct plan second;
	} rows[] = {
		{ "root.json version 2 has 1 of the 2 signatures that root.json version 1 demands",
		  { .root = 2, .root_keys = { "r2", "r3" }, .root_signers = { "r2", "r3" } } },
		{ "root.json version 2 has 1 of the 2 signatures that root.json version 2 demands",
		  { .root = 2, .root_keys = { "r2", "r3" }, .root_signers = { "r1", "r2" } } },
		{ NULL, { .root = 2, .root_keys = { "r2", "r3" }, .root_signers = { "r1", "r2", "r3" } } },
		{ "2.root.json has version 3", { .root = 3 } },
		{ "2.root.json has version 1", { .root = 1 } },
		{ "root.json version 2 expired", { .root = 2, .root_expires = EARLIER } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct world w = new_world(a);
		/* A root on the way may have expired, the last may not. */
		struct plan first = { .root_expires = EARLIER };
		struct err *e;
		str out;

		make_files(&w, &rows[i].second);
		put(&w, S("2.root.json"), made_root(a, &rows[i].second));
		e = fetch(&w, &first, -1, &out);
		if (rows[i].want)
			check_message(e, rows[i].want, rows[i].want);
		else
			CHECK_OK(e);
	}
}

TEST(what_was_seen_before_does_not_go_back)
{
	static const struct {
		const char *want;
		struct plan second;
	} rows[] = {
		{ "timestamp.json went back from version 5, which was seen before, to 4", { .timestamp = 4, .snapshot = 5, .targets = 5 } },
		{ "snapshot.json, as timestamp.json lists it, went back from version 5", { .timestamp = 6, .snapshot = 4, .targets = 5 } },
		{ "targets.json went back from version 5, which was seen before, to 4", { .timestamp = 6, .snapshot = 6, .targets = 4 } },
		{ "snapshot.json does not list extra.json any more",
		  { .timestamp = 6, .snapshot = 6, .targets = 5, .drops_delegation = true } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct world w = new_world(a);
		const struct plan first = { .timestamp = 5, .snapshot = 5, .targets = 5 };
		str out;
		TEMP_DIR(dir);

		make_files(&w, &first);
		CHECK_OK(fetch(&w, &first, dir.fd, &out));
		CHECK_OK(fetch(&w, &first, dir.fd, &out));
		make_files(&w, &rows[i].second);
		check_message(fetch(&w, &first, dir.fd, &out), rows[i].want, rows[i].want);
		/* Who has not seen it cannot know. */
		CHECK_OK(fetch(&w, &first, -1, &out));
	}
}

TEST(a_root_that_was_seen_need_not_be_served_and_is_not_believed_for_lying_there)
{
	ARENA_SCOPE(a);
	struct world w = new_world(a);
	const struct plan second = { .root = 2 }, forged = { .root = 2, .root_signers = { "x", "x" } };
	str out;
	TEMP_DIR(dir);

	make_files(&w, &second);
	put(&w, S("2.root.json"), made_root(a, &second));
	CHECK_OK(fetch(&w, &plain_root, dir.fd, &out));
	map_del(&w.files, S("2.root.json"));
	CHECK_OK(fetch(&w, &(struct plan){ .root_expires = EARLIER }, dir.fd, &out));
	CHECK_OK(fs_write_atomic(dir.fd, "2.root.json", made_root(a, &forged), 0600));
	check_message(fetch(&w, &(struct plan){ .root_expires = EARLIER }, dir.fd, &out), "root.json version 1 expired", "forged");
}

UNIT_TESTS(TESTED(a_target_is_had_from_a_repository_in_order), TESTED(what_is_wrong_is_named),
	   TESTED(files_of_two_moments_do_not_go_together), TESTED(what_is_too_long_is_not_read),
	   TESTED(roots_are_followed_when_each_was_signed_by_the_one_before), TESTED(what_was_seen_before_does_not_go_back),
	   TESTED(a_root_that_was_seen_need_not_be_served_and_is_not_believed_for_lying_there))
