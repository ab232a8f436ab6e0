/* SPDX-License-Identifier: MIT
 * Gets tarballs and keeps the workers fed. One shipment per tarball, however many places it goes
 * to; local file, cache or network, in this order. The main thread only waits when the network is
 * all there is to wait for: with everything in the cache it unpacks like a worker. What is under
 * way is bounded in bytes, not in jobs (architecture.md 3). */
#include "early_priv.h"

#include "cpm/base/event.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"
#include "cpm/tree/optional_set.h"

#define TARBALL_MAX_BYTES ((uint64_t)2 << 30)
#define REQUESTS_MAX      64 /* handed to the network at a time; it has its own limit on connections */
#define WAIT_MS           200 /* how late a signal may be noticed */
/* Asking the cache costs a lock each time, and while it is asked the workers wait for the answers.
 */
#define LOOKED_UP_AT_ONCE 32

/* ---- shipments ---- */

/* No hash at all is an old lockfile's; one that says nothing is nobody's (T23). */
static struct err *check_integrity_text(const struct shipment *s, const struct unit *u)
{
	str said = u->node->integrity;

	if (str_is_null(said) || s->integrity.strongest >= DIGEST_SHA1 ||
	    (said.len && str_is_empty(s->integrity_text)))
		return NULL;
	return err_new(E_INTEGRITY,
		       "the integrity of " STR_FMT " is malformed or too weak: '" STR_FMT "'",
		       STR_ARG(u->node->location), STR_ARG(said));
}

static struct err *plan_shipment(struct run *r, struct map *known, struct unit *u)
{
	str url, key, integrity = str_is_null(u->node->integrity) ? S("") : u->node->integrity;
	struct package_address at;
	struct shipment *s;

	TRY(tarball_locate(r, u->node, &url, &at));
	/* What is packed here is not what npm packed, and what npm packs it does not compare. */
	if (at.kind == PACKAGE_REPO || at.kind == PACKAGE_FOLDER)
		integrity = S("");
	key = str_join(r->arena,
		       (const str[]){ str_is_null(url) ? u->node->resolved : url, integrity }, 2,
		       S("\n"));
	s = map_get(known, key);
	if (!s) {
		s = ARENA_NEW(r->arena, struct shipment);
		s->run = r;
		s->url = url;
		s->at = at;
		s->integrity_text = integrity;
		integrity_parse(r->arena, integrity, &s->integrity);
		TRY(check_integrity_text(s, u));
		map_put(known, key, s);
		VEC_PUSH(r->arena, &r->shipments, s);
		r->nopen++;
	}
	VEC_PUSH(r->arena, &s->units, u);
	u->shipment = s;
	return NULL;
}

/* An optional package that failed takes along what only it needs; true when @u was one. */
static bool drop_optional(struct run *r, struct unit *u)
{
	node_vec set;

	if (!u->node->optional)
		return false;
	set = dep_set_optional(r->arena, u->node);
	for (size_t i = 0; i < set.len; i++) {
		struct unit *member = plan_unit_of(r, set.items[i]);

		log_verbose("reify", "failed optional dependency " STR_FMT,
			    STR_ARG(set.items[i]->path));
		set.items[i]->inert = true;
		if (member)
			member->is_dropped = true;
	}
	return true;
}

/* The unit has to be done without. False when it cannot be. */
static bool can_do_without(struct run *r, struct unit *u)
{
	return u->is_dropped || drop_optional(r, u);
}

/* Takes @err: it is the run's when it is the first that counts, else a line in the log. */
static void report_failure(struct run *r, struct err *err, bool is_fatal)
{
	ARENA_SCOPE(tmp);

	if (is_fatal && !r->failure) {
		r->failure = err;
		return;
	}
	log_verbose("reify", STR_FMT, STR_ARG(err_text(tmp, err)));
	err_free(err);
}

static void plan_shipments(struct run *r)
{
	struct map known;

	map_init(&known, r->arena);
	for (size_t i = 0; i < r->units.len && !r->failure; i++) {
		struct unit *u = r->units.items[i];
		struct err *err;

		if (u->node->is_link || u->is_dropped || u->shipment ||
		    shared_is_elsewhere(r, u->node))
			continue;
		err = plan_shipment(r, &known, u);
		if (err)
			report_failure(r, err, !can_do_without(r, u));
	}
}

/* ---- the end of a shipment ---- */

static void close_shipment(struct run *r, struct shipment *s)
{
	if (s->state == SHIPMENT_SETTLED)
		return;
	s->state = SHIPMENT_SETTLED;
	r->nopen--;
	r->inflight_bytes -= s->len;
	free(s->bytes);
	free(s->facts_text);
	free(s->frozen_row);
	s->bytes = s->facts_text = s->frozen_row = NULL;
	s->len = 0;
}

