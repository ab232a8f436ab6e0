/* SPDX-License-Identifier: MIT
 * What an installation says at its end (npm-cli.md 2.2, 4.6). Scripts in CI systems read these
 * lines, so words, commas and counts are npm's. */
#include "install_stages.h"
#include "allow_scripts.h"

#include "cpm/tree/funding.h"

#include <time.h>

/* ---- time and counts ---- */

str install_format_ms(struct arena *a, int64_t ms)
{
	static const struct {
		int64_t unit_ms;
		char letter;
	} units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ms >= units[i].unit_ms)
			return str_printf(
				a, "%lld%c",
				(long long)((ms + units[i].unit_ms / 2) / units[i].unit_ms),
				units[i].letter);
	return str_printf(a, "%lldms", (long long)ms);
}

static void add_part(struct str_buf *out, const char *verb, size_t count, const char *separator)
{
	if (count > 0)
		buf_printf(out, "%s%s %zu package%s", separator, verb, count,
			   count == 1 ? "" : "s");
}

str install_changes_text(struct arena *a, const struct install_counts *c)
{
	struct str_buf out = str_buf(a, 256);
	bool is_short = c->audited == 0;

	if (c->added + c->removed + c->changed == 0) {
		buf_add_cstr(&out, "up to date");
		add_part(&out, "audited", c->audited, ", ");
		return buf_view(&out);
	}
	add_part(&out, "added", c->added, "");
	add_part(&out, "removed", c->removed,
		 !c->added                 ? ""
		 : is_short && !c->changed ? ", and "
					   : ", ");
	add_part(&out, "changed", c->changed,
		 !(c->added + c->removed) ? ""
		 : is_short               ? ", and "
					  : ", ");
	add_part(&out, "audited", c->audited, ", and ");
	return buf_view(&out);
}

static bool is_counted_add(const struct diff_entry *e)
{
	return e->action == DIFF_ADD && !e->ideal->inert;
}

/* Of a linked layout npm counts packages that are new to it and what it repairs, and nothing that
 * goes. */
static struct install_counts count_linked(const struct install *in)
{
	struct install_counts c = { 0 };

	for (size_t i = 0; in->diff && i < in->diff->count; i++) {
		const struct node *from = in->diff->items[i].actual, *to = in->diff->items[i].ideal;

		if (from && to && str_eq(from->real_path, to->real_path))
			c.changed++;
		else
			c.added += to && !to->is_link && !to->inert;
	}
	return c;
}

static struct install_counts count_hoisted(const struct install *in)
{
	struct install_counts c = { 0 };

	for (size_t i = 0; in->diff && i < in->diff->count; i++) {
		c.added += is_counted_add(&in->diff->items[i]);
		c.removed += in->diff->items[i].action == DIFF_REMOVE;
		c.changed += in->diff->items[i].action == DIFF_CHANGE;
	}
	return c;
}

size_t install_added(const struct install *in)
{
	return count_linked(in).added;
}

static struct install_counts count_changes(const struct install *in)
{
	bool is_linked = in->disk && in->disk->is_isolated;
	struct install_counts c = is_linked ? count_linked(in) : count_hoisted(in);

	if (in->noop.is_proven)
		c.added = in->noop.report.added;
	c.audited = in->audit.report ? audit_package_count(in->audit.report) : 0;
	return c;
}

static int64_t elapsed_ms(const struct install *in)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 - in->ctx->started_ms;
}

/* ---- funding ---- */

size_t install_funding(struct install *in)
{
	if (in->noop.is_proven)
		return in->noop.report.funding;
	if (!in->knows_funding && !in->is_global && cfg_bool(in->ctx->cfg, CFG_FUND))
		in->funding = install_count_funding(in->ctx->arena, in->ideal);
	in->knows_funding = true;
	return in->funding;
}

size_t install_count_funding(struct arena *a, const struct tree *t)
{
	struct map seen;
	node_vec agenda = { 0 };
	size_t count = 0;

	map_init(&seen, a);
	VEC_PUSH(a, &agenda, t->root);
	while (agenda.len > 0) {
		struct node *from = VEC_POP(&agenda);
		for (struct map_iter it = map_iter(&from->edges_out); map_next(&it);) {
			const struct edge *e = it.val;
			struct node *n = e->to ? e->to->target : NULL;
			if (!n || n->inert)
				continue;
			str name = node_package_name(n), version = node_version(n);
			str key = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name),
					     STR_ARG(version));
			if (map_put(&seen, key, n))
				continue;
			count += funding_is_valid(n->manifest->funding);
			VEC_PUSH(a, &agenda, n);
		}
	}
	return count;
}

