/* SPDX-License-Identifier: MIT
 * A review for a terminal, for a comment below a pull request, and for programs. Names, licences
 * and people come from packages, so each form makes them harmless in its own way. */
#include "review.h"

#include "policy_run.h"

#include "cpm/config/cfg_date.h"
#include "cpm/ui/ui_words.h"

/* ---- what all forms say ---- */

static const char *kind_word(const struct lock_change *c)
{
	static const char *const words[] = {
		[LOCK_ADDED] = "added",
		[LOCK_REMOVED] = "removed",
		[LOCK_CHANGED] = "changed",
		[LOCK_REPLACED] = "replaced",
	};

	return words[c->kind];
}

static str versions_text(struct arena *a, const struct lock_change *c)
{
	if (c->kind != LOCK_CHANGED)
		return node_version(c->after ? c->after : c->before);
	return str_printf(a, STR_FMT " to " STR_FMT "%s", STR_ARG(node_version(c->before)),
			  STR_ARG(node_version(c->after)),
			  c->direction > 0   ? " (up)"
			  : c->direction < 0 ? " (down)"
					     : "");
}

static str size_text(struct arena *a, const struct review_facts *f)
{
	str after = ui_bytes(a, f->bytes_after);

	return f->bytes_before > 0 ? str_printf(a, STR_FMT ", was " STR_FMT, STR_ARG(after),
						STR_ARG(ui_bytes(a, f->bytes_before)))
				   : after;
}

static str note_text(const struct review *r, const struct review_note *n)
{
	return n->exception ? str_printf(r->ctx->arena, STR_FMT ", " STR_FMT, STR_ARG(n->text),
					 STR_ARG(policy_entry_text(r->ctx->arena, n->exception)))
			    : n->text;
}

/* "published 3 days ago by x; 12 kB": not remarkable, but one wants to know. */
static str facts_text(const struct review *r, const struct review_item *item)
{
	struct arena *a = r->ctx->arena;
	const struct review_facts *f = &item->facts;
	struct str_buf out = str_buf(a, 4096);
	int64_t ms;

	if (cfg_date_ms(f->time, &ms))
		buf_printf(&out, "published " STR_FMT, STR_ARG(ui_age(a, r->ctx->started_ms, ms)));
	if (f->publisher.len)
		buf_printf(&out, "%sby " STR_FMT, out.len ? " " : "published ",
			   STR_ARG(f->publisher));
	if (f->bytes_after > 0)
		buf_printf(&out, "%s" STR_FMT, out.len ? "; " : "", STR_ARG(size_text(a, f)));
	return buf_view(&out);
}

static size_t count_kind(const struct review *r, enum lock_change_kind kind)
{
	size_t count = 0;

	VEC_EACH (const struct review_item, item, &r->items)
		count += item->change->kind == kind;
	return count;
}

static str summary_text(const struct review *r)
{
	if (!r->items.len)
		return str_printf(r->ctx->arena, "No package has changed since " STR_FMT ".",
				  STR_ARG(r->ref));
	return str_printf(r->ctx->arena,
			  "Since " STR_FMT ": %zu added, %zu removed, %zu changed, %zu replaced.",
			  STR_ARG(r->ref), count_kind(r, LOCK_ADDED), count_kind(r, LOCK_REMOVED),
			  count_kind(r, LOCK_CHANGED), count_kind(r, LOCK_REPLACED));
}

/* What this review cannot know; null when it knows all. */
static str limits_text(const struct review *r)
{
	if (!r->items.len)
		return STR_NULL;
	if (!r->was_asked)
		return S("The registry was not asked, because of --offline: ages, sizes, "
			 "maintainers "
			 "and provenance are not known.");
	if (!r->nunknown)
		return STR_NULL;
	return str_printf(r->ctx->arena,
			  "The registry does not tell of %zu of these packages: their ages, sizes, "
			  "maintainers and provenance are not known.",
			  r->nunknown);
}

/* ---- text ---- */

