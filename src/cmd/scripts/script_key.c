/* SPDX-License-Identifier: MIT
 * Digests, since whoever sends a change must not be able to choose one that looks like none. A
 * member counts with its own parts for all who need it, also through a circle, so that nothing here
 * has to be recursive. */
#include "script_key.h"

#include "cpm/store/file_list.h"
#include "cpm/tree/engine.h"
#include "cpm/tree/lockfile.h"

#define MAX_FILE_BYTES ((size_t)1 << 30)
#define MAX_TEXT_BYTES ((size_t)256 << 20)
/* Counts up when the same parts would mean something else. */
#define KEY_FORM "1"

static str hex_of(struct arena *a, str bytes)
{
	struct digest d;

	digest_of(DIGEST_SHA256, bytes, &d);
	return digest_hex(a, &d);
}

static str hex_of_json(struct arena *a, const struct json *v)
{
	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, MAX_TEXT_BYTES);

	json_write(&text, v, (struct json_style){ S(""), S("") });
	return hex_of(a, buf_view(&text));
}

static void set(struct arena *a, struct json *object, str key, str value)
{
	json_set(a, object, key, json_new_string(a, value));
}

/* ---- command, environment ---- */

static struct json *command_part(struct arena *a, const struct json *package, str script)
{
	static const char *const prefixes[] = { "pre", "", "post" };
	const struct json *scripts = json_get(package, "scripts");
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		str name = str_printf(a, "%s" STR_FMT, prefixes[i], STR_ARG(script));
		str text = json_get_text(scripts, str_cstr(a, name));

		if (!str_is_null(text))
			set(a, out, name, text);
	}
	return out;
}

static void add_variable(struct arena *a, const struct cfg *cfg, str name, struct json *out)
{
	str value = cfg_getenv(cfg, str_cstr(a, name));

	set(a, out, name, str_is_null(value) ? S("unset") : hex_of(a, value));
}

static struct json *env_part(struct arena *a, const struct cfg *cfg, const struct script_decl *decl)
{
	struct json *out = json_new(a, JSON_OBJECT);

	add_variable(a, cfg, S("NODE_ENV"), out);
	for (size_t i = 0; i < decl->env.count; i++)
		add_variable(a, cfg, decl->env.items[i], out);
	return out;
}

/* ---- files ---- */

static bool is_lockfile(const struct member *m, str path)
{
	return m->location.len == 0 &&
	       (str_eq(path, S("package-lock.json")) || str_eq(path, S("npm-shrinkwrap.json")));
}

static bool is_input(const struct script_own *own, const struct member *m, str path)
{
	if (str_eq(path, S("package.json")))
		return true;
	if (is_lockfile(m, path) || script_decl_has(&own->decl.outputs, path))
		return false;
	return !own->decl.has_inputs || script_decl_has(&own->decl.inputs, path);
}

static struct err *hex_of_file(struct arena *a, int dirfd, const struct listed_file *f, str *out)
{
	ARENA_SCOPE(tmp);
	const char *path = str_cstr(tmp, f->path);
	struct stat st;
	str bytes;

	if (f->is_link) {
		TRY(fs_read_link(tmp, dirfd, path, &bytes));
		*out = str_concat(a, S("-> "), bytes);
		return NULL;
	}
	TRY(fs_read_all(tmp, dirfd, path, MAX_FILE_BYTES, &bytes));
	*out = hex_of(a, bytes);
	if (fs_lstat(dirfd, path, &st) && st.st_mode & S_IXUSR)
		*out = str_concat(a, *out, S(" x"));
	return NULL;
}

static struct err *files_part(const struct script_keys *k, const struct member *m,
			      const struct script_own *own, struct json **out)
{
	struct arena *a = k->run->ctx->arena;
	struct listed_file *files;
	AUTO_FD dirfd = -1;
	size_t count;

	*out = json_new(a, JSON_OBJECT);
	TRY(file_list_read(a, k->root, m->location, 0, &files, &count));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, m->path), &dirfd));
	for (size_t i = 0; i < count; i++) {
		str hex;

		if (!is_input(own, m, files[i].path))
			continue;
		TRY(hex_of_file(a, dirfd, &files[i], &hex));
		set(a, *out, files[i].path, hex);
	}
	return NULL;
}

