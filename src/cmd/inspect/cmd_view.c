/* SPDX-License-Identifier: MIT
 * view: what the registry knows about a package (npm-cli.md 2.3.11). */
#include "cmd_priv.h"

#include "cpm/tree/package_file.h"
#include "cpm/ui/ui_inspect.h"
#include "project_members.h"
#include "view_query.h"
#include "view_text.h"

#define SHOWN_DEPTH 5

/* ---- values ---- */

/* { name, email, url } and little else is a person, who is shown as text. */
static bool is_person(const struct json *v)
{
	bool has_email = json_is_truthy(json_get(v, "email")),
	     has_url = json_is_truthy(json_get(v, "url"));

	if (!json_is(v, JSON_OBJECT) || v->count > 3 || !json_is_truthy(json_get(v, "name")))
		return false;
	return v->count == 1 || (v->count == 3 && has_email && has_url) ||
	       (v->count == 2 && (has_email || has_url)) ||
	       json_is_truthy(json_get(v, "trustedPublisher"));
}

static struct json *person_text(struct arena *a, struct json *v)
{
	if (!is_person(v))
		return v;
	return json_new_string(a, view_person(a, json_get_text(v, "name"),
					      json_get_text(v, "email"), json_get_text(v, "url")));
}

static struct json *clean(struct arena *a, struct json *v)
{
	struct json *list;

	if (!json_is(v, JSON_ARRAY))
		return person_text(a, v);
	list = json_new(a, JSON_ARRAY);
	for (size_t i = 0; i < v->count; i++)
		json_append(a, list, person_text(a, v->items[i]));
	return list;
}

/* ---- JSON ---- */

/* A value that is not there counts as a member here and is left out of what is printed. */
static struct json *json_of_match(struct arena *a, const struct view_match *m, bool is_whole)
{
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; is_whole && i < m->merged->count; i++)
		json_set(a, out, m->merged->members[i].key, clean(a, m->merged->members[i].val));
	VEC_EACH (struct json_found, f, &m->found)
		json_set(a, out, f->label, f->val ? clean(a, f->val) : NULL);
	return out;
}

static struct json *without_undefined(struct arena *a, const struct json *object)
{
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < object->count; i++)
		if (object->members[i].val)
			json_set(a, out, object->members[i].key, object->members[i].val);
	return out;
}

/* Always a list; of the bare values when one field was found, which is not wrapped again when it is
 * a list itself. NULL: nothing to print. */
static struct json *json_of_result(struct arena *a, const struct view_result *r, bool is_whole)
{
	struct json *list = json_new(a, JSON_ARRAY);
	str only = STR_NULL;

	VEC_EACH (struct view_match, m, &r->matches) {
		struct json *one = json_of_match(a, m, is_whole);
		if (m == r->matches.items && !is_whole && one->count == 1)
			only = one->members[0].key;
		one = str_is_null(only) ? without_undefined(a, one) : json_get_str(one, only);
		json_append(a, list, one ? one : json_new(a, JSON_NULL));
	}
	if (list->count == 1 && json_is(list->items[0], JSON_ARRAY))
		return list->items[0];
	return list->count ? list : NULL;
}

/* ---- text ---- */

static str inspected(const struct cmd_ctx *ctx, const struct json *v)
{
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);
	struct inspect_opts opts = { .depth = SHOWN_DEPTH,
				     .is_colored = ctx->screen->term.out_color };

	ui_inspect(&out, v, &opts);
	return buf_view(&out);
}

/* One text alone is printed as it is. Versions are named when there are several, fields from the
 * first version on that has several. */
static void print_fields(struct cmd_ctx *ctx, const struct view_result *r)
{
	struct arena *a = ctx->arena;
	struct str_buf out = str_buf(a, SIZE_MAX);
	bool names_version = r->matches.len > 1, names_field = false;

	VEC_EACH (struct view_match, m, &r->matches) {
		names_field = names_field || m->found.len > 1;
		VEC_EACH (struct json_found, f, &m->found) {
			struct json *v = f->val ? clean(a, f->val) : NULL;
			bool is_plain = json_is(v, JSON_STRING) && !names_version && !names_field;
			if (names_version)
				buf_printf(&out, STR_FMT "@" STR_FMT " ", STR_ARG(r->name),
					   STR_ARG(m->version));
			if (names_field)
				buf_printf(&out, STR_FMT " = ", STR_ARG(f->label));
			buf_add(&out, is_plain ? v->string : inspected(ctx, v));
			buf_add_char(&out, '\n');
		}
	}
	str text = str_trim_js(buf_view(&out));
	if (text.len > 0)
		out_line(ctx->out, STR_FMT, STR_ARG(text));
}