static void add_item_text(const struct review *r, struct str_buf *out,
			  const struct review_item *item)
{
	struct arena *a = r->ctx->arena;
	const struct lock_change *c = item->change;
	bool is_colored = r->ctx->screen->term.out_color;
	str facts = facts_text(r, item);

	buf_printf(out, "%-8s ", kind_word(c));
	paint_text(out, is_colored, PAINT_BOLD, c->name);
	buf_add_char(out, ' ');
	paint_text(out, false, PAINT_RESET, versions_text(a, c));
	buf_add_char(out, '\n');
	VEC_EACH (const struct review_note, n, &item->notes) {
		if (!n->text.len)
			continue;
		buf_printf(out, "         %c ", n->exception ? '-' : '!');
		paint_text(out, is_colored && !n->exception, PAINT_YELLOW, note_text(r, n));
		buf_add_char(out, '\n');
	}
	if (facts.len) {
		buf_add_cstr(out, "         ");
		paint_text(out, false, PAINT_RESET, facts);
		buf_add_char(out, '\n');
	}
}

str review_text(const struct review *r)
{
	struct str_buf out = str_buf(r->ctx->arena, SIZE_MAX);
	str limits = limits_text(r);

	paint_text(&out, false, PAINT_RESET, summary_text(r));
	if (r->items.len)
		buf_add_cstr(&out, "\n\n");
	VEC_EACH (const struct review_item, item, &r->items)
		add_item_text(r, &out, item);
	if (limits.len)
		buf_printf(&out, "\n" STR_FMT, STR_ARG(limits));
	return str_trim(buf_view(&out));
}

/* ---- Markdown ---- */

/* Nothing in it ends a cell, begins a link or a tag, or calls somebody by name. */
static void add_cell(const struct review *r, struct str_buf *out, str text)
{
	str safe = log_escape(r->ctx->arena, log_redact(r->ctx->arena, text));

	for (size_t i = 0; i < safe.len; i++) {
		char c = safe.p[i];

		if (c == '\n' || c == '\r')
			buf_add_char(out, ' ');
		else if (c == '<' || c == '&' || c == '@')
			buf_printf(out, "&#%d;", c);
		else if (strchr("\\`*_[]|~#", c) && c)
			buf_printf(out, "\\%c", c);
		else
			buf_add_char(out, c);
	}
}

static void add_item_row(const struct review *r, struct str_buf *out,
			 const struct review_item *item)
{
	const struct lock_change *c = item->change;
	bool is_first = true;
	str facts = facts_text(r, item);

	buf_printf(out, "| %s | ", kind_word(c));
	add_cell(r, out, c->name);
	buf_add_cstr(out, " | ");
	add_cell(r, out, versions_text(r->ctx->arena, c));
	buf_add_cstr(out, " | ");
	VEC_EACH (const struct review_note, n, &item->notes) {
		if (!n->text.len)
			continue;
		buf_printf(out, "%s%s", is_first ? "" : "<br>", n->exception ? "" : "**");
		add_cell(r, out, note_text(r, n));
		buf_add_cstr(out, n->exception ? "" : "**");
		is_first = false;
	}
	if (facts.len) {
		buf_add_cstr(out, is_first ? "" : "<br>");
		add_cell(r, out, facts);
	}
	buf_add_cstr(out, " |\n");
}

/* Something about it is remarkable, and nobody has answered it yet. */
static bool is_remarkable(const struct review_item *item)
{
	VEC_EACH (const struct review_note, n, &item->notes)
		if (n->text.len && !n->exception)
			return true;
	return false;
}

static size_t count_remarkable(const struct review *r)
{
	size_t count = 0;

	VEC_EACH (const struct review_item, item, &r->items)
		count += is_remarkable(item);
	return count;
}

static void add_rows(const struct review *r, struct str_buf *out, bool are_remarkable)
{
	buf_add_cstr(out, "\n\n| change | package | version | look at |\n|---|---|---|---|\n");
	VEC_EACH (const struct review_item, item, &r->items)
		if (is_remarkable(item) == are_remarkable)
			add_item_row(r, out, item);
}