/* ---- packages ---- */

static str package_text(struct arena *a, const struct node *n)
{
	struct str_buf out = str_buf(a, MAX_TEXT_BYTES);

	buf_printf(&out, STR_FMT " " STR_FMT, STR_ARG(node_version(n)),
		   STR_ARG(str_is_null(n->integrity) ? n->resolved : n->integrity));
	if (n->patched) {
		buf_add_char(&out, ' ');
		json_write(&out, n->patched, (struct json_style){ S(""), S("") });
	}
	return buf_view(&out);
}

/* All that @from depends on, up to where other members begin: these count for themselves. */
static void add_packages(struct arena *a, struct tree *t, struct node *from, struct json *out)
{
	unsigned mark = tree_next_mark(t);
	node_vec agenda = { 0 };

	VEC_PUSH(a, &agenda, from);
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda);

		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
			struct node *to = ((struct edge *)it.val)->to;

			if (!to || to->mark == mark || to->is_link || node_is_top(to))
				continue;
			to->mark = mark;
			set(a, out, to->location, package_text(a, to));
			VEC_PUSH(a, &agenda, to);
		}
	}
}

static bool needs_packages(const struct script_keys *k, const struct member *m)
{
	const struct manifest *p = m->manifest;
	const struct dep_list *const lists[] = { &p->deps, &p->dev_deps, &p->optional_deps,
						 &p->peer_deps };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			if (member_graph_find(&k->run->project.graph, lists[i]->items[j].name) ==
			    STR_NPOS)
				return true;
	return false;
}

static struct json *packages_part(struct script_keys *k, const struct member *m,
				  struct script_own *own)
{
	struct arena *a = k->run->ctx->arena;
	struct json *out = json_new(a, JSON_OBJECT);
	struct node *n = k->lock ? tree_at(k->lock, m->location) : NULL;

	if (k->lock)
		add_packages(a, k->lock, k->lock->root, out);
	if (n) {
		add_packages(a, k->lock, n, out);
	} else if (needs_packages(k, m)) {
		own->problem = str_printf(a,
					  "package-lock.json does not say what " STR_FMT
					  " runs with: run `install` first",
					  STR_ARG(m->name));
	}
	return out;
}

/* ---- keys ---- */

static void find_own(struct script_keys *k, size_t member)
{
	struct arena *a = k->run->ctx->arena;
	const struct member *m = &k->run->project.graph.items[member];
	struct script_own *own = &k->owns[member];
	struct json *files;
	struct err *e;

	if (own->is_known)
		return;
	own->is_known = true;
	own->problem = STR_NULL;
	own->parts = json_new(a, JSON_OBJECT);
	e = files_part(k, m, own, &files);
	if (e)
		own->problem = err_text(a, e);
	err_free(e);
	json_set(a, own->parts, S("command"), command_part(a, m->manifest->json, k->script));
	json_set(a, own->parts, S("files"), files);
	json_set(a, own->parts, S("env"), env_part(a, k->run->ctx->cfg, &own->decl));
	json_set(a, own->parts, S("packages"), packages_part(k, m, own));
	own->digest = hex_of_json(a, own->parts);
}

void script_keys_find(struct script_keys *k, size_t member, struct script_key *out)
{
	struct arena *a = k->run->ctx->arena;
	const struct member_graph *g = &k->run->project.graph;
	struct json *members = json_new(a, JSON_OBJECT);
	bool *needed = ARENA_ARRAY(a, bool, g->count + 1);

	needed[member] = true;
	member_graph_add_needs(g, needed);
	*out = (struct script_key){ .parts = json_new(a, JSON_OBJECT) };
	for (size_t i = 0; i < g->count; i++) {
		if (!needed[i])
			continue;
		find_own(k, i);
		if (!str_is_null(k->owns[i].problem)) {
			out->problem = k->owns[i].problem;
			return;
		}
		if (i != member)
			set(a, members, g->items[i].name, k->owns[i].digest);
	}
	for (size_t i = 0; i < k->owns[member].parts->count; i++) {
		const struct json_member *part = &k->owns[member].parts->members[i];

		json_set(a, out->parts, part->key, part->val);
	}
	json_set(a, out->parts, S("members"), members);
	if (k->shared)
		json_set(a, out->parts, S("shared"), k->shared);
	json_set(a, out->parts, S("run"), k->of_run);
	out->hex = hex_of_json(a, out->parts);
}

