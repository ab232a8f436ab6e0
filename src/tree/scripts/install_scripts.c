/* SPDX-License-Identifier: MIT
 * Which scripts installing a package would run. Twin of arborist's install-scripts.js. */
#include "cpm/tree/script_policy.h"

#include "cpm/base/fs.h"

#define IMPLICIT_BUILD "node-gyp rebuild"
#define UNREADABLE     "(install scripts present)"

bool script_is_reviewable(struct node *n)
{
	return !n->is_root && !n->is_link && !n->inert && !node_is_workspace(n) &&
	       !node_in_bundle(n) && !node_is_store_entry(n);
}

static str if_any(str text)
{
	return str_is_empty(text) ? STR_NULL : text;
}

/* Packages of a registry were prepared before they were packed. */
static void take(const struct node *n, const struct manifest *m, struct install_scripts *out)
{
	out->preinstall = if_any(m->preinstall);
	out->install = if_any(m->install);
	out->postinstall = if_any(m->postinstall);
	out->prepare = node_is_registry_dep(n) ? STR_NULL : if_any(m->prepare);
}

static bool has_any(const struct install_scripts *s)
{
	return !str_is_null(s->preinstall) || !str_is_null(s->install) ||
	       !str_is_null(s->postinstall) || !str_is_null(s->prepare);
}

/* Native code, and nothing that says how to build it. */
static bool builds_implicitly(struct arena *a, const struct node *n, const struct manifest *m,
			      const struct install_scripts *s)
{
	return str_is_null(s->preinstall) && str_is_null(s->install) && !m->gypfile_false &&
	       !str_is_null(n->path) &&
	       fs_is_file(AT_FDCWD, str_cstr(a, str_concat(a, n->path, S("/binding.gyp"))));
}

bool install_scripts_read(struct arena *a, int dirfd, struct node *n, struct install_scripts *out)
{
	struct manifest *m;
	struct err *e;

	*out = (struct install_scripts){ 0 };
	if (str_is_null(n->path))
		return false;
	e = manifest_read(a, dirfd, str_cstr(a, n->path), &m, NULL);
	if (e) {
		err_ignore(e);
		return false;
	}
	take(n, m, out);
	if (builds_implicitly(a, n, m, out))
		out->install = S(IMPLICIT_BUILD);
	return has_any(out);
}

bool install_scripts_find(struct arena *a, int dirfd, struct node *n, struct install_scripts *out)
{
	*out = (struct install_scripts){ 0 };
	take(n, n->manifest, out);
	if (builds_implicitly(a, n, n->manifest, out))
		out->install = S(IMPLICIT_BUILD);
	if (has_any(out) || !n->has_install_script)
		return has_any(out);
	if (!install_scripts_read(a, dirfd, n, out))
		out->install = S(UNREADABLE);
	return true;
}

/* In npm's order. */
struct named_script {
	const char *event;
	str text;
};
#define NSCRIPTS 4

static void list(const struct install_scripts *s, struct named_script out[NSCRIPTS])
{
	out[0] = (struct named_script){ "preinstall", s->preinstall };
	out[1] = (struct named_script){ "install", s->install };
	out[2] = (struct named_script){ "postinstall", s->postinstall };
	out[3] = (struct named_script){ "prepare", s->prepare };
}

str install_scripts_text(struct arena *a, const struct install_scripts *s)
{
	struct named_script scripts[NSCRIPTS];
	struct str_buf out = str_buf(a, SIZE_MAX);

	list(s, scripts);
	for (size_t i = 0; i < NSCRIPTS; i++)
		if (!str_is_null(scripts[i].text))
			buf_printf(&out, "%s%s: " STR_FMT, out.len ? "; " : "", scripts[i].event,
				   STR_ARG(scripts[i].text));
	return buf_view(&out);
}

struct json *install_scripts_json(struct arena *a, const struct install_scripts *s)
{
	struct named_script scripts[NSCRIPTS];
	struct json *out = json_new(a, JSON_OBJECT);

	list(s, scripts);
	for (size_t i = 0; i < NSCRIPTS; i++)
		if (!str_is_null(scripts[i].text))
			json_set_text(a, out, scripts[i].event, scripts[i].text);
	return out;
}
