/* SPDX-License-Identifier: MIT
 * The registry as a source. One entry per name holds where its packument stands; one request per
 * name and run, however often it is asked for. What the cache gave counts as arrived at once; what
 * the network gives is scanned by a worker, kept in the cache in its frozen form and never looked
 * at as text again. */
#include "cpm/registry/source_registry.h"

#include "cpm/base/log.h"
#include "cpm/base/map.h"
#include "cpm/base/pool.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"
#include "cpm/base/vec.h"
#include "cpm/registry/registry_url.h"
#include "packument_job.h"
#include "packument_priv.h"

#include <time.h>

#define WAIT_MS 1000
/* More manifests of one packument than this are read all at once. */
#define READ_SINGLY 4

struct entry {
	str name, url;
	struct packument *packument; /* the one to hand out, or stale and being asked about */
	const struct err *failure;   /* lives in the source's arena */
	bool is_under_way, is_from_cache, was_revalidated, was_repeated;
	bool is_forgotten; /* it was here; the cache has it */
	bool is_listed;    /* in the list of arrivals */
	unsigned nread;    /* manifests that were read out of the cache */
	struct entry *next_arrived;
};

struct source_registry {
	struct source base;
	struct packument_reader reader; /* of manifests that the cache keeps */
	struct arena *arena;
	struct arena packuments; /* what may be forgotten */
	VEC(char *) frozen;      /* heap: what packuments from the network are views of */
	struct pool
		*scanner; /* opened by the first answer; NULL also when there is none to be had */
	const struct cfg *cfg;
	struct http *http;
	struct kv_port *cache;
	struct tarball_port *tarballs;
	struct map entries;
	struct entry *arrived, **arrived_last; /* not yet named by wait_any() */
	size_t under_way;
};

static struct source_registry *self(struct source *s)
{
	return (struct source_registry *)s;
}

/* ---- arrival ---- */

static void arrive(struct source_registry *r, struct entry *e)
{
	if (e->is_under_way)
		r->under_way--;
	e->is_under_way = false;
	if (e->is_listed)
		return;
	e->is_listed = true;
	e->next_arrived = NULL;
	*r->arrived_last = e;
	r->arrived_last = &e->next_arrived;
}

/* The next name that arrived and was not sent for again since; NULL when there is none. */
static struct entry *pop_arrived(struct source_registry *r)
{
	struct entry *e;

	do {
		e = r->arrived;
		if (!e)
			return NULL;
		r->arrived = e->next_arrived;
		if (!r->arrived)
			r->arrived_last = &r->arrived;
		e->is_listed = false;
	} while (e->is_under_way);
	return e;
}

/* Takes @failure. It is kept in the arena, because a source has no end of its own. */
static void fail(struct source_registry *r, struct entry *e, struct err *failure)
{
	struct err *kept = ARENA_NEW(r->arena, struct err);

	*kept = (struct err){
		.code = failure->code,
		.shown = str_dup(r->arena, failure->shown),
		.message = err_text(r->arena, failure),
		.detail = str_dup(r->arena, failure->detail),
		.sys_errno = failure->sys_errno,
		.syscall = str_dup(r->arena, failure->syscall),
	};
	err_free(failure);
	e->failure = kept;
	arrive(r, e);
}

/* ---- cache ---- */

static str key_of_url(struct arena *a, str url)
{
	return str_concat(a, S("packument:"), url);
}

static str cache_key(struct arena *a, const struct entry *e)
{
	return key_of_url(a, e->url);
}

str source_registry_cache_key(struct arena *a, const struct cfg *cfg, str name)
{
	str url = registry_packument_url(a, cfg, name);

	return str_is_null(url) ? STR_NULL : key_of_url(a, url);
}

static struct packument *load_cached(struct source_registry *r, const struct entry *e)
{
	ARENA_SCOPE(tmp);
	struct packument *p;
	struct err *failure;
	str bytes;

