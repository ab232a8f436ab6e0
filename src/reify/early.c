/* SPDX-License-Identifier: MIT
 * An early package is a shipment of its own, to a folder that is nobody's place:
 *
 *   expected ─► waiting ─► requested ─► unpacking ─► ready ─► moved to its place
 *                  └───────────┴───────────┴───────────┴────► not used: swept away
 *
 * The resolver shares its thread with the network, so every expectation is also a chance to move
 * things on. Whether a version will stay in the tree, and where, is not known yet; which of its
 * commands are linked is guessed (all of them), and that its scripts do not run; a package for
 * which that was wrong is unpacked again from the cache. Bytes and requests are bounded: what is
 * expected beyond that waits, and when the plan is made first, it is fetched as the plan says. */
#include "early_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "cpm/registry/registry_url.h"

#include <errno.h>
#include <sys/random.h>

#define NODE_MODULES      "node_modules"
#define REQUESTS_MAX      32
#define HELD_MAX_BYTES    ((size_t)4 << 20) /* received and not yet unpacked */
#define PACKAGE_MAX_BYTES ((uint64_t)64 << 20)
/* What inflates to this much waits until the packuments have been let go. */
#define GIANT_BYTES ((uint64_t)16 << 20)

struct early_package {
	struct shipment shipment; /* first: what workers and network hand back */
	struct unit unit;
	struct node node; /* the little that unpacking reads of one */
	const char *name; /* of its folder, in the early folder */
	enum early_state state;
	struct shipment *heir; /* of the plan, waiting for this one */
};

/* Packages as they were expected; how many were looked up in the cache, and how many were begun. */
struct queue {
	VEC(struct early_package *) packages;
	size_t nlooked_up, nbegun;
};

/* Expectations come one by one, and asking the cache costs a lock each time: they gather first. */
#define GATHERED 16

struct early {
	struct tarball_port port;
	struct arena *arena;
	struct early_opts opts;
	struct run run; /* of the early shipments */
	struct reify_opts run_opts;
	struct unpack_gate gate; /* the plan's as well; shut until there is one */
	struct tree tree;        /* for its path */
	struct map known;        /* integrity -> struct early_package */
	struct queue large, other;
	size_t nexpected, nrequested, next_name;
	size_t held_bytes;
	bool is_over;
	bool made_node_modules;
	str folder; /* in node_modules; null: not made */
	int fd;     /* of the folder */
	int shelf_fd;
};

static struct early_package *package_of(struct shipment *s)
{
	return (struct early_package *)s;
}

static struct early *early_of(struct tarball_port *port)
{
	return (struct early *)port;
}

/* ---- the folder ---- */

/* Nothing of what is in node_modules has changed by our folder in it: a lockfile there that is as
 * old as the folder still speaks for it. */
static void keep_time(int dirfd, const struct stat *st)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };

	(void)!utimensat(dirfd, NODE_MODULES, times, 0);
}

static struct err *make_folder(struct early *e)
{
	uint32_t random = 0;
	struct stat st;
	const char *path;

	if (!fs_lstat(e->opts.dirfd, NODE_MODULES, &st)) {
		TRY(fs_mkdir(e->opts.dirfd, NODE_MODULES));
		e->made_node_modules = true;
	} else if (!S_ISDIR(st.st_mode)) {
		return err_sys(ENOTDIR, "open", S(NODE_MODULES));
	} else {
		retire_sweep(e->opts.dirfd, STR_NULL);
	}
	do {
		(void)!getrandom(&random, sizeof(random), 0);
		e->folder = str_printf(e->arena, EARLY_PREFIX "%08x", random);
		path = str_printf(e->arena, NODE_MODULES "/" STR_FMT, STR_ARG(e->folder)).p;
	} while (mkdirat(e->opts.dirfd, path, 0700) < 0 && errno == EEXIST);
	if (!e->made_node_modules)
		keep_time(e->opts.dirfd, &st);
	e->fd = fs_open_beneath(e->opts.dirfd, path, O_PATH | O_DIRECTORY, 0);
	if (e->fd < 0)
		return err_sys(errno, "mkdir", str_view(path));
	place_begin(&e->run, path);
	return NULL;
}

/* Folder and threads, when the first package is begun. Without them nothing is. */
static bool ensure_open(struct early *e)
{
	struct err *err;

	if (e->fd >= 0)
		return true;
	err = make_folder(e);
	if (!err)
		err = e->opts.open_pool(e->opts.ctx, &e->run_opts.pool);
	if (!err)
		return true;
	err_ignore(err);
	e->is_over = true;
	return false;
}

str early_folder(const struct early *e)
{
	return e ? e->folder : STR_NULL;
}