/* Each place it was meant for has to do without it. Takes @err. */
static void fail_shipment(struct run *r, struct shipment *s, struct err *err)
{
	bool is_fatal = false;

	VEC_EACH (struct unit *, u, &s->units)
		is_fatal |= !can_do_without(r, *u);
	report_failure(r, err, is_fatal);
	close_shipment(r, s);
}

static void finish_unit(struct run *r, struct unit *u)
{
	u->is_done = true;
	u->facts.preinstall = str_is_null(u->facts.preinstall)
				      ? STR_NULL
				      : str_dup(r->arena, u->facts.preinstall);
	u->facts.install = str_is_null(u->facts.install) ? STR_NULL
							 : str_dup(r->arena, u->facts.install);
	u->facts.postinstall = str_is_null(u->facts.postinstall)
				       ? STR_NULL
				       : str_dup(r->arena, u->facts.postinstall);
	event_emit(&(struct event){ .kind = EVENT_PACKAGE_DONE, .name = u->node->name });
}

/* The bytes, if they are new to the cache, and what they unpack to. */
void fetch_keep(struct run *r, struct shipment *s)
{
	if (str_is_null(s->url) || !r->opts->store)
		return;
	if (!s->from_store && s->bytes) {
		store_give_blob(r->opts->store, &s->digest, s->bytes, s->len);
		s->bytes = NULL;
	}
	if (s->frozen_row)
		store_put_row(r->opts->store, &s->digest, str_of(s->frozen_row, s->frozen_len));
}

/* ---- bytes that are not what was promised ---- */

static void send_request(struct run *r, struct shipment *s);
static str shipment_id(struct run *r, const struct shipment *s)
{
	return str_printf(r->arena, STR_FMT "@" STR_FMT, STR_ARG(s->units.items[0]->node->name),
			  STR_ARG(str_is_null(s->url) ? s->at.place : s->url));
}

static struct err *mismatch(struct run *r, const struct shipment *s)
{
	str got = integrity_format(r->arena, &s->digest),
	    name = digest_algo_name(s->integrity.strongest);

	return err_detail(err_new(E_INTEGRITY,
				  STR_FMT " integrity checksum failed when using " STR_FMT
					  ": wanted " STR_FMT " but got " STR_FMT ". (%zu bytes)",
				  STR_ARG(s->integrity_text), STR_ARG(name),
				  STR_ARG(s->integrity_text), STR_ARG(got), s->len),
			  "while installing " STR_FMT, STR_ARG(shipment_id(r, s)));
}

/* A damaged blob is fetched anew; a damaged download gets one more chance. */
static void handle_corrupt(struct run *r, struct shipment *s)
{
	if (s->from_store) {
		log_warn("tarball",
			 "cached data for " STR_FMT " (" STR_FMT
			 ") seems to be corrupted. Refreshing cache.",
			 STR_ARG(shipment_id(r, s)), STR_ARG(s->integrity_text));
		for (size_t i = 0; i < s->integrity.count; i++)
			store_drop_blob(r->opts->store, &s->integrity.items[i]);
	} else {
		log_warn("tarball",
			 "tarball data for " STR_FMT " (" STR_FMT
			 ") seems to be corrupted. Trying again.",
			 STR_ARG(shipment_id(r, s)), STR_ARG(s->integrity_text));
		if (++s->mismatches > 1 || str_is_null(s->url)) {
			fail_shipment(r, s, mismatch(r, s));
			return;
		}
	}
	r->inflight_bytes -= s->len;
	free(s->bytes);
	s->bytes = NULL;
	s->len = 0;
	s->is_corrupt = s->from_store = false;
	send_request(r, s);
}

/* ---- to the workers and back ---- */

static void settle_shipment(struct run *r, struct job *job)
{
	struct shipment *s = (struct shipment *)job;
	struct err *err = s->err;

	s->err = NULL;
	unpack_returned(r, s);
	if (r->failure) {
		err_free(err);
		close_shipment(r, s);
	} else if (!err && s->is_linked && s->shelf_result != SHELF_LINKED) {
		shelf_give_up(r, s);
		fetch_start(r, s);
	} else if (s->is_corrupt) {
		handle_corrupt(r, s);
	} else if (err) {
		fail_shipment(r, s,
			      err_wrap(err, "cannot install " STR_FMT, STR_ARG(shipment_id(r, s))));
	} else {
		VEC_EACH (struct unit *, u, &s->units)
			finish_unit(r, *u);
		fetch_keep(r, s);
		close_shipment(r, s);
	}
}

