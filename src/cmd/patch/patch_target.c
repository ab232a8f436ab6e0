/* SPDX-License-Identifier: MIT
 * Names and ranges against what is installed. Twin of what npm's patch.js asks of its trees. */
#include "patch_target.h"

#include "package_tarball.h"

#include "cpm/base/range.h"

#define FAIL_AS(code, ...) return err_show_as(err_new(E_GENERIC, __VA_ARGS__), S(code))

/* ---- targets ---- */

static struct err *not_of_registry(str what)
{
	FAIL_AS("EPATCHNONREGISTRY",
		"Cannot patch non-registry dependency \"" STR_FMT
		"\". Only registry dependencies can be patched; edit the source directly.",
		STR_ARG(what));
}

static bool is_installed(const struct node *n, str name)
{
	return str_eq(node_package_name(n), name) && !n->is_root && !n->is_link &&
	       !str_is_null(node_version(n));
}

/* One of each version. */
static node_vec installed_versions(struct arena *a, const struct tree *t, str name)
{
	node_vec out = { 0 };

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;
		bool is_known = false;

		if (!is_installed(n, name))
			continue;
		VEC_EACH (struct node *, other, &out)
			is_known |= str_eq(node_version(*other), node_version(n));
		if (!is_known)
			VEC_PUSH(a, &out, n);
	}
	return out;
}

/* Nobody may depend on that version by a file, a URL or a repository. */
static struct err *check_edges(struct arena *a, const struct tree *t, const struct patch_target *at)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (!is_installed(n, at->name) || !str_eq(node_version(n), at->version))
			continue;
		VEC_EACH (struct edge *, e, &n->edges_in) {
			struct spec *s;
			struct err *err = spec_resolve(a, (*e)->name, (*e)->raw_spec, t->path, &s);
			bool is_foreign = !err && !spec_is_registry(s);

			err_ignore(err);
			if (is_foreign)
				return not_of_registry(str_printf(a, STR_FMT "@" STR_FMT,
								  STR_ARG(at->name),
								  STR_ARG(at->version)));
		}
	}
	return NULL;
}

static str dependant_of(const struct node *n)
{
	str location = n->edges_in.len ? n->edges_in.items[0]->from->location : S("");

	return location.len ? location : S("(root)");
}

static struct err *ambiguous(struct arena *a, str name, const node_vec *versions)
{
	struct str_buf lines = str_buf(a, 1 << 20);

	VEC_EACH (struct node *, n, versions)
		buf_printf(&lines, "  " STR_FMT "@" STR_FMT "  (via " STR_FMT ")\n", STR_ARG(name),
			   STR_ARG(node_version(*n)), STR_ARG(dependant_of(*n)));
	FAIL_AS("EPATCHAMBIGUOUS",
		"Multiple versions of \"" STR_FMT "\" are installed:\n%sRe-run with an exact "
		"selector, e.g. \"npm patch add " STR_FMT "@" STR_FMT "\".",
		STR_ARG(name), buf_cstr(&lines), STR_ARG(name),
		STR_ARG(node_version(versions->items[0])));
}

static node_vec only_in_range(struct arena *a, const node_vec *all, const struct range *range)
{
	node_vec out = { 0 };

	VEC_EACH (struct node *, n, all)
		if (node_semver(*n) && range_has(range, node_semver(*n)))
			VEC_PUSH(a, &out, *n);
	return out;
}

static struct err *ask_registry(struct cmd_ctx *ctx, str arg, struct patch_target *out)
{
	struct package_tarball t;

	TRY(package_tarball_look(ctx, arg, &t));
	*out = (struct patch_target){ t.name, t.version };
	return NULL;
}

struct err *patch_target_find(struct cmd_ctx *ctx, str arg, struct patch_target *out)
{
	struct arena *a = ctx->arena;
	struct project_tree project;
	const struct range *range;
	struct semver exact;
	struct spec *spec;
	node_vec versions;

