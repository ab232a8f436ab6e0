/* SPDX-License-Identifier: MIT
 * Which packages brought install scripts that did not run (npm-cli.md 4.6). What counts is the
 * package.json that ended up on disk, not what the lockfile or the registry say about it (T25); it
 * is read with the pull scanner, as nothing but a handful of its fields matters. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/json_scan.h"
#include "cpm/tree/script_policy.h"

#define MANIFEST_MAX_BYTES ((size_t)16 << 20)

/* ---- reading a package.json ---- */

static void scan_scripts(struct arena *a, struct jscan *s, struct package_facts *out)
{
	str key;

	out->preinstall = out->install = out->postinstall = STR_NULL;
	if (jscan_peek(s) != '{') {
		jscan_skip(s);
		return;
	}
	jscan_enter(s, '{');
	while (jscan_key(s, &key)) {
		str text = jscan_text(a, jscan_value(s));

		if (str_is_empty(text))
			text = STR_NULL;
		key = jscan_unescape(a, key);
		if (str_eq(key, S("preinstall")))
			out->preinstall = text;
		else if (str_eq(key, S("install")))
			out->install = text;
		else if (str_eq(key, S("postinstall")))
			out->postinstall = text;
	}
}

bool package_facts_scan(struct arena *a, str manifest, struct package_facts *out)
{
	struct jscan s = jscan_init(manifest);
	str key;

	*out = (struct package_facts){ 0 };
	if (!jscan_enter(&s, '{'))
		return false;
	while (jscan_key(&s, &key)) {
		key = jscan_unescape(a, key);
		if (str_eq(key, S("scripts")))
			scan_scripts(a, &s, out);
		else if (str_eq(key, S("name")))
			out->name = jscan_text(a, jscan_value(&s));
		else if (str_eq(key, S("version")))
			out->version = jscan_text(a, jscan_value(&s));
		else if (str_eq(key, S("gypfile")))
			out->gypfile_false = str_eq(jscan_value(&s), S("false"));
		else
			jscan_skip(&s);
	}
	return !s.bad;
}

static void add_member(struct arena *a, struct json *object, const char *key, str text)
{
	if (!str_is_null(text))
		json_set_text(a, object, key, text);
}

str package_facts_format(struct arena *a, const struct package_facts *facts)
{
	struct json *object = json_new(a, JSON_OBJECT), *scripts = json_new(a, JSON_OBJECT);
	struct str_buf out = str_buf(a, SIZE_MAX);

	add_member(a, object, "name", facts->name);
	add_member(a, object, "version", facts->version);
	add_member(a, scripts, "preinstall", facts->preinstall);
	add_member(a, scripts, "install", facts->install);
	add_member(a, scripts, "postinstall", facts->postinstall);
	json_set(a, object, S("scripts"), scripts);
	if (facts->gypfile_false)
		json_set(a, object, S("gypfile"), json_new_bool(a, false));
	json_write(&out, object, (struct json_style){ S(""), S("") });
	return buf_view(&out);
}

/* ---- collecting ---- */

/* A package that stayed from an earlier install. */
static void read_facts(struct run *r, const struct node *n, struct unit_facts *out)
{
	struct package_facts facts;
	const char *path = run_path(r, str_concat(r->arena, n->location, S("/package.json")));
	str text;
	struct err *err = fs_read_all(r->arena, r->dirfd, path, MANIFEST_MAX_BYTES, &text);

	err_ignore(err);
	if (err || !package_facts_scan(r->arena, text, &facts))
		return;
	out->is_known = true;
	out->preinstall = facts.preinstall;
	out->install = facts.install;
	out->postinstall = facts.postinstall;
	out->builds_implicitly = !facts.gypfile_false && str_is_null(facts.install) &&
				 str_is_null(facts.preinstall) &&
				 fs_is_file(r->dirfd, run_path(r, str_concat(r->arena, n->location,
									     S("/binding.gyp"))));
}

static void add_blocked(struct run *r, struct node *n, const struct install_scripts *scripts)
{
	script_policy_note(r->opts->policy, n);
	VEC_PUSH(r->arena, &r->out->blocked, (struct blocked_scripts){ n, *scripts });
}

/* Nobody has decided about its scripts. */
static bool is_open(const struct run *r, struct node *n)
{
	return script_is_reviewable(n) &&
	       script_policy_verdict(r->opts->policy, n) == SCRIPTS_UNREVIEWED;
}

/* A package that lies in node_modules. */
static void look_at_package(struct run *r, struct node *n, struct unit_facts facts)
{
	struct install_scripts scripts = { 0 };

	bool was_there = !plan_unit_of(r, n) || shared_is_elsewhere(r, n);

	if (was_there && n->has_install_script && is_open(r, n))
		read_facts(r, n, &facts);
	/* What was packed for publishing is prepared; of all else it is shown. */
	if (!node_is_registry_dep(n))
		scripts.prepare = n->manifest->prepare;
	if ((!facts_have_scripts(&facts) && str_is_empty(scripts.prepare)) || !is_open(r, n))
		return;
	scripts.preinstall = facts.preinstall;
	scripts.install = facts.builds_implicitly ? S("node-gyp rebuild") : facts.install;
	scripts.postinstall = facts.postinstall;
	add_blocked(r, n, &scripts);
}

/* A folder somewhere else, which a link leads to. */
static void look_at_folder(struct run *r, struct node *n)
{
	struct install_scripts scripts;

	if (n->links_in.len > 0 && is_open(r, n) &&
	    install_scripts_find(r->arena, r->dirfd, n, &scripts))
		add_blocked(r, n, &scripts);
}

void scripts_collect(struct run *r)
{
	bool is_silent = cfg_bool(r->opts->cfg, CFG_IGNORE_SCRIPTS) ||
			 cfg_bool(r->opts->cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS);

	for (struct map_iter it = map_iter(&r->ideal->inventory); map_next(&it);) {
		struct node *n = it.val;
		struct unit *u = plan_unit_of(r, n);
		struct unit_facts facts = u ? u->facts : (struct unit_facts){ 0 };

		/* npm notes it in the lockfile, for packages it has just unpacked
		 * (npm-tree.md 10.5). */
		if (facts.builds_implicitly)
			n->has_install_script = true;
		if (is_silent)
			continue;
		if (n->parent)
			look_at_package(r, n, facts);
		else
			look_at_folder(r, n);
	}
}
