/* SPDX-License-Identifier: MIT
 * Which packages brought install scripts that did not run (npm-cli.md 4.6). What counts is the
 * package.json that ended up on disk, not what the lockfile or the registry say about it (T25); it
 * is read with the pull scanner, as nothing but a handful of its fields matters. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/json_scan.h"

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

/* ---- what the policy has decided already ---- */

/* An entry of allowScripts with the value false, for the package's name or for this very version.
 */
static bool is_denied(struct run *r, const struct node *n)
{
	const struct json *project = r->ideal->root->manifest->json;
	const struct json *policy = project ? json_get(project, "allowScripts") : NULL;
	str name = str_is_empty(node_package_name(n)) ? n->name : node_package_name(n);
	str exact = str_printf(r->arena, STR_FMT "@" STR_FMT, STR_ARG(name),
			       STR_ARG(node_version(n)));

	for (size_t i = 0; json_is(policy, JSON_OBJECT) && i < policy->count; i++) {
		const struct json_member *m = &policy->members[i];

		if (json_is(m->val, JSON_BOOL) && !m->val->boolean &&
		    (str_eq(m->key, name) || str_eq(m->key, exact)))
			return true;
	}
	return false;
}

static bool is_concerned(struct run *r, struct node *n)
{
	return !n->is_root && !n->is_link && !n->inert && !node_is_workspace(n) &&
	       !node_in_bundle(n) && n->parent && !is_denied(r, n);
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

static void add_blocked(struct run *r, struct node *n, const struct unit_facts *facts)
{
	struct blocked_scripts b = { .node = n,
				     .preinstall = facts->preinstall,
				     .install = facts->install,
				     .postinstall = facts->postinstall };

	if (facts->builds_implicitly)
		b.install = S("node-gyp rebuild");
	if (str_is_null(b.preinstall) && str_is_null(b.install) && str_is_null(b.postinstall))
		return;
	VEC_PUSH(r->arena, &r->out->blocked, b);
}

void scripts_collect(struct run *r)
{
	bool is_silent = cfg_bool(r->opts->cfg, CFG_IGNORE_SCRIPTS);

	for (struct map_iter it = map_iter(&r->ideal->inventory); map_next(&it);) {
		struct node *n = it.val;
		struct unit *u = plan_unit_of(r, n);
		struct unit_facts facts = u ? u->facts : (struct unit_facts){ 0 };

		/* npm notes it in the lockfile, for packages it has just unpacked
		 * (npm-tree.md 10.5). */
		if (facts.builds_implicitly)
			n->has_install_script = true;
		if (is_silent || !is_concerned(r, n))
			continue;
		if (!u && n->has_install_script)
			read_facts(r, n, &facts);
		add_blocked(r, n, &facts);
	}
}
