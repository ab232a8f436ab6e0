/* SPDX-License-Identifier: MIT
 * Packages that are begun before there is a plan: what becomes of those that were right, of those
 * that were not, and that nothing of it is left behind. */
#include "../registry/loopback_server.h"
#include "reify_world.h"

#include "cpm/reify/early.h"

#include <glob.h>

struct early_world {
	struct world *w;
	struct loopback server;
	struct reply replies[4];
	size_t nreplies;
	struct early *early;
};

static struct err *open_pool(void *ctx, struct pool **out)
{
	*out = ((struct early_world *)ctx)->w->pool;
	return NULL;
}

/* The project's package.json, with dependencies on a and b. */
static void make_root(struct world *w)
{
	struct manifest *m = ARENA_NEW(w->arena, struct manifest);

	m->name = S("project");
	m->optional_deps = (struct dep_list){ ARENA_ARRAY(w->arena, struct dep, 2), 2, true };
	m->optional_deps.items[0] = (struct dep){ S("a"), S("^1.0.0") };
	m->optional_deps.items[1] = (struct dep){ S("b"), S("^1.0.0") };
	w->ideal = tree_new(w->arena, str_view(w->path));
	node_set_root(w->ideal, node_new(w->arena, S("project"), m));
}

/* The server answers only what was added before this. */
static void open_early(struct early_world *e)
{
	struct world *w = e->w;
	str url;
	const char *env[] = { "HOME=/nowhere", "npm_config_fetch_retries=0", NULL };
	const char *argv[] = { "--registry", NULL, NULL };
	struct cfg_input in = { .argv = argv,
				.environ = env,
				.cwd = str_view(w->path),
				.exec_prefix = str_view(w->path) };

	loopback_start(&e->server, e->replies, e->nreplies);
	url = loopback_url(w->arena, &e->server, "/");
	argv[1] = str_cstr(w->arena, url);
	CHECK_OK(cfg_load(w->arena, &in, &w->cfg));
	CHECK_OK(http_new(w->cfg, &w->opts.http));
	CHECK_OK(store_open(str_printf(w->arena, "%s/cache", w->path), &w->opts.store));
	e->early = early_new(w->arena, &(struct early_opts){ .cfg = w->cfg,
							     .http = w->opts.http,
							     .store = w->opts.store,
							     .dirfd = w->dirfd,
							     .path = str_view(w->path),
							     .bin_links = true,
							     .open_pool = open_pool,
							     .ctx = e });
	w->opts.cfg = w->cfg;
	w->opts.early = e->early;
	w->opts.is_offline = false;
}

static void close_early(struct early_world *e)
{
	struct world *w = e->w;

	early_free(e->early);
	store_close(w->opts.store);
	http_free(w->opts.http);
	loopback_stop(&e->server);
	world_close(w);
}

/* The archive of <name>@1.0.0, its integrity, and the answer that carries it, spoilt if so asked.
 */
static str add_tarball(struct early_world *e, str name, unsigned attempt, bool is_spoilt)
{
	struct world *w = e->w;
	str file = world_tarball(w, name, S("1.0.0"), NULL), bytes;
	struct digest digest;
	char *copy;

	bytes = world_read(w, str_cstr(w->arena, str_from(file, sizeof("file:") - 1)));
	digest_of(DIGEST_SHA512, bytes, &digest);
	copy = arena_alloc_raw(w->arena, bytes.len);
	memcpy(copy, bytes.p, bytes.len);
	copy[600] ^= is_spoilt;
	e->replies[e->nreplies++] = (struct reply){
		str_printf(w->arena, "/" STR_FMT "/-/" STR_FMT "-1.0.0.tgz", STR_ARG(name),
			   STR_ARG(name))
			.p,
		attempt, answer(w->arena, "200 OK", "", str_of(copy, bytes.len)), KEEP_OPEN
	};
	return integrity_format(w->arena, &digest);
}

static str tarball_url(struct early_world *e, str name)
{
	return loopback_url(e->w->arena, &e->server,
			    str_printf(e->w->arena, "/" STR_FMT "/-/" STR_FMT "-1.0.0.tgz",
				       STR_ARG(name), STR_ARG(name))
				    .p);
}

static void expect(struct early_world *e, str name, str integrity)
{
	struct tarball_port *port = early_port(e->early);

	port->expect(port, &(struct tarball_expectation){ .name = name,
							  .version = S("1.0.0"),
							  .url = tarball_url(e, name),
							  .integrity = integrity });
	port->work(port);
}

/* The path of what lies in the early folder; null when it is not there. */
static str early_path(struct early_world *e, const char *path)
{
	str pattern = str_printf(e->w->arena, "%s/node_modules/.cpm-early-*%s", e->w->path, path);
	glob_t found = { 0 };
	str out = STR_NULL;

	if (glob(pattern.p, 0, NULL, &found) == 0)
		out = str_dup(e->w->arena, str_view(found.gl_pathv[0]));
	globfree(&found);
	return out;
}

static bool has_early(struct early_world *e, const char *path)
{
	return !str_is_null(early_path(e, path));
}

/* As the resolver does: the network is worked, and now and then the port. */
static void work_until(struct early_world *e, const char *path)
{
	struct tarball_port *port = early_port(e->early);

	for (int round = 0; round < 2000 && !has_early(e, path); round++) {
		http_response_free(http_drive_for(e->w->opts.http, e, 5, -1));
		port->work(port);
	}
	CHECK(has_early(e, path), "%s", path);
}