static void print_pages(struct cmd_ctx *ctx, const struct view_result *r)
{
	VEC_EACH (struct view_match, m, &r->matches)
		out_line(ctx->out, STR_FMT,
			 STR_ARG(view_text(ctx, r->packument, m->merged, ctx->started_ms)));
}

/* ---- one package ---- */

/* @member: the workspace that the answer belongs to, or null. */
static struct err *view_package(struct cmd_ctx *ctx, str spec, const str *fields, size_t nfields,
				str member)
{
	struct arena *a = ctx->arena;
	bool is_json = ctx->out->is_json, is_whole = nfields == 0;
	struct view_result result;

	if (!is_json && !is_whole && member.len > 0)
		out_line(ctx->out, STR_FMT ":", STR_ARG(member));
	TRY(view_query(ctx, spec, fields, nfields, &result));
	if (!is_json) {
		is_whole ? print_pages(ctx, &result) : print_fields(ctx, &result);
		return NULL;
	}
	struct json *list = json_of_result(a, &result, is_whole),
		    *by_member = json_new(a, JSON_OBJECT);
	if (!list)
		return NULL;
	json_set(a, by_member, member, list);
	out_json(ctx->out, member.len > 0 ? by_member : list);
	return NULL;
}

static struct err *name_here(struct cmd_ctx *ctx, str *name)
{
	struct package_file f;

	if (cfg_is_global(ctx->cfg))
		return err_new(E_GENERIC, "Cannot use view command in global mode.");
	TRY(package_file_read(ctx->arena, cfg_local_prefix(ctx->cfg), &f));
	*name = json_get_text(f.content, "name");
	if (name->len == 0)
		return err_new(E_GENERIC, "Invalid package.json, no \"name\" field");
	return NULL;
}

/* ---- members ---- */

/* A member that was never published is reported and does not keep the others from being shown. */
static struct err *report_missing(struct cmd_ctx *ctx, str member, struct err *e,
				  struct json *errors, int *exit_status)
{
	if (!err_is(e, E_NOT_FOUND))
		return e;
	if (ctx->out->is_json)
		json_set(ctx->arena, errors, member, cmd_error_json(ctx->arena, ctx->cmd, e));
	else
		cmd_error_report(ctx->arena, ctx->cmd, e);
	*exit_status = err_exit_status(e);
	err_free(e);
	return NULL;
}

static struct err *view_members(struct cmd_ctx *ctx, const struct workspace_choice *members,
				str tail, const str *fields, size_t nfields, int *exit_status)
{
	struct arena *a = ctx->arena;
	struct json *errors = json_new(a, JSON_OBJECT), *document = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < members->count; i++) {
		str name = members->items[i].name;
		struct err *e = view_package(ctx, str_concat(a, name, tail), fields, nfields, name);
		if (e)
			TRY(report_missing(ctx, name, e, errors, exit_status));
	}
	json_set(a, document, S("error"), errors);
	if (errors->count > 0)
		out_json(ctx->out, document);
	return NULL;
}

static struct err *view_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str pkg = nargs > 0 ? args[0] : S("."), name;
	const str *fields = nargs > 1 ? args + 1 : NULL;
	size_t nfields = nargs > 1 ? nargs - 1 : 0;
	bool is_here = str_eq(pkg, S(".")) || str_starts(pkg, S(".@"));
	struct workspace_choice members;

	TRY(project_members_choose(ctx, &members));
	if (members.is_made && is_here)
		return view_members(ctx, &members, str_from(pkg, 1), fields, nfields, exit_status);
	if (members.is_made)
		log_warn("Ignoring workspaces for specified package(s)", "%s", "");
	if (!is_here)
		return view_package(ctx, pkg, fields, nfields, STR_NULL);
	TRY(name_here(ctx, &name));
	return view_package(ctx, str_concat(ctx->arena, name, str_from(pkg, 1)), fields, nfields,
			    STR_NULL);
}

const struct cmd cmd_view = {
	.name = "view",
	.summary = "View registry info",
	.synopsis = (const char *const[]){ "[<package-spec>] [<field>[.subfield]...]", NULL },
	.aliases = (const char *const[]){ "info", "show", "v", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_NEEDS_NETWORK | CMD_WORKSPACES,
	.doc = "view",
	.run = view_run,
};