/* What has to be looked at is in sight; hundreds of other rows would hide it. */
str review_markdown(const struct review *r)
{
	struct str_buf out = str_buf(r->ctx->arena, SIZE_MAX);
	size_t remarkable = count_remarkable(r), others = r->items.len - remarkable;
	str limits = limits_text(r);

	add_cell(r, &out, summary_text(r));
	if (r->items.len && !remarkable && !limits.len)
		buf_add_cstr(&out, " Nothing about them is remarkable.");
	if (remarkable)
		add_rows(r, &out, true);
	if (others) {
		buf_printf(&out, "%s<details><summary>%zu %s package%s</summary>",
			   remarkable ? "\n" : "\n\n", others, remarkable ? "other" : "changed",
			   others == 1 ? "" : "s");
		add_rows(r, &out, false);
		buf_add_cstr(&out, "\n</details>\n");
	}
	if (limits.len)
		buf_printf(&out, "\n" STR_FMT, STR_ARG(limits));
	return str_trim(buf_view(&out));
}

/* ---- JSON ---- */

static struct json *text_or_null(struct arena *a, str s)
{
	return s.len ? json_new_string(a, s) : json_new(a, JSON_NULL);
}

static struct json *number_or_null(struct arena *a, double n)
{
	return n > 0 ? json_new_number(a, n) : json_new(a, JSON_NULL);
}

static struct json *texts_json(struct arena *a, const str *items, size_t count)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < count; i++)
		json_append(a, list, json_new_string(a, items[i]));
	return list;
}

static struct json *side_json(struct arena *a, const struct node *n, str license, double bytes)
{
	struct json *out;

	if (!n)
		return json_new(a, JSON_NULL);
	out = json_new(a, JSON_OBJECT);
	json_set_text(a, out, "version", node_version(n));
	json_set(a, out, S("resolved"), text_or_null(a, n->resolved));
	json_set(a, out, S("integrity"), text_or_null(a, n->integrity));
	json_set(a, out, S("license"), text_or_null(a, license));
	json_set(a, out, S("hasInstallScript"), json_new_bool(a, n->has_install_script));
	json_set(a, out, S("unpackedSize"), number_or_null(a, bytes));
	return out;
}

static struct json *notes_json(struct arena *a, const struct review_item *item)
{
	struct json *list = json_new(a, JSON_ARRAY);

	VEC_EACH (const struct review_note, n, &item->notes) {
		struct json *one = json_new(a, JSON_OBJECT);

		json_set_text(a, one, "kind", str_view(review_words[n->word]));
		json_set(a, one, S("text"), text_or_null(a, n->text));
		if (n->exception)
			json_set(a, one, S("exception"), policy_entry_json(a, n->exception));
		json_append(a, list, one);
	}
	return list;
}

static struct json *item_json(struct arena *a, const struct review_item *item)
{
	const struct lock_change *c = item->change;
	const struct review_facts *f = &item->facts;
	struct json *out = json_new(a, JSON_OBJECT);

	json_set_text(a, out, "change", str_view(kind_word(c)));
	json_set_text(a, out, "name", c->name);
	json_set(a, out, S("direction"),
		 text_or_null(a, c->direction > 0 ? S("up")
				 : c->direction   ? S("down")
						  : STR_NULL));
	json_set(a, out, S("before"), side_json(a, c->before, c->license_before, f->bytes_before));
	json_set(a, out, S("after"), side_json(a, c->after, c->license_after, f->bytes_after));
	json_set(a, out, S("known"), json_new_bool(a, f->is_known));
	json_set(a, out, S("published"), text_or_null(a, f->time));
	json_set(a, out, S("publisher"), text_or_null(a, f->publisher));
	json_set(a, out, S("provenance"),
		 f->is_known ? json_new_bool(a, f->has_provenance) : json_new(a, JSON_NULL));
	json_set(a, out, S("maintainersLost"), texts_json(a, f->lost.items, f->lost.len));
	json_set(a, out, S("maintainersJoined"), texts_json(a, f->joined.items, f->joined.len));
	json_set(a, out, S("notes"), notes_json(a, item));
	return out;
}

struct json *review_json(const struct review *r)
{
	struct arena *a = r->ctx->arena;
	struct json *out = json_new(a, JSON_OBJECT), *changes = json_new(a, JSON_ARRAY);

	VEC_EACH (const struct review_item, item, &r->items)
		json_append(a, changes, item_json(a, item));
	json_set_text(a, out, "ref", r->ref);
	json_set(a, out, S("registryAsked"), json_new_bool(a, r->was_asked));
	json_set(a, out, S("newHosts"), texts_json(a, r->diff.hosts.items, r->diff.hosts.len));
	json_set(a, out, S("changes"), changes);
	return out;
}