static void mark_started(struct run *r, struct shipment *s)
{
	s->job.settle = settle_shipment;
	s->state = SHIPMENT_UNPACKING;
	s->shelf_fd = r->shelf_fd;
	VEC_EACH (struct unit *, u, &s->units)
		(*u)->is_started = true;
	trace_count(s->is_linked    ? TRACE_PACKAGE_LINKED
		    : s->from_store ? TRACE_PACKAGE_CACHED
				    : TRACE_PACKAGE_FETCHED);
}

static void send_to_workers(struct run *r, struct shipment *s, char *bytes, size_t len)
{
	s->bytes = bytes;
	s->len = len;
	r->inflight_bytes += len;
	mark_started(r, s);
	unpack_send(r, s);
}

void fetch_settle(struct run *r, bool wait)
{
	void *result;

	while (pool_receive(r->opts->pool, wait, &result)) {
		struct job *job = result;

		job->settle(r, job);
		wait = false;
	}
}

/* Runs a queued job on this thread, or waits for one to come back. While packages are left to ask
 * for it only waits: a large job would keep it from asking for 80 ms, and leave the workers idle. */
static void work_or_wait(struct run *r)
{
	ARENA_SCOPE(scratch);

	if (r->nstarted == r->shipments.len && pool_help(r->opts->pool, scratch))
		return;
	store_flush_idle(r->opts->store);
	fetch_settle(r, true);
}

void fetch_drain(struct run *r)
{
	while (r->opts->pool && pool_pending(r->opts->pool)) {
		work_or_wait(r);
		fetch_settle(r, false);
	}
}

/* ---- where the bytes come from ---- */

/* Whose the responses are: what was requested early is waited for together with the rest. */
static const void *owner_of(const struct run *r)
{
	return r->opts->early ? (const void *)r->opts->early : r;
}

static void send_request(struct run *r, struct shipment *s)
{
	struct http_request req = { .url = s->url,
				    .priority = HTTP_TARBALL,
				    .cap_bytes = TARBALL_MAX_BYTES,
				    .tag = s,
				    .owner = owner_of(r) };

	if (r->opts->is_offline || !r->opts->http) {
		fail_shipment(r, s,
			      err_new(E_NOT_CACHED,
				      "request to " STR_FMT
				      " failed: cache mode is 'only-if-cached' but no cached "
				      "response is available.",
				      STR_ARG(s->url)));
		return;
	}
	struct err *err = promise_add(r, s);
	if (err) {
		fail_shipment(r, s, err);
		return;
	}
	s->digest.algo = s->integrity.strongest == DIGEST_NONE ? DIGEST_SHA512
							       : s->integrity.strongest;
	req.digest_algo = s->digest.algo;
	req.subject = s->units.items[0]->node->name;
	s->state = SHIPMENT_REQUESTED;
	r->nrequested++;
	http_send(r->opts->http, &req);
}

static void receive_response(struct run *r, struct http_response *resp)
{
	struct shipment *s = resp->tag;
	struct err *err = resp->err;
	char *body = resp->body;

	resp->err = NULL;
	resp->body = NULL;
	r->nrequested--;
	if (err) {
		fail_shipment(r, s, err);
		free(body);
	} else {
		memcpy(s->digest.bytes, resp->digest, sizeof(s->digest.bytes));
		s->is_verified = (s->integrity.strongest == DIGEST_NONE ||
				  integrity_has(&s->integrity, &s->digest)) &&
				 promise_locked_holds(s, body, resp->body_len);
		if (s->is_verified) {
			send_to_workers(r, s, body, resp->body_len);
		} else {
			s->bytes = body;
			s->len = resp->body_len;
			r->inflight_bytes += s->len;
			handle_corrupt(r, s);
		}
	}
	http_response_free(resp);
}

static bool take_from_shelf(struct run *r, struct shipment *s)
{
	if (!s->is_linked)
		return false;
	mark_started(r, s);
	pool_send(r->opts->pool, shelf_job, s);
	return true;
}

static bool take_from_store(struct run *r, struct shipment *s)
{
	char *bytes;
	size_t len;

	if (!r->opts->store || str_is_null(s->url))
		return false;
	for (size_t i = 0; i < s->integrity.count; i++) {
		if (s->integrity.items[i].algo != s->integrity.strongest ||
		    !store_get_blob(r->opts->store, &s->integrity.items[i], &bytes, &len))
			continue;
		s->from_store = true;
		send_to_workers(r, s, bytes, len);
		return true;
	}
	return false;
}

static struct err *take_from_elsewhere(struct run *r, struct shipment *s)
{
	char *bytes;
	size_t len;

	TRY(package_fetch(r->opts->packages, &s->at, &bytes, &len));
	send_to_workers(r, s, bytes, len);
	return NULL;
}

static bool is_wanted(const struct shipment *s)
{
	for (size_t i = 0; i < s->units.len; i++)
		if (!s->units.items[i]->is_dropped)
			return true;
	return false;
}

