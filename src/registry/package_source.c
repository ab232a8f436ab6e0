/* SPDX-License-Identifier: MIT
 * Packages from anywhere. Files and URLs are tarballs already; folders are packed each time, since
 * nobody can tell whether they changed; repositories are packed once per commit and then found in
 * the cache. Source: pacote's fetchers. */
#include "cpm/registry/package_source.h"

#include "cpm/base/fs.h"
#include "cpm/base/gzip.h"
#include "cpm/base/json.h"
#include "cpm/base/log.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/config/cfg.h"
#include "cpm/registry/http.h"
#include "cpm/registry/registry_url.h"
#include "source_git.h"

#include <errno.h>

#define TARBALL_MAX_BYTES  ((uint64_t)2 << 30)
#define MANIFEST_MAX_BYTES ((size_t)16 << 20)

struct package_source {
	struct arena *arena;
	struct package_source_opts opts;
	struct map repos; /* URL -> struct git_repo * */
	bool is_cloning;  /* no host could be reached for a tarball */
};

/* Tarball bytes on the heap. */
struct bytes {
	char *p;
	size_t len;
};

static void free_bytes(struct bytes *b)
{
	free(b->p);
}

#define AUTO_BYTES __attribute__((cleanup(free_bytes))) struct bytes

struct package_source *package_source_new(struct arena *a, const struct package_source_opts *opts)
{
	struct package_source *s = ARENA_NEW(a, struct package_source);

	s->arena = a;
	s->opts = *opts;
	map_init(&s->repos, a);
	return s;
}

void package_source_free(struct package_source *s)
{
	if (!s)
		return;
	for (struct map_iter it = map_iter(&s->repos); map_next(&it);)
		git_repo_close(it.val);
}

/* ---- kept tarballs ---- */

/* The tarball that was kept under @key, once its bytes have proved to be those. */
static bool get_kept(struct package_source *s, struct arena *a, str key, struct bytes *out,
		     str *integrity)
{
	struct integrity want;
	struct digest got;

	if (!s->opts.cache)
		return false;
	*integrity = s->opts.cache->get(s->opts.cache, a, key);
	if (str_is_empty(*integrity))
		return false;
	integrity_parse(a, *integrity, &want);
	if (want.count != 1 ||
	    !s->opts.archives->get(s->opts.archives, &want.items[0], &out->p, &out->len))
		return false;
	digest_of(want.items[0].algo, str_of(out->p, out->len), &got);
	if (digest_eq(&got, &want.items[0]))
		return true;
	free(out->p);
	*out = (struct bytes){ 0 };
	return false;
}

static str keep(struct package_source *s, struct arena *a, str key, const struct bytes *bytes)
{
	struct digest d;
	str integrity;

	digest_of(DIGEST_SHA512, str_of(bytes->p, bytes->len), &d);
	integrity = integrity_format(a, &d);
	s->opts.archives->put(s->opts.archives, &d, str_of(bytes->p, bytes->len));
	if (s->opts.cache && !str_is_null(key))
		s->opts.cache->put(s->opts.cache, key, integrity);
	return integrity;
}

/* ---- tarballs on disk and behind URLs ---- */

static struct err *read_file(const struct package_address *at, struct bytes *out)
{
	ARENA_SCOPE(tmp);
	str text;

	TRY(fs_read_all(tmp, AT_FDCWD, str_cstr(tmp, at->place), TARBALL_MAX_BYTES, &text));
	out->p = malloc(text.len + 1);
	if (!out->p)
		out_of_memory();
	memcpy(out->p, text.p, text.len);
	out->len = text.len;
	return NULL;
}

static struct err *not_cached(str url)
{
	return err_new(E_NOT_CACHED,
		       "request to " STR_FMT
		       " failed: cache mode is 'only-if-cached' but no cached response is "
		       "available.",
		       STR_ARG(url));
}

static struct err *download(struct package_source *s, str url, str name, struct bytes *out)
{
	struct http_request req = { .url = url,
				    .priority = HTTP_TARBALL,
				    .cap_bytes = TARBALL_MAX_BYTES,
				    .subject = name,
				    .owner = s };
	struct http_response *resp;
	struct http *http;