	if (!r->cache)
		return NULL;
	bytes = r->cache->get(r->cache, &r->packuments, cache_key(tmp, e));
	if (str_is_null(bytes))
		return NULL;
	failure = packument_thaw(&r->packuments, bytes, &p);
	if (failure) {
		err_ignore(failure);
		return NULL;
	}
	p->reader = &r->reader;
	return p;
}

static bool is_fresh(const struct packument *p)
{
	int64_t now = (int64_t)time(NULL);

	/* A time in the future is a clock that was wrong once (F24). */
	return now >= p->fetched_at_sec && now < packument_fresh_until(p);
}

static bool may_use_cached(const struct source_registry *r, const struct packument *p)
{
	if (cfg_bool(r->cfg, CFG_OFFLINE) || cfg_bool(r->cfg, CFG_PREFER_OFFLINE))
		return true;
	return !cfg_bool(r->cfg, CFG_PREFER_ONLINE) && is_fresh(p);
}

/* ---- asking ---- */

static void ask(struct source_registry *r, struct entry *e)
{
	ARENA_SCOPE(tmp);
	bool is_conditional = e->packument && !e->was_repeated;
	struct http_request req = {
		.url = e->url,
		.accept = S("application/json"),
		.if_none_match = is_conditional ? e->packument->etag : STR_NULL,
		.if_modified_since = is_conditional ? e->packument->last_modified : STR_NULL,
		.priority = HTTP_METADATA,
		.cap_bytes = PACKUMENT_MAX_BYTES,
		.subject = str_concat(tmp, e->name, S("@*")),
		.keeps_gzip = true,
		.tag = e,
		.owner = r,
	};

	if (!e->is_under_way)
		r->under_way++;
	e->is_under_way = true;
	http_send(r->http, &req);
}

static struct err *not_cached(const struct entry *e)
{
	return err_new(E_NOT_CACHED,
		       "request to " STR_FMT
		       " failed: cache mode is 'only-if-cached' but no cached response is "
		       "available.",
		       STR_ARG(e->url));
}

static void begin(struct source_registry *r, struct entry *e)
{
	e->url = registry_packument_url(r->arena, r->cfg, e->name);
	if (str_is_null(e->url)) {
		fail(r, e,
		     err_new(E_BAD_NAME, "Invalid package name \"" STR_FMT "\"", STR_ARG(e->name)));
		return;
	}
	e->packument = load_cached(r, e);
	if (e->packument && may_use_cached(r, e->packument)) {
		e->is_from_cache = true;
		trace_count(TRACE_PACKUMENT_CACHED);
		arrive(r, e);
	} else if (cfg_bool(r->cfg, CFG_OFFLINE)) {
		fail(r, e, not_cached(e));
	} else {
		ask(r, e);
	}
}

/* Forgotten and wanted again: it was asked for in this run, so that the cache's word will do. */
static void recall(struct source_registry *r, struct entry *e)
{
	e->is_forgotten = false;
	e->packument = load_cached(r, e);
	if (e->packument)
		arrive(r, e);
	else
		ask(r, e);
}

static void registry_announce(struct source *s, str name)
{
	struct source_registry *r = self(s);
	struct entry *e;

	e = map_get(&r->entries, name);
	if (e && e->is_forgotten)
		recall(r, e);
	if (e)
		return;
	e = ARENA_NEW(r->arena, struct entry);
	e->name = str_dup(r->arena, name);
	map_put(&r->entries, e->name, e);
	begin(r, e);
}

static bool registry_revalidate(struct source *s, str name)
{
	struct source_registry *r = self(s);
	struct entry *e = map_get(&r->entries, name);

	if (!e || e->is_under_way || !e->is_from_cache || e->was_revalidated ||
	    cfg_bool(r->cfg, CFG_OFFLINE))
		return false;
	e->was_revalidated = true;
	ask(r, e);
	return true;
}

/* ---- answers ---- */

