/* SPDX-License-Identifier: MIT
 * Does what the tree asks for run here (npm-tree.md 8.10)? What is required warns or fails; what is
 * optional steps aside: it stays in the lockfile, inert, and is not installed. */
#include "dep_set.h"
#include "ideal_priv.h"

#include "cpm/base/log.h"

#define WIDE 72

static void make_inert(struct node *n)
{
	ARENA_SCOPE(tmp);
	node_vec set = dep_set_optional(tmp, n);

	for (size_t i = 0; i < set.len; i++)
		set.items[i]->inert = true;
}

/* ---- engines ---- */

static void add_value(struct str_buf *out, const struct json *v)
{
	if (!json_is(v, JSON_STRING)) {
		json_write(out, v, (struct json_style){ S(""), S("") });
		return;
	}
	buf_printf(out, "'" STR_FMT "'", STR_ARG(v->string));
}

static bool is_identifier(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$0123456789",
			    s.p[i]))
			return false;
	return s.len && !(s.p[0] >= '0' && s.p[0] <= '9');
}

/* An object as JavaScript's console shows it: on one line when it fits. */
static str inspect(struct arena *a, const struct json *object)
{
	struct str_buf line = str_buf(a, 4096), lines = str_buf(a, 4096);

	if (!json_is(object, JSON_OBJECT)) {
		add_value(&line, object);
		return buf_view(&line);
	}
	for (size_t i = 0; i < object->count; i++) {
		struct str_buf member = str_buf(a, 1024);
		str key = object->members[i].key;

		buf_printf(&member,
			   is_identifier(key) ? STR_FMT ": " : "'" STR_FMT "': ", STR_ARG(key));
		add_value(&member, object->members[i].val);
		buf_printf(&line, "%s" STR_FMT, i ? ", " : "", STR_ARG(buf_view(&member)));
		buf_printf(&lines, "%s\n    " STR_FMT, i ? "," : "", STR_ARG(buf_view(&member)));
	}
	if (line.len <= WIDE)
		return str_printf(a, "{ " STR_FMT " }", STR_ARG(buf_view(&line)));
	return str_printf(a, "{" STR_FMT "\n  }", STR_ARG(buf_view(&lines)));
}

/* "name@version" of the package itself, as its manifest has it. */
static str package_id(struct arena *a, const struct node *n)
{
	if (str_is_empty(n->manifest->name) || str_is_empty(n->manifest->version))
		return S("undefined");
	return str_printf(a, "'" STR_FMT "@" STR_FMT "'", STR_ARG(n->manifest->name),
			  STR_ARG(n->manifest->version));
}

static struct err *engine_mismatch(struct ideal *b, const struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct pick_opts *pick = &b->opts->pick;
	str id = package_id(tmp, n), plain = str_slice(id, 1, id.len - 1);

	if (!b->opts->engine_strict) {
		log_warn("EBADENGINE",
			 "Unsupported engine {\n  package: " STR_FMT ",\n  required: " STR_FMT
			 ",\n  current: { node: 'v" STR_FMT "', npm: '" STR_FMT "' }\n}",
			 STR_ARG(id), STR_ARG(inspect(tmp, n->manifest->engines)),
			 STR_ARG(pick->node_version), STR_ARG(pick->npm_version));
		return NULL;
	}
	struct str_buf wanted = str_buf(tmp, 4096);

	json_write(&wanted, n->manifest->engines, (struct json_style){ S(""), S("") });
	return err_detail(err_new(E_BAD_ENGINE, "Unsupported engine"),
			  "Not compatible with your version of node/npm: " STR_FMT
			  "\nRequired: " STR_FMT "\nActual:   {\"node\":\"v" STR_FMT
			  "\",\"npm\":\"" STR_FMT "\"}",
			  STR_ARG(plain), STR_ARG(buf_view(&wanted)), STR_ARG(pick->node_version),
			  STR_ARG(pick->npm_version));
}

/* ---- platforms ---- */

static void add_list(struct str_buf *out, const char *key, const struct json *list, bool *is_first)
{
	if (!list)
		return;
	buf_printf(out, "%s\"%s\":", *is_first ? "" : ",", key);
	json_write(out, list, (struct json_style){ S(""), S("") });
	*is_first = false;
}

static str join_list(struct arena *a, const struct json *list)
{
	struct str_buf text = str_buf(a, 4096);

	if (json_is(list, JSON_STRING))
		return list->string;
	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		buf_printf(&text, "%s" STR_FMT, i ? "," : "", STR_ARG(list->items[i]->string));
	return buf_view(&text);
}

static struct err *platform_mismatch(struct ideal *b, const struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct manifest *m = n->manifest;
	const struct platform *p = &b->opts->real_platform;
	str id = package_id(tmp, n);
	struct str_buf wanted = str_buf(tmp, 4096), detail = str_buf(tmp, 8192);
	const struct {
		const char *name;
		const struct json *list;
		str actual;
	} rows[] = { { "os", m->os, p->os },
		     { "cpu", m->cpu, p->cpu },
		     { "libc", m->libc, p->libc } };
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		add_list(&wanted, rows[i].name, rows[i].list, &is_first);
		if (rows[i].list)
			buf_printf(&detail, "%sValid %s:%*s" STR_FMT "\nActual %s:%*s" STR_FMT,
				   detail.len ? "\n" : "", rows[i].name,
				   (int)(7 - strlen(rows[i].name)), "",
				   STR_ARG(join_list(tmp, rows[i].list)), rows[i].name,
				   (int)(6 - strlen(rows[i].name)), "", STR_ARG(rows[i].actual));
	}
	return err_detail(err_new(E_BAD_PLATFORM,
				  "Unsupported platform for " STR_FMT ": wanted {" STR_FMT
				  "} (current: {\"os\":\"" STR_FMT "\",\"cpu\":\"" STR_FMT
				  "\"%s" STR_FMT "%s})",
				  STR_ARG(str_slice(id, 1, id.len - 1)), STR_ARG(buf_view(&wanted)),
				  STR_ARG(p->os), STR_ARG(p->cpu),
				  p->libc.len ? ",\"libc\":\"" : "", STR_ARG(p->libc),
				  p->libc.len ? "\"" : ""),
			  STR_FMT, STR_ARG(buf_view(&detail)));
}

static struct err *check_required(struct ideal *b, const struct node *n)
{
	const struct pick_opts *pick = &b->opts->pick;
	const struct manifest *m = n->manifest;
	bool force = b->opts->force;

	if (!(n->is_root && m->dev_engines) &&
	    !engine_is_supported(m->engines, force ? STR_NULL : pick->node_version,
				 pick->npm_version))
		TRY(engine_mismatch(b, n));
	if (!force && !platform_is_supported(m, &b->opts->real_platform))
		return platform_mismatch(b, n);
	return NULL;
}

static bool runs_here(struct ideal *b, const struct node *n)
{
	const struct pick_opts *pick = &b->opts->pick;

	return engine_is_supported(n->manifest->engines, pick->node_version, pick->npm_version) &&
	       platform_is_supported(n->manifest, &b->opts->platform);
}

struct err *ideal_check_platforms(struct ideal *b)
{
	const struct ideal_opts *o = b->opts;

	for (size_t i = 0; i < b->failures.len; i++) {
		struct node *n = b->failures.items[i];

		if (!n->optional)
			return n->load_failure;
		make_inert(n);
	}
	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (!n->optional &&
		    !node_is_omitted(n, o->omit_dev, o->omit_optional, o->omit_peer))
			TRY(check_required(b, n));
		if (n->optional && !n->inert && !runs_here(b, n))
			make_inert(n);
	}
	return NULL;
}