	if (cfg_bool(s->opts.cfg, CFG_OFFLINE))
		return not_cached(url);
	TRY(s->opts.open_http(s->opts.ctx, &http));
	TRY(http_fetch(http, &req, &resp));
	*out = (struct bytes){ resp->body, resp->body_len };
	resp->body = NULL;
	http_response_free(resp);
	return NULL;
}

/* Bytes of a tarball whose integrity is known. */
static bool get_known(struct package_source *s, const struct integrity *known, struct bytes *out)
{
	for (size_t i = 0; i < known->count; i++) {
		struct digest got;

		if (known->items[i].algo != known->strongest ||
		    !s->opts.archives->get(s->opts.archives, &known->items[i], &out->p, &out->len))
			continue;
		digest_of(known->strongest, str_of(out->p, out->len), &got);
		if (digest_eq(&got, &known->items[i]))
			return true;
		free(out->p);
		*out = (struct bytes){ 0 };
	}
	return false;
}

static struct err *check_integrity(const struct package_address *at, const struct integrity *known,
				   const struct bytes *bytes)
{
	ARENA_SCOPE(tmp);
	struct digest got;

	if (known->strongest == DIGEST_NONE)
		return NULL;
	digest_of(known->strongest, str_of(bytes->p, bytes->len), &got);
	if (integrity_has(known, &got))
		return NULL;
	return err_new(E_INTEGRITY,
		       STR_FMT " integrity checksum failed when using " STR_FMT ": wanted " STR_FMT
			       " but got " STR_FMT ". (%zu bytes)",
		       STR_ARG(at->place), STR_ARG(digest_algo_name(known->strongest)),
		       STR_ARG(at->integrity), STR_ARG(integrity_format(tmp, &got)), bytes->len);
}

static bool prefers_cache(const struct package_source *s)
{
	return cfg_bool(s->opts.cfg, CFG_OFFLINE) || cfg_bool(s->opts.cfg, CFG_PREFER_OFFLINE);
}

static struct err *fetch_url(struct package_source *s, struct arena *a,
			     const struct package_address *at, struct bytes *out, str *url,
			     str *integrity)
{
	struct integrity known = { 0 };
	str key;

	*url = registry_fetch_url(a, s->opts.cfg, at->place);
	if (str_is_null(*url))
		return err_new(E_BAD_PROTOCOL, "cannot fetch '" STR_FMT "'", STR_ARG(at->place));
	if (!str_is_empty(at->integrity))
		integrity_parse(a, at->integrity, &known);
	if (get_known(s, &known, out)) {
		*integrity = at->integrity;
		return NULL;
	}
	key = str_concat(a, S("tarball:"), *url);
	if (prefers_cache(s) && get_kept(s, a, key, out, integrity))
		return NULL;
	TRY(download(s, *url, at->name, out));
	struct err *e = check_integrity(at, &known, out);
	if (e) {
		free(out->p);
		*out = (struct bytes){ 0 };
		return e;
	}
	*integrity = keep(s, a, key, out);
	return NULL;
}

/* ---- packing ---- */

static bool has_text(const struct json *scripts, const char *event)
{
	return !str_is_empty(json_get_text(scripts, event));
}

/* Packed as it is, something may be missing: npm looks at these scripts. */
static bool wants_prepare(const struct package_address *at, const struct json *manifest)
{
	static const char *const events[] = { "postinstall", "build",   "preinstall",
					      "install",     "prepack", "prepare" };
	const struct json *scripts = json_get(manifest, "scripts");

	if (at->kind == PACKAGE_FOLDER)
		return has_text(scripts, "prepare");
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (has_text(scripts, events[i]))
			return true;
	return json_is_truthy(json_get(manifest, "workspaces"));
}

static bool may_prepare(const struct package_source *s)
{
	return s->opts.prepare && !cfg_bool(s->opts.cfg, CFG_IGNORE_SCRIPTS);
}

/* What names a commit to those who prepare it. */
static str resolved_of(struct arena *a, const struct package_address *at)
{
	if (at->kind != PACKAGE_REPO)
		return STR_NULL;
	return str_printf(a, "git+" STR_FMT "#" STR_FMT, STR_ARG(at->place), STR_ARG(at->commit));
}

static struct err *prepare(struct package_source *s, const struct package_address *at, str folder)
{
	ARENA_SCOPE(tmp);
	struct json *manifest;
	str text;