static void take_freshness(struct source_registry *r, struct packument *p,
			   const struct http_response *resp)
{
	p->fetched_at_sec = (int64_t)time(NULL);
	p->max_age_sec = resp->max_age_sec;
	if (!str_is_null(resp->etag))
		p->etag = str_dup(&r->packuments, resp->etag);
	if (!str_is_null(resp->last_modified))
		p->last_modified = str_dup(&r->packuments, resp->last_modified);
}

/* The manifests are in the cache already. */
static void keep_freshness(struct source_registry *r, const struct entry *e)
{
	ARENA_SCOPE(tmp);
	str head = packument_freeze(tmp, e->packument);

	if (r->cache && !str_is_null(head))
		r->cache->put(r->cache, cache_key(tmp, e), head);
}

/* The registry cannot be reached, yet we know what it said last time. */
static bool is_stale_better(const struct entry *e, const struct err *failure)
{
	return e->packument && failure->code != E_NOT_FOUND && failure->code != E_UNAUTHORIZED &&
	       failure->code != E_FORBIDDEN;
}

static void take_failure(struct source_registry *r, struct entry *e, struct http_response *resp)
{
	if (is_stale_better(e, resp->err)) {
		ARENA_SCOPE(tmp);
		str text = err_text(tmp, resp->err);

		log_warn("registry", "using stale data of '" STR_FMT "': " STR_FMT,
			 STR_ARG(e->name), STR_ARG(text));
		arrive(r, e);
		return;
	}
	e->packument = NULL;
	fail(r, e, resp->err);
	resp->err = NULL;
}

/* The head is the cache's value, the manifests its body: most runs want all of the one, and little
 * of the other. The body comes first, so that what a head speaks of is there. What the cache has
 * taken is read out of it, this run like the next; without one it has to be held. */
static struct err *adopt(struct source_registry *r, struct entry *e, struct packument_job *job)
{
	ARENA_SCOPE(tmp);
	str head = str_of(job->head, job->head_len), key = cache_key(tmp, e);
	bool is_kept = r->cache && job->manifests_len &&
		       r->cache->give_body(r->cache, key, job->manifests, job->manifests_len);

	VEC_PUSH(&r->packuments, &r->frozen, job->head);
	if (!is_kept)
		VEC_PUSH(&r->packuments, &r->frozen, job->manifests);
	if (r->cache)
		r->cache->put(r->cache, key, head);
	TRY(packument_thaw(&r->packuments, head, &e->packument));
	if (is_kept)
		e->packument->reader = &r->reader;
	else
		packument_take_manifests(e->packument, str_of(job->manifests, job->manifests_len));
	return NULL;
}

static void drop_scanned(struct packument_job *job)
{
	free(job->body);
	err_free(job->failure);
	free(job->head);
	free(job->manifests);
}

static void take_scanned(struct source_registry *r, struct packument_job *job)
{
	struct entry *e = job->tag;
	struct err *failure = job->failure;

	if (!e->is_under_way) { /* a signal was faster */
		drop_scanned(job);
		return;
	}
	if (failure && !e->was_repeated) {
		log_http("fetch", "GET " STR_FMT " answered what is no packument: asking once more",
			 STR_ARG(e->url));
		err_ignore(failure);
		e->was_repeated = true;
		ask(r, e);
		return;
	}
	if (!failure)
		failure = adopt(r, e, job);
	if (failure) {
		e->packument = NULL;
		fail(r, e, failure);
		return;
	}
	arrive(r, e);
}

/* All of the answer that is still wanted: its own arena is much too large to wait for its turn
 * hundreds of times over. */
static struct packument_job *job_new(struct source_registry *r, struct entry *e,
				     struct http_response *resp)
{
	struct packument_job *job = ARENA_NEW(r->arena, struct packument_job);

	*job = (struct packument_job){ .tag = e,
				       .name = e->name,
				       .url = str_dup(r->arena, resp->url),
				       .body = resp->body,
				       .body_len = resp->body_len,
				       .is_gzip = resp->is_gzip,
				       .etag = str_dup(r->arena, resp->etag),
				       .last_modified = str_dup(r->arena, resp->last_modified),
				       .now_sec = (int64_t)time(NULL),
				       .max_age_sec = resp->max_age_sec };
	resp->body = NULL;
	return job;
}