static struct node *plan_package(struct early_world *e, str name, str integrity)
{
	struct node *n = world_node(e->w, e->w->ideal->root, name, S("1.0.0"));

	n->resolved = tarball_url(e, name);
	n->integrity = integrity;
	n->optional = true;
	return n;
}

#define EARLY_WORLD(e)                                     \
	ARENA_SCOPE(a);                                    \
	struct early_world world = { .w = world_open(a) }; \
	struct early_world *e = &world;                    \
	make_root(e->w)

TEST(without_an_expectation_nothing_is_made)
{
	EARLY_WORLD(e);
	open_early(e);
	early_port(e->early)->work(early_port(e->early));
	CHECK(!world_has(e->w, "node_modules"));
	close_early(e);
}

TEST(a_tarball_that_proves_nothing_is_not_begun)
{
	EARLY_WORLD(e);
	add_tarball(e, S("a"), 0, false);
	open_early(e);
	expect(e, S("a"), S(""));
	expect(e, S("a"), S("md5-AAAAAAAAAAAAAAAAAAAAAA=="));
	CHECK(!world_has(e->w, "node_modules"));
	CHECK_EQ(http_requests(e->w->opts.http), 0);
	close_early(e);
}

TEST(what_was_not_wanted_goes_and_takes_its_folders_along)
{
	EARLY_WORLD(e);
	str integrity = add_tarball(e, S("a"), 0, false);

	open_early(e);
	expect(e, S("a"), integrity);
	work_until(e, "/0/index.js");
	early_free(e->early);
	e->early = NULL;
	CHECK(!world_has(e->w, "node_modules"), "it was made for this");
	close_early(e);
}

TEST(a_package_that_was_right_moves_to_its_place)
{
	EARLY_WORLD(e);
	str integrity = add_tarball(e, S("a"), 0, false), other = add_tarball(e, S("b"), 0, false);

	open_early(e);
	expect(e, S("a"), integrity);
	expect(e, S("b"), other);
	work_until(e, "/0/index.js");
	plan_package(e, S("a"), integrity);
	CHECK_OK(world_apply(e->w));
	CHECK_STR(world_read(e->w, "node_modules/a/index.js"), S("a 1.0.0"));
	CHECK(!world_has(e->w, "node_modules/b"), "nobody called for it");
	CHECK(world_is_tidy(e->w), "the early folder");
	CHECK_EQ(http_requests(e->w->opts.http), 2, "each tarball once");
	close_early(e);
}

TEST(a_package_moves_in_around_what_is_installed_inside_of_it)
{
	EARLY_WORLD(e);
	str integrity = add_tarball(e, S("a"), 0, false);
	struct stat st;

	open_early(e);
	expect(e, S("a"), integrity);
	work_until(e, "/0/package.json");
	CHECK(linkat(AT_FDCWD, str_cstr(a, early_path(e, "/0/index.js")), e->w->dirfd, "same", 0) ==
	      0);
	CHECK_OK(fs_mkdirs(e->w->dirfd, "node_modules/a/node_modules/b"));
	CHECK_OK(fs_write_replace(e->w->dirfd, "node_modules/a/left", S("over"), 0644));
	plan_package(e, S("a"), integrity);
	CHECK_OK(world_apply(e->w));
	CHECK(fs_lstat(e->w->dirfd, "node_modules/a/index.js", &st));
	CHECK_EQ(st.st_nlink, 2, "it was not unpacked again");
	CHECK(world_has(e->w, "node_modules/a/node_modules/b"));
	CHECK(!world_has(e->w, "node_modules/a/left"));
	CHECK(world_is_tidy(e->w), "the early folder");
	close_early(e);
}

TEST(an_early_failure_is_nobodys)
{
	EARLY_WORLD(e);
	str integrity = add_tarball(e, S("a"), 1, true);

	add_tarball(e, S("a"), 2, false);
	open_early(e);
	expect(e, S("a"), integrity);
	plan_package(e, S("a"), integrity);
	CHECK_OK(world_apply(e->w));
	CHECK_STR(world_read(e->w, "node_modules/a/index.js"), S("a 1.0.0"));
	CHECK(world_is_tidy(e->w), "the early folder");
	close_early(e);
}

TEST(an_optional_package_that_fails_leaves_no_early_folder)
{
	EARLY_WORLD(e);
	str integrity = add_tarball(e, S("a"), 0, true), other = add_tarball(e, S("b"), 0, false);

	open_early(e);
	expect(e, S("a"), integrity);
	expect(e, S("b"), other);
	work_until(e, "");
	plan_package(e, S("a"), integrity);
	plan_package(e, S("b"), other);
	CHECK_OK(world_apply(e->w));
	CHECK(!world_has(e->w, "node_modules/a"), "done without");
	CHECK_STR(world_read(e->w, "node_modules/b/index.js"), S("b 1.0.0"));
	CHECK(world_is_tidy(e->w), "the early folder");
	close_early(e);
}

UNIT_TESTS(TESTED(without_an_expectation_nothing_is_made),
	   TESTED(a_tarball_that_proves_nothing_is_not_begun),
	   TESTED(what_was_not_wanted_goes_and_takes_its_folders_along),
	   TESTED(a_package_that_was_right_moves_to_its_place),
	   TESTED(a_package_moves_in_around_what_is_installed_inside_of_it),
	   TESTED(an_early_failure_is_nobodys),
	   TESTED(an_optional_package_that_fails_leaves_no_early_folder))