	TRY(fs_read_all(tmp, AT_FDCWD, str_cstr(tmp, path_join(tmp, folder, S("package.json"))),
			MANIFEST_MAX_BYTES, &text));
	TRY(json_parse(tmp, text, &manifest));
	if (!wants_prepare(at, manifest))
		return NULL;
	return s->opts.prepare(s->opts.ctx, folder, resolved_of(tmp, at));
}

static struct err *pack(struct package_source *s, const struct package_address *at, str folder,
			bool is_prepared, struct bytes *out)
{
	if (is_prepared && may_prepare(s))
		TRY(prepare(s, at, folder));
	return s->opts.archives->pack(s->opts.archives, folder, &out->p, &out->len);
}

/* ---- repositories ---- */

static struct err *open_repo(struct package_source *s, str url, bool is_own, struct git_repo **out)
{
	*out = map_get(&s->repos, url);
	if (*out)
		return NULL;
	TRY(git_url_check(url, is_own));
	if (cfg_bool(s->opts.cfg, CFG_OFFLINE) && !str_starts(url, S("file:")))
		return not_cached(url);
	TRY(git_repo_open(url, (int64_t)cfg_number(s->opts.cfg, CFG_FETCH_TIMEOUT), out));
	map_put(&s->repos, str_dup(s->arena, url), *out);
	return NULL;
}

/* Public repositories are nearly always to be had by https; for the others there is ssh. */
static struct err *open_any(struct package_source *s, const struct package_address *at,
			    struct git_repo **out)
{
	ARENA_SCOPE(tmp);
	struct err *err = open_repo(s, at->place, at->is_own, out), *again;

	if (!err || str_is_null(at->other_place) || err->code == E_INTERRUPTED ||
	    err->code == E_NOT_CACHED)
		return err;
	log_verbose("git", "cannot reach " STR_FMT ": " STR_FMT, STR_ARG(at->place),
		    STR_ARG(err_text(tmp, err)));
	again = open_repo(s, at->other_place, at->is_own, out);
	if (again) {
		err_free(again);
		return err;
	}
	err_free(err);
	return NULL;
}

struct err *package_find_commit(struct package_source *s, struct arena *a,
				const struct package_address *at, str *commit)
{
	const struct git_ref *ref;
	struct git_repo *repo;

	TRY(open_any(s, at, &repo));
	ref = git_repo_find(repo, str_is_empty(at->ref) ? S("HEAD") : at->ref);
	if (ref) {
		*commit = str_dup(a, ref->commit);
		return NULL;
	}
	return git_repo_parse(repo, a, str_is_empty(at->ref) ? S("HEAD") : at->ref, commit);
}

static size_t skip_digits(str s, size_t at)
{
	while (at < s.len && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

/* @s is three numbers, and then nothing or what begins with '-' or '+'. */
static bool is_version_text(str s)
{
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		size_t end = skip_digits(s, at);

		if (end == at || (i < 2 && (end == s.len || s.p[end] != '.')))
			return false;
		at = i < 2 ? end + 1 : end;
	}
	return at == s.len || ((s.p[at] == '-' || s.p[at] == '+') && at + 1 < s.len);
}

/* "release-v1.2.3" is version 1.2.3. False when the tag names none. */
static bool read_tag(struct arena *a, const struct git_ref *ref, struct packument_version *out)
{
	str name = str_starts(ref->name, S("refs/tags/")) ? str_from(ref->name, 10) : S("");

	while (name.len && !is_version_text(name))
		name = str_from(name, 1);
	if (!name.len || !semver_parse(a, name, SEMVER_LOOSE, &out->semver))
		return false;
	out->version = out->semver.text;
	out->manifest = str_dup(a, ref->commit);
	return true;
}

static int highest_first(const void *a, const void *b)
{
	return -semver_compare(&((const struct packument_version *)a)->semver,
			       &((const struct packument_version *)b)->semver);
}

/* What `latest` is: the version that HEAD, or a branch of that name, is at. */
static void add_latest(struct arena *a, const struct git_repo *repo, struct packument *p)
{
	const struct git_ref *head = git_repo_find(repo, S("latest"));

	if (!head)
		head = git_repo_find(repo, S("HEAD"));
	for (size_t i = 0; head && i < p->nversions; i++) {
		if (!str_eq(p->versions[i].manifest, head->commit))
			continue;
		p->tags = ARENA_NEW(a, struct packument_tag);
		*p->tags = (struct packument_tag){ S("latest"), p->versions[i].version };
		p->ntags = 1;
		return;
	}
}

struct err *package_list_tags(struct package_source *s, struct arena *a,
			      const struct package_address *at, struct packument **out)
{
	struct packument *p = ARENA_NEW(a, struct packument);
	struct git_repo *repo;
	const struct git_ref *refs;
	struct map known;
	size_t count;

	TRY(open_any(s, at, &repo));
	refs = git_repo_refs(repo, &count);
	p->name = at->name;
	p->versions = ARENA_ARRAY(a, struct packument_version, count);
	map_init(&known, a);
	for (size_t i = 0; i < count; i++) {
		struct packument_version v = { 0 };
		size_t at_row;

		if (!read_tag(a, &refs[i], &v))
			continue;
		/* Two tags may name one version; then the later one counts. */
		at_row = (size_t)map_get(&known, v.version);
		if (!at_row) {
			at_row = ++p->nversions;
			map_put(&known, v.version, (void *)at_row);
		}
		p->versions[at_row - 1] = v;
	}
	if (p->nversions)
		qsort(p->versions, p->nversions, sizeof(*p->versions), highest_first);
	add_latest(a, repo, p);
	*out = p;
	return NULL;
}

/* A folder for the files of one commit; removed at the brace. */
struct scratch {
	struct arena *arena;
	char *path;
	int fd;
};

static void drop_scratch(struct scratch *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->path)
		err_ignore(fs_remove_tree(AT_FDCWD, t->path));
}