/* One worker: the others, later, will have files to write. */
static void open_scanner(struct source_registry *r)
{
	if (!r->scanner)
		err_ignore(pool_new(1, &r->scanner));
}

static void send_to_scanner(struct source_registry *r, struct entry *e, struct http_response *resp)
{
	struct packument_job *job = job_new(r, e, resp);
	ARENA_SCOPE(tmp);

	trace_count(TRACE_PACKUMENT_FETCHED);
	open_scanner(r);
	if (r->scanner)
		pool_send(r->scanner, packument_job_run, job);
	else
		take_scanned(r, packument_job_run(job, tmp));
}

static void collect_scanned(struct source_registry *r)
{
	void *job;

	while (r->scanner && pool_receive(r->scanner, false, &job))
		take_scanned(r, job);
}

static void close_scanner(struct source_registry *r)
{
	void *job;

	while (r->scanner && pool_receive(r->scanner, true, &job))
		drop_scanned(job);
	pool_free(r->scanner);
	r->scanner = NULL;
}

static void take_response(struct source_registry *r, struct http_response *resp)
{
	struct entry *e = resp->tag;

	e->is_from_cache = false;
	if (resp->err) {
		take_failure(r, e, resp);
	} else if (resp->status == 304) {
		trace_count(TRACE_PACKUMENT_UNCHANGED);
		take_freshness(r, e->packument, resp);
		keep_freshness(r, e);
		arrive(r, e);
	} else {
		send_to_scanner(r, e, resp);
	}
	http_response_free(resp);
}

static bool registry_try_get(struct source *s, str name, const struct packument **out,
			     const struct err **failure)
{
	const struct entry *e = map_get(&self(s)->entries, name);

	if (!e || e->is_under_way || e->is_forgotten)
		return false;
	*out = e->packument;
	*failure = e->failure;
	return true;
}

/* A signal came: everything that is still awaited has failed. */
static void interrupt_all(struct source_registry *r)
{
	for (struct map_iter it = map_iter(&r->entries); map_next(&it);) {
		struct entry *e = it.val;

		if (e->is_under_way)
			fail(r, e, proc_check_stop());
	}
}

/* Works the network until there is something new, or for a while. */
static void work(struct source_registry *r)
{
	int wake_fd = r->scanner ? pool_event_fd(r->scanner) : -1;
	struct http_response *resp;

	if (r->cache)
		r->cache->rest(r->cache);
	resp = http_drive_for(r->http, r, WAIT_MS, wake_fd);

	collect_scanned(r);
	if (r->tarballs)
		r->tarballs->work(r->tarballs);
	if (resp)
		take_response(r, resp);
	else if (proc_stop_signal())
		interrupt_all(r);
}

static bool registry_wait_any(struct source *s, str *name)
{
	struct source_registry *r = self(s);

	struct entry *e;

	while (!(e = pop_arrived(r)) && r->under_way)
		work(r);
	if (!e)
		return false;
	*name = e->name;
	return true;
}

/* ---- manifests that the cache keeps ---- */

/* The cache has lost the text, or has another: the registry is asked as if it had never known. */
static struct err *fetch_manifest(struct source_registry *r, struct entry *e,
				  const struct packument *p, const struct packument_version *v)
{
	const struct packument_version *now;
	str text;

	if (cfg_bool(r->cfg, CFG_OFFLINE))
		return not_cached(e);
	if (e->packument == p && !e->is_under_way) {
		log_verbose("registry", "the cache has lost the manifests of '" STR_FMT "'",
			    STR_ARG(e->name));
		e->was_repeated = true; /* nothing of what is known counts */
		ask(r, e);
	}
	while (e->is_under_way)
		work(r);
	if (e->failure)
		return source_failure_copy(e->failure, STR_NULL);
	now = e->packument != p ? packument_find(e->packument, v->version) : NULL;
	if (!now)
		return not_cached(e);
	TRY(packument_manifest(e->packument, now, &text));
	p->versions[v - p->versions].manifest = text;
	return NULL;
}