/* Unpacked already, or on its way. A package that goes to further places is in the cache by now. */
static bool take_early(struct run *r, struct shipment *s)
{
	enum early_state state = early_claim(r->opts->early, s);

	if (state == EARLY_UNDER_WAY)
		s->state = SHIPMENT_REQUESTED;
	if (state != EARLY_READY || !early_move(r->opts->early, r, s))
		return state == EARLY_UNDER_WAY;
	finish_unit(r, s->units.items[0]);
	VEC_REMOVE_AT(&s->units, 0);
	if (s->units.len)
		return false;
	close_shipment(r, s);
	return true;
}

void fetch_start(struct run *r, struct shipment *s)
{
	struct err *err;

	if (!is_wanted(s)) {
		close_shipment(r, s);
	} else if (str_is_null(s->url)) {
		err = take_from_elsewhere(r, s);
		if (err)
			fail_shipment(r, s, err);
	} else if (!take_early(r, s) && !take_from_shelf(r, s) && !take_from_store(r, s)) {
		send_request(r, s);
	}
}

/* ---- the loop ---- */

static void wait_for_something(struct run *r)
{
	struct http_response *resp;

	if (!r->nrequested && !early_requested(r->opts->early)) {
		work_or_wait(r);
		return;
	}
	resp = http_drive_for(r->opts->http, owner_of(r), 0, -1);
	if (!resp) {
		store_flush_idle(r->opts->store);
		resp = http_drive_for(r->opts->http, owner_of(r), WAIT_MS,
				      pool_event_fd(r->opts->pool));
	}
	if (resp && ((struct shipment *)resp->tag)->run != r)
		early_receive(r->opts->early, r, resp);
	else if (resp)
		receive_response(r, resp);
}

void fetch_prepare(struct run *r)
{
	TRACE(PLAN);

	early_end_of_expectations(r->opts->early);
	plan_shipments(r);
	promises_announce(r);
}

static void skip_proven(struct run *r, struct shipment *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->units.len; i++) {
		struct unit *u = s->units.items[i];

		if (u->is_proven)
			finish_unit(r, u);
		else
			s->units.items[kept++] = u;
	}
	if (!kept && s->units.len)
		trace_count(TRACE_PACKAGE_KEPT);
	s->units.len = kept;
	if (!kept)
		close_shipment(r, s);
}

void fetch_skip_proven(struct run *r)
{
	VEC_EACH (struct shipment *, s, &r->shipments)
		skip_proven(r, *s);
}

/* Packages that are unpacked already come first, outer before inner ones: they cannot be moved to a
 * place that holds something. Then the large ones, the largest first. */
static uint64_t turn_of(const struct run *r, const struct shipment *s, size_t position)
{
	const struct node *n = s->units.len ? s->units.items[0]->node : NULL;
	uint64_t size = n ? MIN(n->manifest->unpacked_bytes, (uint64_t)1 << 40) : 0;

	if (n && early_is_ready(r->opts->early, s))
		return n->depth;
	if (size >= LARGE_BYTES)
		return ((uint64_t)1 << 41) - size;
	return ((uint64_t)1 << 42) + position;
}

static int by_turn(const void *a, const void *b)
{
	const struct shipment *const *x = a, *const *y = b;

	return (*x)->turn < (*y)->turn ? -1 : (*x)->turn > (*y)->turn;
}

static void take_turns(struct run *r)
{
	struct shipment **waiting = r->shipments.items + r->nstarted;
	size_t count = r->shipments.len - r->nstarted;

	for (size_t i = 0; i < count; i++)
		waiting[i]->turn = turn_of(r, waiting[i], i);
	if (count > 1)
		qsort(waiting, count, sizeof(struct shipment *), by_turn);
}

static void start_next(struct run *r)
{
	if (r->nstarted >= r->nlooked_up)
		shelf_look_up(r, r->nlooked_up + LOOKED_UP_AT_ONCE);
	fetch_start(r, r->shipments.items[r->nstarted++]);
}

struct err *fetch_all(struct run *r)
{
	TRACE(FETCH);

	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_FETCH });
	event_emit(&(struct event){ .kind = EVENT_TOTAL, .count = r->units.len });
	fetch_prepare(r);
	take_turns(r);
	place_begin(r, "node_modules");
	while (!r->failure && r->nopen) {
		r->failure = proc_check_stop();
		fetch_settle(r, false);
		if (r->nstarted < r->shipments.len && r->inflight_bytes < INFLIGHT_MAX_BYTES &&
		    r->nrequested < REQUESTS_MAX)
			start_next(r);
		else if (r->nopen)
			wait_for_something(r);
	}
	if (r->failure)
		fetch_drain(r);
	place_end(r);
	return r->failure;
}
