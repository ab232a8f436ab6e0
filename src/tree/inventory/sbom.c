/* SPDX-License-Identifier: MIT
 * The facts of a package that bills of materials are made of, whatever their form. */
#include "sbom_priv.h"

#include <ctype.h>

/* ---- what is listed ---- */

void sbom_list_init(struct arena *a, const node_vec *nodes, struct sbom_list *out)
{
	struct map refs;

	*out = (struct sbom_list){ 0 };
	map_init(&out->listed, a);
	map_init(&refs, a);
	for (size_t i = 0; i < nodes->len; i++)
		if (nodes->items[i]->is_root)
			out->root = nodes->items[i];
	VEC_PUSH(a, &out->components, out->root);
	for (size_t i = 0; i < nodes->len; i++) {
		struct node *n = nodes->items[i];

		map_put(&out->listed, n->location, n);
		if (n->is_root || n->is_link || map_put(&refs, sbom_ref(a, n), n))
			continue;
		VEC_PUSH(a, &out->components, n);
	}
}

bool sbom_lists(const struct sbom_list *l, const struct node *n)
{
	return n && map_get(&l->listed, n->location) == n;
}

/* ---- problems ---- */

static str edge_problem(struct arena *a, struct edge *e)
{
	str spec = edge_spec_text(e);

	switch (edge_error(e)) {
	case EDGE_MISSING:
		return str_printf(a, "missing: " STR_FMT "@" STR_FMT ", required by " STR_FMT,
				  STR_ARG(e->name), STR_ARG(spec), STR_ARG(node_id(a, e->from)));
	case EDGE_INVALID:
	case EDGE_PEER_LOCAL:
		return str_printf(a, "invalid: " STR_FMT ", " STR_FMT " required by " STR_FMT,
				  STR_ARG(node_id(a, e->to)), STR_ARG(spec.len ? spec : S("*")),
				  STR_ARG(node_id(a, e->from)));
	default:
		return STR_NULL;
	}
}

str sbom_problems(struct arena *a, const node_vec *nodes)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct map seen;

	map_init(&seen, a);
	for (size_t i = 0; i < nodes->len; i++)
		for (struct map_iter it = map_iter(&nodes->items[i]->edges_out); map_next(&it);) {
			str problem = edge_problem(a, it.val);
			if (str_is_null(problem) || map_has(&seen, problem))
				continue;
			map_put(&seen, problem, it.val);
			buf_printf(&out, "%s" STR_FMT, out.len ? "\n" : "", STR_ARG(problem));
		}
	return buf_view(&out);
}

/* ---- names ---- */

str sbom_ref(struct arena *a, const struct node *n)
{
	str name = node_package_name(n);

	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(str_is_null(name) ? S("null") : name),
			  STR_ARG(node_version(n)));
}

/* encodeURIComponent() */
static void add_encoded(struct str_buf *out, str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool is_plain = c < 0x80 && c && (isalnum(c) || strchr("-_.!~*'()", c));
		buf_printf(out, is_plain ? "%c" : "%%%02X", c);
	}
}

/* A `resolved` that names a repository. */
static bool is_from_git(struct arena *a, const struct node *n)
{
	struct spec *s = NULL;
	struct err *e = str_is_null(n->resolved) ? NULL
						 : spec_parse_arg(a, n->resolved, S("/"), &s);
	bool is_git = !e && s && s->type == SPEC_GIT;

	err_ignore(e);
	return is_git;
}

static struct err *invalid_purl(const struct spec *s, str id)
{
	static const char *const names[] = {
		[SPEC_VERSION] = "version", [SPEC_RANGE] = "range",
		[SPEC_TAG] = "tag",         [SPEC_ALIAS] = "alias",
		[SPEC_FILE] = "file",       [SPEC_DIRECTORY] = "directory",
		[SPEC_GIT] = "git",         [SPEC_REMOTE] = "remote",
	};

	return err_show_as(err_new(E_GENERIC,
				   "Invalid type \"%s\" of package \"" STR_FMT
				   "\": Purl can only be generated for \"version\" types.",
				   names[s->type], STR_ARG(id)),
			   S("EINVALIDPURLTYPE"));
}

struct err *sbom_purl(struct arena *a, const struct node *n, str *out)
{
	struct str_buf text = str_buf(a, SIZE_MAX);
	str id = node_id(a, n);
	struct spec *parsed;
	const struct spec *s;

	TRY(spec_parse_arg(a, id, S("/"), &parsed));
	s = spec_target(parsed);
	if (s->type != SPEC_VERSION)
		return invalid_purl(s, id);
	bool is_scoped = str_starts(s->name, S("@"));
	buf_printf(&text, "pkg:npm/%s" STR_FMT "@" STR_FMT, is_scoped ? "%40" : "",
		   STR_ARG(is_scoped ? str_from(s->name, 1) : s->name), STR_ARG(s->raw));
	if (is_from_git(a, n)) {
		buf_add_cstr(&text, "?vcs_url=");
		add_encoded(&text, n->resolved);
	}
	*out = buf_view(&text);
	return NULL;
}

/* ---- facts ---- */

struct digest sbom_digest(const struct node *n)
{
	ARENA_SCOPE(tmp);
	struct integrity i = { 0 };

	if (!str_is_null(n->integrity))
		integrity_parse(tmp, n->integrity, &i);
	return i.count ? i.items[0] : (struct digest){ 0 };
}

void sbom_put(struct arena *a, struct json *object, const char *key, struct json *v)
{
	if (json_is_truthy(v))
		json_set(a, object, str_view(key), v);
}