#define AUTO_SCRATCH __attribute__((cleanup(drop_scratch))) struct scratch

static struct err *make_scratch(struct scratch *t)
{
	const char *base = getenv("TMPDIR");
	char *path = str_cstr(t->arena, str_printf(t->arena, "%s/cpm-pack-XXXXXX",
						   base && *base ? base : P_tmpdir));

	if (!mkdtemp(path))
		return err_sys(errno, "mkdtemp", str_view(path));
	t->path = path;
	return fs_open_dir(AT_FDCWD, path, &t->fd);
}

static struct err *check_subdir(const struct package_address *at, str subdir)
{
	if (str_is_empty(subdir) || path_is_inside(subdir))
		return NULL;
	return err_new(E_PATH_ESCAPE, "'" STR_FMT "' is no folder of the repository " STR_FMT,
		       STR_ARG(at->subdir), STR_ARG(at->place));
}

static struct err *checkout(struct package_source *s, const struct package_address *at, str subdir,
			    const struct scratch *to)
{
	struct git_repo *repo;

	TRY(open_any(s, at, &repo));
	return git_repo_checkout(repo, at->commit, subdir, to->fd);
}

/* A host that serves commits as tarballs is quicker than any clone. */
static bool unpack_host_tarball(struct package_source *s, const struct package_address *at,
				const struct scratch *to)
{
	AUTO_BYTES bytes = { 0 };
	ARENA_SCOPE(tmp);
	struct err *err;

	if (str_is_null(at->host_tarball) || s->is_cloning)
		return false;
	err = download(s, at->host_tarball, at->name, &bytes);
	if (!err)
		err = s->opts.archives->unpack(s->opts.archives, str_of(bytes.p, bytes.len),
					       to->fd);
	if (!err)
		return true;
	s->is_cloning |= err_is_retryable(err);
	log_verbose("git", "no tarball of " STR_FMT ", cloning it: " STR_FMT, STR_ARG(at->place),
		    STR_ARG(err_text(tmp, err)));
	err_free(err);
	return false;
}

/* All of the commit when it is to be prepared: scripts may reach beyond the package's own folder.
 */
static struct err *pack_commit(struct package_source *s, const struct package_address *at,
			       bool is_prepared, struct bytes *out)
{
	ARENA_SCOPE(tmp);
	AUTO_SCRATCH to = { .arena = tmp, .fd = -1 };
	AUTO_SCRATCH fresh = { .arena = tmp, .fd = -1 };
	AUTO_BYTES plain = { 0 };
	str subdir = str_is_empty(at->subdir) ? S("") : path_clean(tmp, str_from(at->subdir, 1));
	str folder;

	TRY(check_subdir(at, subdir));
	TRY(make_scratch(&to));
	folder = path_join(tmp, str_view(to.path), subdir);
	if (!unpack_host_tarball(s, at, &to)) {
		TRY(make_scratch(&fresh));
		TRY_AS(checkout(s, at, is_prepared ? S("") : subdir, &fresh),
		       "cannot pack " STR_FMT "#" STR_FMT, STR_ARG(at->place), STR_ARG(at->commit));
		folder = path_join(tmp, str_view(fresh.path), is_prepared ? subdir : S(""));
	}
	TRY(pack(s, at, folder, is_prepared, &plain));
	return gzip(str_of(plain.p, plain.len), GZIP_QUICK, &out->p, &out->len);
}

