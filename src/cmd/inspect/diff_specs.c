/* SPDX-License-Identifier: MIT
 * What --diff leaves open, filled in from the project. */
#include "diff_specs.h"

#include "project_tree.h"

#include "cpm/base/range.h"
#include "cpm/tree/package_file.h"
#include "cpm/tree/pick.h"
#include "cpm/tree/spec.h"

struct chooser {
	struct cmd_ctx *ctx;
	str dir;
	struct tree *tree; /* NULL until it is asked for */
};

static bool is_range(struct arena *a, str text)
{
	return text.len && range_parse(a, text, 0) != NULL;
}

static str name_at(struct arena *a, str name, str what)
{
	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name), STR_ARG(what));
}

static str own_folder(const struct chooser *c)
{
	return str_concat(c->ctx->arena, S("file:"), c->dir);
}

static struct err *own_name(const struct chooser *c, const char *why, str *out)
{
	struct package_file file;
	struct err *e = package_file_read(c->ctx->arena, c->dir, &file);

	*out = e ? STR_NULL : json_get_text(file.content, "name");
	err_ignore(e);
	return out->len ? NULL : cmd_usage_error(c->ctx, "%s", why);
}

#define NEEDS_PROJECT "Needs multiple arguments to compare or run from a project dir."

/* ---- what is installed ---- */

static struct err *find_installed(struct chooser *c, str name, struct node **out)
{
	struct project_tree project;
	struct err *e;

	*out = NULL;
	if (!c->tree) {
		e = project_tree_open(c->ctx, 0, &project);
		if (e) {
			err_ignore(e); /* without a tree nothing is installed */
			return NULL;
		}
		c->tree = project.tree;
	}
	for (struct map_iter it = map_iter(&c->tree->inventory); !*out && map_next(&it);) {
		struct node *n = it.val;

		if (str_eq(node_package_name(n), name) && !str_is_null(node_version(n)) && !n->is_root)
			*out = n->target ? n->target : n;
	}
	return NULL;
}

/* The range that somebody asks for the package by: the project, else whoever comes first. */
static str asked_range(const struct chooser *c, const struct node *n, str name)
{
	const struct edge *own = map_get(&c->tree->root->edges_out, name);

	if (own)
		return own->raw_spec;
	return n->edges_in.len ? n->edges_in.items[0]->raw_spec : S("*");
}

/* What `outdated` calls wanted. */
static struct err *find_wanted(struct chooser *c, const struct node *n, str name, str *version)
{
	struct arena *a = c->ctx->arena;
	const struct pick_opts opts = { .default_tag = cfg_text(c->ctx->cfg, CFG_TAG),
					.before = cfg_before(a, c->ctx->cfg) };
	const struct packument_version *picked;
	const struct packument *packument;
	struct source *source;
	struct spec *spec;

	TRY(spec_resolve(a, name, asked_range(c, n, name), c->dir, &spec));
	TRY(cmd_ctx_source(c->ctx, &source));
	source_announce(source, name);
	TRY(source_get(source, name, &packument));
	TRY(pick_version(packument, spec_target(spec), &opts, &picked));
	*version = picked->version;
	return NULL;
}

/* ---- one spec, two specs ---- */

static bool is_bare(const struct spec *s)
{
	return !s->raw.len || str_eq(s->raw, S("*"));
}

static struct err *compare_registry(struct chooser *c, const struct spec *s, str *a, str *b)
{
	struct arena *arena = c->ctx->arena;
	struct node *n;
	str wanted = s->raw;

	TRY(find_installed(c, s->name, &n));
	if (!n) {
		str own;

		TRY(own_name(c, NEEDS_PROJECT, &own));
		*a = is_bare(s) ? s->name : name_at(arena, s->name, s->raw);
		*b = own_folder(c);
		return NULL;
	}
	if (is_bare(s))
		TRY(find_wanted(c, n, s->name, &wanted));
	*a = str_concat(arena, S("file:"), n->path);
	*b = name_at(arena, s->name, wanted);
	return NULL;
}

static struct err *compare_one(struct chooser *c, str asked, str *a, str *b)
{
	struct arena *arena = c->ctx->arena;
	struct spec *s;
	str name;

	if (is_range(arena, asked)) {
		TRY(own_name(c, NEEDS_PROJECT, &name));
		*a = name_at(arena, name, asked);
		*b = own_folder(c);
		return NULL;
	}
	TRY(spec_parse_arg(arena, asked, cfg_cwd(c->ctx->cfg), &s));
	if (spec_is_registry(s))
		return compare_registry(c, s, a, b);
	if (s->type != SPEC_DIRECTORY)
		return cmd_usage_error(c->ctx, "Spec type of '" STR_FMT "' not supported.",
				       STR_ARG(asked));
	*a = str_concat(arena, S("file:"), s->fetch_spec);
	*b = own_folder(c);
	return NULL;
}

/* A version alone is one of the other's package, two are the project's own. */
static struct err *name_versions(struct chooser *c, str *a, str *b)
{
	struct arena *arena = c->ctx->arena;
	bool is_version[] = { is_range(arena, *a), is_range(arena, *b) };
	struct spec *s;
	str name;

	if (!is_version[0] && !is_version[1])
		return NULL;
	if (is_version[0] && is_version[1]) {
		TRY(own_name(c, "Needs to be run from a project dir in order to diff two versions.",
			     &name));
	} else {
		TRY(spec_parse_arg(arena, is_version[0] ? *b : *a, cfg_cwd(c->ctx->cfg), &s));
		name = s->name;
		if (!name.len)
			return cmd_usage_error(c->ctx, "%s", NEEDS_PROJECT);
	}
	if (is_version[0])
		*a = name_at(arena, name, *a);
	if (is_version[1])
		*b = name_at(arena, name, *b);
	return NULL;
}

/* A name alone is what is installed of it, if anything is. */
static struct err *find_folder(struct chooser *c, str *spec)
{
	struct node *n;
	struct spec *s;

	TRY(spec_parse_arg(c->ctx->arena, *spec, cfg_cwd(c->ctx->cfg), &s));
	if (!spec_is_registry(s) || !is_bare(s))
		return NULL;
	TRY(find_installed(c, s->name, &n));
	if (n)
		*spec = str_concat(c->ctx->arena, S("file:"), n->path);
	return NULL;
}

struct err *diff_specs_choose(struct cmd_ctx *ctx, str dir, str *a, str *b)
{
	struct chooser c = { .ctx = ctx, .dir = dir };
	size_t count;
	const str *asked = cfg_list(ctx->cfg, CFG_DIFF, &count);
	str name;

	if (count > 2)
		return cmd_usage_error(ctx, "Can't use more than two --diff arguments.");
	if (count == 1)
		return compare_one(&c, asked[0], a, b);
	if (count == 2) {
		*a = asked[0];
		*b = asked[1];
		TRY(name_versions(&c, a, b));
		TRY(find_folder(&c, a));
		return find_folder(&c, b);
	}
	TRY(own_name(&c, NEEDS_PROJECT, &name));
	*a = name_at(ctx->arena, name, cfg_text(ctx->cfg, CFG_TAG));
	*b = own_folder(&c);
	return NULL;
}