/* A worker that still unpacks would put into the folder what was just removed. */
static void await_workers(struct early *e)
{
	void *result;

	e->is_over = true;
	while (e->run_opts.pool && pool_receive(e->run_opts.pool, true, &result)) {
		struct job *job = result;

		job->settle(NULL, job);
	}
}

str early_stop(struct early *e)
{
	if (!e || str_is_null(e->folder))
		return STR_NULL;
	await_workers(e);
	return e->folder;
}

void early_sweep(struct early *e)
{
	if (!e || str_is_null(e->folder))
		return;
	ARENA_SCOPE(tmp);
	await_workers(e);
	err_ignore(fs_remove_tree(e->opts.dirfd,
				  str_printf(tmp, NODE_MODULES "/" STR_FMT, STR_ARG(e->folder)).p));
	place_end(&e->run);
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
	e->folder = STR_NULL;
	if (e->made_node_modules) /* fails, as it should, when anything is in it */
		unlinkat(e->opts.dirfd, NODE_MODULES, AT_REMOVEDIR);
}

/* ---- under way ---- */

/* What became of it is known: who waited for it goes on. */
static void settle_package(struct early_package *p, enum early_state state, struct run *r)
{
	struct shipment *heir = p->heir;

	p->state = state;
	p->heir = NULL;
	if (heir && r && !r->failure)
		fetch_start(r, heir);
}

static void settle(struct run *r, struct job *job)
{
	struct shipment *s = (struct shipment *)job;
	struct early *e = early_of((struct tarball_port *)s->run->opts->early);
	bool is_good = !s->err && !s->is_corrupt &&
		       (!s->is_linked || s->shelf_result == SHELF_LINKED);

	e->held_bytes -= s->len;
	unpack_returned(&e->run, s);
	if (is_good)
		fetch_keep(&e->run, s);
	else
		log_verbose("reify", "unpacking " STR_FMT " early failed", STR_ARG(s->url));
	err_free(s->err);
	s->err = NULL;
	free(s->bytes);
	free(s->frozen_row);
	s->bytes = s->frozen_row = NULL;
	settle_package(package_of(s), is_good ? EARLY_READY : EARLY_NONE, r);
}

void early_receive(struct early *e, struct run *r, struct http_response *resp)
{
	struct shipment *s = resp->tag;

	e->nrequested--;
	if (resp->err) {
		settle_package(package_of(s), EARLY_NONE, r);
	} else {
		s->bytes = resp->body;
		s->len = resp->body_len;
		resp->body = NULL;
		trace_count(TRACE_PACKAGE_FETCHED);
		e->held_bytes += s->len;
		unpack_send(&e->run, s);
	}
	http_response_free(resp);
}

static void collect(struct early *e)
{
	struct http_response *resp;
	void *result;

	while (e->nrequested && (resp = http_take_for(e->opts.http, e)))
		early_receive(e, NULL, resp);
	while (e->run_opts.pool && pool_receive(e->run_opts.pool, false, &result)) {
		struct job *job = result;

		job->settle(NULL, job);
	}
}

/* ---- beginning ---- */

static bool is_cached(struct early *e, const struct shipment *s)
{
	for (size_t i = 0; i < s->integrity.count; i++)
		if (s->integrity.items[i].algo == s->integrity.strongest &&
		    store_has_blob(e->opts.store, &s->integrity.items[i]))
			return true;
	return false;
}

/* Claims that the package is on the shelf, as its early unit wants it. */
static bool is_on_shelf(struct early *e, struct shipment *s)
{
	for (size_t i = 0; i < s->integrity.count; i++) {
		s->digest = s->integrity.items[i];
		if (s->digest.algo == s->integrity.strongest && s->digest.algo >= DIGEST_SHA256 &&
		    store_get_row(e->opts.store, e->arena, &s->digest, &s->row))
			return s->row.is_shelved && shelf_fits(s->units.items[0], &s->row);
	}
	return false;
}

/* What is on the shelf is linked early; what the cache holds otherwise needs no early start. */
static void look_up(struct early *e, struct queue *q)
{
	e->shelf_fd = e->opts.owns_files ? -1 : store_shelf_fd(e->opts.store);
	store_begin_reading(e->opts.store);
	for (; q->nlooked_up < q->packages.len; q->nlooked_up++) {
		struct early_package *p = q->packages.items[q->nlooked_up];

		p->shipment.is_linked = e->shelf_fd >= 0 && is_on_shelf(e, &p->shipment);
		if (!p->shipment.is_linked && is_cached(e, &p->shipment))
			p->state = EARLY_NONE;
	}
	store_end_reading(e->opts.store);
}