/* ---- blocked scripts ---- */

static void add_ways_to_allow(struct str_buf *out, struct arena *a,
			      const struct reify_result *result, bool is_global)
{
	str *names = ARENA_ARRAY(a, str, result->blocked.len);

	if (!is_global) {
		buf_add_cstr(out,
			     "\nRun `npm install-scripts ls` to review, or `npm install-scripts "
			     "approve <pkg>` to allow.");
		return;
	}
	for (size_t i = 0; i < result->blocked.len; i++)
		names[i] = script_identity_shown(result->blocked.items[i].node).name;
	str list = str_join(a, names, result->blocked.len, S(","));
	str command = allow_scripts_setting_command(a, names, result->blocked.len);
	buf_printf(out,
		   "\nRun `npm install -g --allow-scripts=" STR_FMT
		   "` to allow these scripts once, or " STR_FMT
		   " to allow them for all global installs.",
		   STR_ARG(list), STR_ARG(command));
}

str install_blocked_text(struct arena *a, const struct reify_result *result, bool is_global)
{
	struct str_buf out = str_buf(a, 1 << 20);

	if (result->blocked.len == 0)
		return STR_NULL;
	buf_printf(&out,
		   "%zu package%s had install scripts blocked because they are not covered by "
		   "allowScripts:\n",
		   result->blocked.len, result->blocked.len == 1 ? "" : "s");
	VEC_EACH (const struct blocked_scripts, b, &result->blocked) {
		struct script_identity id = script_identity_shown(b->node);
		str scripts = install_scripts_text(a, &b->scripts);

		buf_printf(&out, "  " STR_FMT "%s" STR_FMT " (" STR_FMT ")\n", STR_ARG(id.name),
			   id.version.len ? "@" : "", STR_ARG(id.version), STR_ARG(scripts));
	}
	add_ways_to_allow(&out, a, result, is_global);
	return buf_view(&out);
}

/* ---- text ---- */

/* What a package without a usable package.json has; npm prints what JavaScript has then. */
static str shown_version(struct arena *a, const struct node *n)
{
	str version = n ? node_version(n) : STR_NULL;

	return n && str_is_empty(version) ? S("undefined") : log_escape(a, version);
}

static void print_diff(const struct install *in)
{
	bool color = in->ctx->screen->term.out_color;
	struct arena *a = in->ctx->arena;
	const char *reset = paint(color, PAINT_RESET);

	for (size_t i = 0; in->diff && i < in->diff->count; i++) {
		const struct diff_entry *e = &in->diff->items[i];
		const struct node *n = e->ideal ? e->ideal : e->actual;
		str name = log_escape(a, n->name);
		str from = shown_version(a, e->actual), to = shown_version(a, e->ideal);
		str line = STR_NULL;
		switch (e->action) {
		case DIFF_ADD:
			line = str_printf(a, "%sadd%s " STR_FMT " " STR_FMT,
					  paint(color, PAINT_GREEN), reset, STR_ARG(name),
					  STR_ARG(to));
			break;
		case DIFF_REMOVE:
			line = str_printf(a, "%sremove%s " STR_FMT " " STR_FMT,
					  paint(color, PAINT_BLUE), reset, STR_ARG(name),
					  STR_ARG(from));
			break;
		case DIFF_CHANGE:
			line = str_printf(a, "%schange%s " STR_FMT " " STR_FMT " => " STR_FMT,
					  paint(color, PAINT_CYAN), reset, STR_ARG(name),
					  STR_ARG(from), STR_ARG(to));
			break;
		}
		out_text(in->ctx->out, line);
	}
}

/* After a fix all of it is told: whoever asks for it would only be sent to ask again. */
static str audit_text(const struct install *in)
{
	str (*format)(struct arena *, const struct json *, bool) = audit_summary_text;

	if (in->req->fixes)
		format = audit_report_text;
	return format(in->ctx->arena, in->audit.report, in->ctx->screen->term.out_color);
}