	TRY(spec_parse_arg(a, arg, cfg_cwd(ctx->cfg), &spec));
	if (!spec_is_registry(spec) || str_is_null(spec->name))
		return not_of_registry(arg);
	TRY(project_tree_open(ctx, 0, &project));
	versions = installed_versions(a, project.tree, spec->name);
	*out = (struct patch_target){ .name = spec->name };
	if (spec->raw.len && !str_eq(spec->raw, S("*")) && !str_eq(spec->raw, S("latest"))) {
		if (semver_parse(a, spec->raw, SEMVER_STRICT, &exact)) {
			out->version = exact.text;
			return check_edges(a, project.tree, out);
		}
		range = range_parse(a, spec->raw, SEMVER_STRICT);
		versions = range ? only_in_range(a, &versions, range) : (node_vec){ 0 };
		if (!versions.len)
			return ask_registry(ctx, arg, out);
	}
	if (!versions.len)
		FAIL_AS("EPATCHNOTINSTALLED",
			"No installed version of \"" STR_FMT "\" found. Run \"npm install\" first, "
			"or pass an explicit version.",
			STR_ARG(spec->name));
	if (versions.len > 1)
		return ambiguous(a, spec->name, &versions);
	out->version = node_version(versions.items[0]);
	return check_edges(a, project.tree, out);
}

/* ---- selectors ---- */

struct patch_selector *patch_selectors_read(struct arena *a, const struct json *package_json,
					    size_t *count)
{
	const struct json *all = json_get(package_json, "patchedDependencies");
	struct patch_selector *out =
		ARENA_ARRAY(a, struct patch_selector, json_is(all, JSON_OBJECT) ? all->count + 1 : 1);

	*count = 0;
	for (size_t i = 0; json_is(all, JSON_OBJECT) && i < all->count; i++) {
		str key = all->members[i].key;
		size_t at = key.len ? str_find_char(str_from(key, 1), '@') : STR_NPOS;

		out[(*count)++] = (struct patch_selector){
			.key = key,
			.name = at == STR_NPOS ? key : str_slice(key, 0, at + 1),
			.spec = at == STR_NPOS ? STR_NULL : str_from(key, at + 2),
			.path = json_is(all->members[i].val, JSON_STRING)
					? all->members[i].val->string
					: S("")
		};
	}
	return out;
}

/* 3: that very version, 2: a range that has it, 1: all versions, 0: another package. */
static unsigned exactness(struct arena *a, const struct patch_selector *s, struct node *n)
{
	const struct range *range;

	if (!is_installed(n, s->name) || !node_semver(n))
		return 0;
	if (str_is_null(s->spec))
		return 1;
	if (semver_is_valid(s->spec, SEMVER_STRICT))
		return str_eq(s->spec, node_version(n)) ? 3 : 0;
	range = range_parse(a, s->spec, SEMVER_LOOSE);
	return range && range_has(range, node_semver(n)) ? 2 : 0;
}

static bool is_inside(struct arena *a, const struct patch_selector *s, const struct patch_selector *of)
{
	return range_is_subset(range_parse(a, s->spec, SEMVER_LOOSE),
			       range_parse(a, of->spec, SEMVER_LOOSE));
}

static void count_node(struct arena *a, struct node *n, struct patch_selector *list, size_t count)
{
	struct patch_selector *best = NULL;
	unsigned best_exactness = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned e = exactness(a, &list[i], n);

		if (!e || e < best_exactness)
			continue;
		if (e == 2 && best_exactness == 2 && !is_inside(a, &list[i], best)) {
			if (!is_inside(a, best, &list[i]))
				best->is_ambiguous = list[i].is_ambiguous = true;
			continue;
		}
		best = &list[i];
		best_exactness = e;
	}
	if (best)
		best->nodes++;
}

void patch_selectors_count(struct arena *a, const struct tree *t, struct patch_selector *list, size_t count)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		count_node(a, it.val, list, count);
}
