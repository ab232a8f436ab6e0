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
	return err_detail(err_new(E_BAD_ENGINE,
				  "Unsupported engine\nNot compatible with your version of "
				  "node/npm: " STR_FMT,
				  STR_ARG(plain)),
			  "Not compatible with your version of node/npm: " STR_FMT
			  "\nRequired: " STR_FMT "\nActual:   {\"node\":\"v" STR_FMT
			  "\",\"npm\":\"" STR_FMT "\"}",
			  STR_ARG(plain), STR_ARG(buf_view(&wanted)), STR_ARG(pick->node_version),
			  STR_ARG(pick->npm_version));
}

/* ---- platforms ---- */

static str join_list(struct arena *a, const struct json *list)
{
	struct str_buf text = str_buf(a, 4096);

	if (json_is(list, JSON_STRING))
		return list->string;
	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		buf_printf(&text, "%s" STR_FMT, i ? "," : "", STR_ARG(list->items[i]->string));
	return buf_view(&text);
}

/* What the package demands of one fact of the machine; @wanted: null when it demands nothing. */
struct platform_fact {
	const char *name;
	str wanted, actual;
};

static str facts_as_json(struct arena *a, const struct platform_fact *facts, size_t n,
			 bool is_actual)
{
	struct json *out = json_new(a, JSON_OBJECT);
	struct str_buf text = str_buf(a, 1 << 16);

	for (size_t i = 0; i < n; i++)
		if (facts[i].wanted.len > 0)
			json_set_text(a, out, facts[i].name,
				      is_actual ? facts[i].actual : facts[i].wanted);
	json_write(&text, out, (struct json_style){ S(""), S("") });
	return buf_view(&text);
}

static str facts_as_lines(struct arena *a, const struct platform_fact *facts, size_t n)
{
	struct str_buf out = str_buf(a, 1 << 16);
	int longest = 0;

	for (size_t i = 0; i < n; i++)
		if (facts[i].wanted.len > 0)
			longest = MAX(longest, (int)strlen(facts[i].name));
	for (size_t i = 0; i < n; i++) {
		const struct platform_fact *f = &facts[i];
		int gap = longest - (int)strlen(f->name) + 1;

		if (f->wanted.len > 0)
			buf_printf(&out, "%sValid %s:%*s" STR_FMT "\nActual %s:%*s" STR_FMT,
				   out.len ? "\n" : "", f->name, gap + 1, "", STR_ARG(f->wanted),
				   f->name, gap, "", STR_ARG(f->actual));
	}
	return buf_view(&out);
}

static struct err *platform_mismatch(struct ideal *b, const struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct manifest *m = n->manifest;
	const struct platform *p = &b->opts->real_platform;
	const struct platform_fact facts[] = { { "os", join_list(tmp, m->os), p->os },
					       { "cpu", join_list(tmp, m->cpu), p->cpu },
					       { "libc", join_list(tmp, m->libc), p->libc } };
	str id = package_id(tmp, n);
	size_t count = ARRAY_LEN(facts);

	return err_detail(err_new(E_BAD_PLATFORM,
				  "Unsupported platform for " STR_FMT ": wanted " STR_FMT
				  " (current: " STR_FMT ")",
				  STR_ARG(str_slice(id, 1, id.len - 1)),
				  STR_ARG(facts_as_json(tmp, facts, count, false)),
				  STR_ARG(facts_as_json(tmp, facts, count, true))),
			  STR_FMT, STR_ARG(facts_as_lines(tmp, facts, count)));
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