void script_keys_forget(struct script_keys *k, size_t member)
{
	k->owns[member].is_known = false;
}

/* ---- what is the same for all ---- */

static const struct script_call *any_call(const struct member_run *run)
{
	for (size_t i = 0; i < run->count; i++)
		for (size_t j = 0; j < run->tasks[i].nsteps; j++)
			if (str_eq(run->tasks[i].steps[j].event, run->tasks[i].script))
				return &run->tasks[i].steps[j];
	return NULL;
}

static struct json *run_part(struct member_run *run)
{
	struct arena *a = run->ctx->arena;
	const struct cfg *cfg = run->ctx->cfg;
	const struct script_call *call = any_call(run);
	struct platform p = platform_detect(a);
	struct json *out = json_new(a, JSON_OBJECT);

	set(a, out, S("form"), S(KEY_FORM));
	set(a, out, S("arguments"), call ? str_join(a, call->args, call->nargs, S("\x1f")) : S(""));
	set(a, out, S("shell"), cfg_text(cfg, CFG_SCRIPT_SHELL));
	set(a, out, S("ignore-scripts"),
	    cfg_bool(cfg, CFG_IGNORE_SCRIPTS) ? S("true") : S("false"));
	set(a, out, S("Node.js"), node_version_find(run->ctx));
	set(a, out, S("platform"),
	    str_printf(a, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(p.os), STR_ARG(p.cpu),
		       STR_ARG(p.libc)));
	return out;
}

static struct err *read_lock(struct script_keys *k)
{
	struct arena *a = k->run->ctx->arena;
	struct manifest *root;
	AUTO_FD dirfd = -1;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, k->root), &dirfd));
	TRY(manifest_read(a, dirfd, str_cstr(a, k->root), &root, NULL));
	k->root_package = root->json;
	return lockfile_load(a, dirfd, k->root, root,
			     cfg_bool(k->run->ctx->cfg, CFG_LEGACY_PEER_DEPS), &k->lock);
}

static struct err *read_decls(struct script_keys *k)
{
	struct arena *a = k->run->ctx->arena;

	for (size_t i = 0; i < k->run->count; i++) {
		const struct member *m = &k->run->project.graph.items[i];
		str file = str_concat(a, m->location,
				      m->location.len ? S("/package.json") : S("package.json"));

		TRY(script_decl_read(a, m->manifest->json, file, k->root_package, k->script,
				     &k->owns[i].decl));
	}
	return NULL;
}

static struct err *read_shared(struct script_keys *k)
{
	struct arena *a = k->run->ctx->arena;
	struct name_list patterns;
	struct listed_file *files;
	AUTO_FD dirfd = -1;
	size_t count;

	TRY(script_decl_read_shared(a, k->root_package, &patterns));
	if (patterns.count == 0)
		return NULL;
	k->shared = json_new(a, JSON_OBJECT);
	TRY(file_list_read(a, k->root, S(""), 0, &files, &count));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, k->root), &dirfd));
	for (size_t i = 0; i < count; i++) {
		str hex;

		if (!script_decl_has(&patterns, files[i].path))
			continue;
		TRY(hex_of_file(a, dirfd, &files[i], &hex));
		set(a, k->shared, files[i].path, hex);
	}
	return NULL;
}

struct err *script_keys_open(struct member_run *run, struct script_keys *out)
{
	struct arena *a = run->ctx->arena;

	*out = (struct script_keys){ .run = run, .script = run->title };
	out->owns = ARENA_ARRAY(a, struct script_own, run->count + 1);
	TRY(fs_real_path(a, str_cstr(a, cfg_local_prefix(run->ctx->cfg)), &out->root));
	TRY(read_lock(out));
	TRY(read_decls(out));
	TRY(read_shared(out));
	out->of_run = run_part(run);
	return NULL;
}