static void request(struct early *e, struct shipment *s)
{
	http_send(e->opts.http, &(struct http_request){ .url = s->url,
							.priority = HTTP_TARBALL,
							.cap_bytes = PACKAGE_MAX_BYTES,
							.subject = s->units.items[0]->node->name,
							.tag = s,
							.owner = e });
	e->nrequested++;
}

static void link_early(struct early *e, struct shipment *s)
{
	trace_count(TRACE_PACKAGE_LINKED);
	pool_send(e->run_opts.pool, shelf_job, s);
}

static void begin(struct early *e, struct early_package *p)
{
	struct shipment *s = &p->shipment;

	p->name = str_printf(e->arena, "%zu", e->next_name++).p;
	p->node.location = str_printf(e->arena, NODE_MODULES "/" STR_FMT "/%s", STR_ARG(e->folder),
				      p->name);
	p->unit.path = p->node.location.p;
	s->job.settle = settle;
	s->shelf_fd = e->shelf_fd;
	if (s->is_linked)
		link_early(e, s);
	else
		request(e, s);
}

static void begin_some(struct early *e, struct queue *q)
{
	if (q->nbegun == q->packages.len || e->nrequested >= REQUESTS_MAX ||
	    e->held_bytes >= HELD_MAX_BYTES)
		return;
	look_up(e, q);
	while (!e->is_over && q->nbegun < q->packages.len && e->nrequested < REQUESTS_MAX) {
		struct early_package *p = q->packages.items[q->nbegun++];

		if (p->state == EARLY_UNDER_WAY && ensure_open(e))
			begin(e, p);
		else
			p->state = EARLY_NONE;
	}
}

static void move_on(struct early *e)
{
	collect(e);
	begin_some(e, &e->large);
	begin_some(e, &e->other);
}

/* ---- expectations ---- */

static struct early_package *package_new(struct early *e, const struct tarball_expectation *x)
{
	struct early_package *p = ARENA_NEW(e->arena, struct early_package);
	struct shipment *s = &p->shipment;

	p->state = EARLY_UNDER_WAY;
	p->node.name = x->name;
	p->unit = (struct unit){
		.node = &p->node, .want_name = x->name, .want_version = x->version, .shipment = s
	};
	for (size_t i = 0; e->opts.bin_links && i < x->nbins; i++)
		VEC_PUSH(e->arena, &p->unit.bins, x->bins[i]);
	s->run = &e->run;
	s->integrity_text = x->integrity;
	integrity_parse(e->arena, x->integrity, &s->integrity);
	VEC_PUSH(e->arena, &s->units, &p->unit);
	return p;
}

static void expect(struct tarball_port *port, const struct tarball_expectation *x)
{
	struct early *e = early_of(port);
	struct early_package *p;

	if (e->is_over || str_is_empty(x->integrity) || map_has(&e->known, x->integrity))
		return;
	p = package_new(e, x);
	p->shipment.url = registry_fetch_url(e->arena, e->opts.cfg, x->url);
	map_put(&e->known, x->integrity, p);
	if (str_is_null(p->shipment.url) || p->shipment.integrity.strongest < DIGEST_SHA1 ||
	    x->unpacked_bytes >= GIANT_BYTES)
		p->state = EARLY_NONE;
	else if (x->unpacked_bytes >= LARGE_BYTES)
		VEC_PUSH(e->arena, &e->large.packages, p);
	else
		VEC_PUSH(e->arena, &e->other.packages, p);
	if (++e->nexpected % GATHERED == 0)
		move_on(e);
}

static void work(struct tarball_port *port)
{
	move_on(early_of(port));
}

/* ---- inheritance ---- */

static struct early_package *find(const struct early *e, const struct shipment *s)
{
	return e && s->integrity_text.len ? map_get(&e->known, s->integrity_text) : NULL;
}

bool early_is_ready(const struct early *e, const struct shipment *s)
{
	const struct early_package *p = find(e, s);

	return p && p->state == EARLY_READY;
}

bool early_has(const struct early *e, const struct shipment *s)
{
	const struct early_package *p = find(e, s);

	return p && p->state != EARLY_NONE;
}

enum early_state early_claim(struct early *e, struct shipment *s)
{
	struct early_package *p = find(e, s);

	if (!p || p->heir)
		return EARLY_NONE;
	if (p->state == EARLY_UNDER_WAY)
		p->heir = s;
	return p->state;
}

static bool has_bin(const struct unit *u, str file)
{
	VEC_EACH (str, bin, &u->bins)
		if (str_eq(*bin, file))
			return true;
	return false;
}

static bool fits(const struct unit *early, const struct unit *u)
{
	if (u->executables.len ||
	    (!str_is_null(u->want_name) && (!str_eq(u->want_name, early->want_name) ||
					    !str_eq(u->want_version, early->want_version))))
		return false;
	VEC_EACH (str, bin, &u->bins)
		if (!has_bin(early, *bin))
			return false;
	VEC_EACH (str, bin, &early->bins)
		if (!has_bin(u, *bin))
			return false;
	return true;
}