static void report_text(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct install_counts counts = count_changes(in);
	str changes = install_changes_text(ctx->arena, &counts);
	str took = install_format_ms(ctx->arena, elapsed_ms(in));
	str blocked = in->noop.is_proven
			      ? in->noop.report.blocked
			      : install_blocked_text(ctx->arena, &in->result, in->is_global);

	if (in->is_dry_run || cfg_bool(ctx->cfg, CFG_LONG))
		print_diff(in);
	out_line(ctx->out, "\n" STR_FMT " in " STR_FMT, STR_ARG(changes), STR_ARG(took));
	size_t funding = install_funding(in);
	if (funding > 0)
		out_line(ctx->out,
			 "\n%zu package%s looking for funding\n  run `npm fund` for details",
			 funding, funding == 1 ? " is" : "s are");
	if (in->audit.report)
		out_text(ctx->out, str_concat(ctx->arena, S("\n"), audit_text(in)));
	if (blocked.len > 0)
		log_warn("install-scripts", STR_FMT, STR_ARG(blocked));
}

/* ---- JSON ---- */

static void set_count(struct arena *a, struct json *o, const char *key, size_t n)
{
	json_set(a, o, str_view(key), json_new_number(a, (double)n));
}

static struct json *describe_node(struct arena *a, const struct node *n)
{
	struct json *o = json_new(a, JSON_OBJECT);

	json_set_text(a, o, "name", n->name);
	if (!str_is_empty(node_version(n)))
		json_set_text(a, o, "version", node_version(n));
	json_set_text(a, o, "path", n->path);
	return o;
}

static struct json *describe_change(struct arena *a, const struct diff_entry *e)
{
	struct json *o = json_new(a, JSON_OBJECT);

	json_set(a, o, S("from"), describe_node(a, e->actual));
	json_set(a, o, S("to"), describe_node(a, e->ideal));
	return o;
}

struct json *install_blocked_json(struct arena *a, const struct reify_result *result)
{
	struct json *list = json_new(a, JSON_ARRAY);

	VEC_EACH (const struct blocked_scripts, b, &result->blocked) {
		struct script_identity id = script_identity_shown(b->node);
		struct json *o = json_new(a, JSON_OBJECT);

		json_set_text(a, o, "name", id.name);
		json_set(a, o, S("version"),
			 str_is_null(id.version) ? json_new(a, JSON_NULL)
						 : json_new_string(a, id.version));
		json_set_text(a, o, "path", b->node->path);
		json_set(a, o, S("scripts"), install_scripts_json(a, &b->scripts));
		json_append(a, list, o);
	}
	return list;
}

static void report_json(struct install *in)
{
	struct arena *a = in->ctx->arena;
	struct json *add = json_new(a, JSON_ARRAY), *change = json_new(a, JSON_ARRAY),
		    *removed = json_new(a, JSON_ARRAY);
	struct install_counts counts = count_changes(in);
	struct json *o = json_new(a, JSON_OBJECT);

	for (size_t i = 0; in->diff && i < in->diff->count; i++) {
		const struct diff_entry *e = &in->diff->items[i];
		if (is_counted_add(e))
			json_append(a, add, describe_node(a, e->ideal));
		else if (e->action == DIFF_CHANGE)
			json_append(a, change, describe_change(a, e));
		else if (e->action == DIFF_REMOVE)
			json_append(a, removed, describe_node(a, e->actual));
	}
	json_set(a, o, S("add"), add);
	set_count(a, o, "added", counts.added);
	set_count(a, o, "audited", counts.audited);
	json_set(a, o, S("change"), change);
	set_count(a, o, "changed", counts.changed);
	set_count(a, o, "funding", install_funding(in));
	json_set(a, o, S("remove"), removed);
	set_count(a, o, "removed", counts.removed);
	if (in->audit.report)
		json_set(a, o, S("audit"),
			 in->req->fixes ? in->audit.report
					: json_get(in->audit.report, "metadata"));
	if (in->noop.is_proven && in->noop.report.blocked_json)
		json_set(a, o, S("unreviewedScripts"), in->noop.report.blocked_json);
	else if (in->result.blocked.len > 0)
		json_set(a, o, S("unreviewedScripts"), install_blocked_json(a, &in->result));
	out_json(in->ctx->out, o);
}

void install_report(struct install *in)
{
	if (cmd_ctx_is_silent(in->ctx))
		return;
	if (in->ctx->out->is_json)
		report_json(in);
	else
		report_text(in);
}