/* The commit packed, from the cache when it was packed before. */
static struct err *fetch_packed(struct package_source *s, struct arena *a,
				const struct package_address *at, bool is_prepared,
				struct bytes *out, str *integrity)
{
	str key = str_printf(a, "%s:" STR_FMT "#" STR_FMT STR_FMT,
			     is_prepared ? "git-prepared" : "git", STR_ARG(at->place),
			     STR_ARG(at->commit),
			     STR_ARG(str_is_null(at->subdir) ? S("") : at->subdir));

	if (get_kept(s, a, key, out, integrity))
		return NULL;
	TRY(pack_commit(s, at, is_prepared, out));
	*integrity = keep(s, a, key, out);
	return NULL;
}

/* Claims that the tarball made of a commit as it is holds what a prepared one would. */
static bool is_complete(struct package_source *s, struct arena *a, const struct package_address *at,
			const struct bytes *bytes)
{
	struct archive_content content;
	struct err *e = s->opts.archives->look(s->opts.archives, a, str_of(bytes->p, bytes->len),
					       &content);
	bool is_wanting = false;

	for (size_t i = 0; !e && i < content.nmanifests; i++) {
		struct json *manifest;

		if (content.manifests[i].folder.len)
			continue;
		e = json_parse(a, content.manifests[i].text, &manifest);
		is_wanting = !e && wants_prepare(at, manifest);
	}
	err_ignore(e);
	return !is_wanting;
}

static struct err *fetch_repo(struct package_source *s, struct arena *a,
			      const struct package_address *at, bool is_prepared, struct bytes *out,
			      str *integrity)
{
	if (!git_is_commit(at->commit))
		return err_new(E_GIT, "'" STR_FMT "' is no commit of " STR_FMT, STR_ARG(at->commit),
			       STR_ARG(at->place));
	TRY(fetch_packed(s, a, at, false, out, integrity));
	if (!is_prepared || !may_prepare(s) || is_complete(s, a, at, out))
		return NULL;
	free(out->p);
	*out = (struct bytes){ 0 };
	return fetch_packed(s, a, at, true, out, integrity);
}

/* ---- all kinds ---- */

static struct err *fetch(struct package_source *s, struct arena *a,
			 const struct package_address *at, bool is_prepared, struct bytes *out,
			 str *place, str *integrity)
{
	struct digest d;

	*place = at->place;
	*integrity = STR_NULL;
	switch (at->kind) {
	case PACKAGE_URL:
		return fetch_url(s, a, at, out, place, integrity);
	case PACKAGE_REPO:
		return fetch_repo(s, a, at, is_prepared, out, integrity);
	case PACKAGE_FOLDER:
		return pack(s, at, at->place, is_prepared, out);
	case PACKAGE_FILE:
		TRY(read_file(at, out));
		digest_of(DIGEST_SHA512, str_of(out->p, out->len), &d);
		*integrity = integrity_format(a, &d);
		return NULL;
	}
	return NULL;
}

struct err *package_look(struct package_source *s, struct arena *a,
			 const struct package_address *at, struct package_content *out)
{
	AUTO_BYTES bytes = { 0 };

	TRY(fetch(s, a, at, false, &bytes, &out->place, &out->integrity));
	TRY_AS(s->opts.archives->look(s->opts.archives, a, str_of(bytes.p, bytes.len),
				      &out->archive),
	       "cannot read " STR_FMT, STR_ARG(at->place));
	return NULL;
}

struct err *package_fetch(struct package_source *s, const struct package_address *at, char **bytes,
			  size_t *len)
{
	ARENA_SCOPE(tmp);
	struct bytes got = { 0 };
	str place, integrity;

	TRY(fetch(s, tmp, at, true, &got, &place, &integrity));
	*bytes = got.p;
	*len = got.len;
	return NULL;
}