/* All of them at once, when more than a few are wanted. */
static bool read_all(struct source_registry *r, struct entry *e, const struct packument *p)
{
	ARENA_SCOPE(tmp);
	str all = r->cache->get_body(r->cache, &r->packuments, cache_key(tmp, e), 0,
				     packument_manifests_len(p));

	if (str_is_null(all))
		return false;
	packument_take_manifests(p, all);
	return true;
}

static struct source_registry *reader_owner(struct packument_reader *reader)
{
	return (struct source_registry *)((char *)reader -
					  offsetof(struct source_registry, reader));
}

static struct err *read_manifest(struct packument_reader *reader, const struct packument *p,
				 const struct packument_version *v)
{
	struct source_registry *r = reader_owner(reader);
	struct entry *e = map_get(&r->entries, p->name);
	ARENA_SCOPE(tmp);
	size_t at, len;
	str text;

	if (++e->nread > READ_SINGLY && read_all(r, e, p) && !str_is_null(v->manifest))
		return NULL;
	packument_manifest_span(p, v, &at, &len);
	text = r->cache->get_body(r->cache, &r->packuments, cache_key(tmp, e), at, len);
	if (packument_take_manifest(p, v, text))
		return NULL;
	return fetch_manifest(r, e, p, v);
}

static void read_all_manifests(struct packument_reader *reader, const struct packument *p)
{
	struct source_registry *r = reader_owner(reader);

	(void)read_all(r, map_get(&r->entries, p->name), p);
}

static void registry_expect_tarball(struct source *s, const struct tarball_expectation *x)
{
	struct tarball_port *port = self(s)->tarballs;

	if (port)
		port->expect(port, x);
}

/* ---- life ---- */

static const struct source_ops registry_ops = {
	.announce = registry_announce,
	.try_get = registry_try_get,
	.wait_any = registry_wait_any,
	.expect_tarball = registry_expect_tarball,
	.revalidate = registry_revalidate,
};

struct err *source_registry_new(struct arena *a, const struct cfg *cfg, struct http *http,
				struct kv_port *cache, struct source **out)
{
	struct source_registry *r = ARENA_NEW(a, struct source_registry);

	r->base.ops = &registry_ops;
	r->reader.read = read_manifest;
	r->reader.read_all = read_all_manifests;
	r->arena = a;
	r->cfg = cfg;
	r->http = http;
	r->cache = cache;
	r->arrived_last = &r->arrived;
	map_init(&r->entries, a);
	*out = &r->base;
	return NULL;
}

void source_registry_each(struct source *s, source_registry_fn visit, void *ctx)
{
	for (struct map_iter it = map_iter(&self(s)->entries); map_next(&it);) {
		const struct entry *e = it.val;

		if (!e->is_under_way)
			visit(ctx, e->name, e->packument);
	}
}

static void free_packuments(struct source_registry *r)
{
	VEC_EACH (char *, bytes, &r->frozen)
		free(*bytes);
	memset(&r->frozen, 0, sizeof(r->frozen));
	arena_fini(&r->packuments);
}

void source_registry_forget(struct source *s)
{
	struct source_registry *r = self(s);

	if (r->under_way || !r->cache)
		return;
	close_scanner(r);
	while (pop_arrived(r))
		;
	for (struct map_iter it = map_iter(&r->entries); map_next(&it);) {
		struct entry *e = it.val;

		e->is_forgotten = e->packument != NULL;
		e->packument = NULL;
	}
	free_packuments(r);
}

void source_registry_close(struct source *s)
{
	struct source_registry *r = self(s);

	if (!r)
		return;
	close_scanner(r);
	free_packuments(r);
}

void source_registry_listen(struct source *s, struct tarball_port *port)
{
	self(s)->tarballs = port;
}
