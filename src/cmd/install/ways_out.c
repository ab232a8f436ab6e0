/* SPDX-License-Identifier: MIT
 * Trying a way out of a conflict: the project as it is on disk, with one change, is resolved once
 * more in memory of its own. Nothing is written, nothing is said, and what a registry has told is
 * not asked for again. */
#include "conflict_report.h"

#include "cpm/config/cfg.h"

/* `name` or `name@what`, as typed: is it this package? */
static bool is_argument_for(str arg, str name)
{
	str rest = str_from(arg, name.len);

	return str_starts(arg, name) && (rest.len == 0 || rest.p[0] == '@');
}

/* The arguments with @way's version for the package; NULL when it was not asked for by name. */
static const str *change_arguments(struct arena *a, const struct install *in,
				   const struct way_out *way)
{
	str *add = ARENA_ARRAY(a, str, in->req->nadd + 1);
	bool is_found = false;

	for (size_t i = 0; i < in->req->nadd; i++) {
		add[i] = in->req->add[i];
		if (!is_argument_for(add[i], way->name))
			continue;
		is_found = true;
		add[i] = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(way->name),
				    STR_ARG(way->version));
	}
	return is_found ? add : NULL;
}

static void set_version(struct arena *a, struct json *doc, const struct way_out *way)
{
	static const char *const sections[] = { "dependencies", "devDependencies",
						"optionalDependencies", "peerDependencies" };

	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		struct json *deps = json_get(doc, sections[i]);

		if (json_get_str(deps, way->name))
			json_set(a, deps, way->name, json_new_string(a, way->version));
	}
}

/* The object at @key, made where there is none; a text there moves inside. */
static struct json *object_at(struct arena *a, struct json *parent, str key)
{
	struct json *there = json_get_str(parent, key), *object;

	if (json_is(there, JSON_OBJECT))
		return there;
	object = json_new(a, JSON_OBJECT);
	if (json_is(there, JSON_STRING))
		json_set(a, object, S("."), there);
	json_set(a, parent, key, object);
	return object;
}

struct json *way_out_overrides(struct arena *a, struct json *overrides, const struct way_out *way)
{
	json_set(a, object_at(a, overrides, way->name), way->inner, json_new_string(a, way->value));
	return overrides;
}

static struct err *change_manifest(struct cmd_ctx *ctx, const struct way_out *way)
{
	struct arena *a = ctx->arena;
	struct manifest *m;

	if (ctx->has_manifest)
		TRY(manifest_read(a, ctx->dirfd, ".", &m, NULL));
	else
		TRY(manifest_from_json(a, json_new(a, JSON_OBJECT), true, &m));
	if (way->kind == WAY_VERSION)
		set_version(a, m->json, way);
	if (way->kind == WAY_OVERRIDE)
		(void)way_out_overrides(a, object_at(a, m->json, S("overrides")), way);
	return manifest_from_json(a, m->json, true, &ctx->manifest);
}

static struct err *resolve_again(struct arena *a, const struct install *in,
				 const struct way_out *way)
{
	struct cmd_ctx ctx = *in->ctx;
	struct install_request req = *in->req;
	struct install trial = *in;
	const str *add;

	ctx.arena = a;
	trial.ctx = &ctx;
	trial.req = &req;
	trial.start = NULL;
	map_init(&trial.locked, a);
	trial.ideal_opts.is_trial = true;
	trial.ideal_opts.conflict = NULL;
	trial.ideal_opts.legacy_peer_deps = way->kind == WAY_LEGACY_PEER_DEPS;
	add = way->kind == WAY_VERSION ? change_arguments(a, in, way) : NULL;
	if (add)
		trial.ideal_opts.add = add;
	TRY(change_manifest(&ctx, way));
	TRY(install_load_start(&trial));
	return ideal_build(a, cfg_local_prefix(ctx.cfg), ctx.manifest, trial.start,
			   trial.is_from_scratch, &trial.ideal_opts, &trial.ideal);
}

struct err *way_out_try(struct way_out_port *port, const struct way_out *way)
{
	const struct way_out_trial *t = (const struct way_out_trial *)port;
	bool is_legacy = way->kind == WAY_LEGACY_PEER_DEPS;
	struct arena arena = { 0 };
	struct err *failure;

	if (is_legacy)
		cfg_force(t->in->ctx->cfg, CFG_LEGACY_PEER_DEPS, "true");
	log_mute(true);
	failure = resolve_again(&arena, t->in, way);
	log_mute(false);
	if (is_legacy)
		cfg_force(t->in->ctx->cfg, CFG_LEGACY_PEER_DEPS, "false");
	arena_fini(&arena);
	return failure;
}