typedef VEC(const char *) name_vec;

static bool rename_to(struct early *e, const char *name, struct run *r, const char *path)
{
	ARENA_SCOPE(tmp);
	AUTO_FD own = -1;
	const char *base;
	int parent = place_parent(r, path, &base, &own);

	if (parent < 0 && errno == ENOENT) {
		if (fs_mkdirs_beneath(r->dirfd, str_cstr(tmp, path_dirname(str_view(path)))) < 0)
			return false;
		parent = place_parent(r, path, &base, &own);
	}
	/* A folder that is there already stays, unless it is empty. */
	return parent >= 0 && renameat(e->fd, name, parent, base) == 0;
}

static struct err *list_names(struct arena *a, int dirfd, const char *folder, name_vec *out)
{
	AUTO_DIR it = { 0 };
	struct err *err;

	TRY(dir_open(dirfd, folder, &it));
	while (dir_next(&it))
		VEC_PUSH(a, out, str_cstr(a, str_view(it.name)));
	err = it.err;
	it.err = NULL;
	return err;
}

/* Something is installed inside of its place already: what the package holds moves in beside that.
 */
static struct err *move_content(struct early *e, const char *name, struct run *r, const char *path)
{
	ARENA_SCOPE(tmp);
	AUTO_FD from = -1, to = -1;
	name_vec names = { 0 };

	TRY(list_names(tmp, e->fd, name, &names));
	TRY(fs_open_dir_nofollow(e->fd, name, &from));
	TRY(place_open(r, path, &to));
	VEC_EACH (const char *, entry, &names)
		if (renameat(from, *entry, to, *entry) < 0)
			return err_sys(errno, "rename", str_view(*entry));
	return NULL;
}

static bool move(struct early *e, const char *name, struct run *r, const char *path)
{
	struct err *err;

	if (rename_to(e, name, r, path))
		return true;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return false;
	err = move_content(e, name, r, path);
	err_ignore(err);
	return !err;
}

bool early_move(struct early *e, struct run *r, struct shipment *s)
{
	struct early_package *p = find(e, s);
	struct unit *u = s->units.items[0];

	p->state = EARLY_NONE;
	if (!fits(&p->unit, u) ||
	    (p->shipment.is_linked && shelf_is_forbidden(r, u, &p->shipment.row)))
		return false;
	u->is_started = true;
	if (!move(e, p->name, r, u->path))
		return false;
	u->facts = p->unit.facts;
	if (p->shipment.is_linked)
		shelf_inherit(s, &p->shipment);
	return true;
}

/* What was expected and never begun is left to the plan. */
static void forget_rest(struct queue *q)
{
	while (q->nbegun < q->packages.len)
		q->packages.items[q->nbegun++]->state = EARLY_NONE;
}

void early_end_of_expectations(struct early *e)
{
	if (!e)
		return;
	collect(e);
	if (!e->is_over)
		unpack_open_gate(&e->run);
	e->is_over = true;
	forget_rest(&e->large);
	forget_rest(&e->other);
}

struct unpack_gate *early_gate(struct early *e)
{
	return &e->gate;
}

size_t early_requested(const struct early *e)
{
	return e ? e->nrequested : 0;
}

/* ---- life ---- */

struct early *early_new(struct arena *a, const struct early_opts *opts)
{
	struct early *e = ARENA_NEW(a, struct early);

	e->port = (struct tarball_port){ expect, work };
	e->arena = a;
	e->opts = *opts;
	e->fd = -1;
	e->tree.path = opts->path;
	e->run_opts = (struct reify_opts){ .cfg = opts->cfg, .store = opts->store, .early = e };
	e->run = (struct run){ .arena = a,
			       .opts = &e->run_opts,
			       .ideal = &e->tree,
			       .dirfd = opts->dirfd,
			       .gate = &e->gate,
			       .shelf_fd = -1 };
	e->gate.is_shut = true;
	e->run.file_mask = (mode_t)cfg_number(opts->cfg, CFG_UMASK) & 0777;
	map_init(&e->known, a);
	return e;
}

struct tarball_port *early_port(struct early *e)
{
	return &e->port;
}

static void free_facts(struct queue *q)
{
	VEC_EACH (struct early_package *, p, &q->packages)
		free((*p)->shipment.facts_text);
}

void early_free(struct early *e)
{
	if (!e)
		return;
	await_workers(e);
	VEC_EACH (struct shipment *, giant, &e->gate.giants)
		free((*giant)->bytes);
	early_sweep(e);
	free_facts(&e->large);
	free_facts(&e->other);
}
