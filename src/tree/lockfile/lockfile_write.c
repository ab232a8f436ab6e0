/* SPDX-License-Identifier: MIT
 * A tree into the bytes npm would write (npm-tree.md 10). Entries are written straight from nodes
 * and manifests (lockfile_entry.c), no document is built in between: a lockfile of 1,500 packages
 * is text within a few milliseconds. What versions 1 and 2 have besides is in lockfile_legacy.c. */
#include "cpm/tree/lockfile.h"
#include "lockfile_entry.h"
#include "lockfile_legacy.h"
#include "lockfile_priv.h"

#include "cpm/base/log.h"

#define ENTRY_BYTES ((size_t)512) /* on the average less */

/* ---- which nodes have entries ---- */

static bool is_in_node_modules(str location)
{
	return str_starts(location, S("node_modules/")) ||
	       str_find(location, S("/node_modules/")) != STR_NPOS;
}

/* A folder that was a workspace or a file: dependency once. */
static bool is_stale_folder(const struct node *n)
{
	return n->extraneous && !is_in_node_modules(n->location) &&
	       (!n->fs_parent || n->fs_parent->is_root);
}

/* Of linked layouts npm records what is in the store, and not what came inside of that. */
static bool is_recorded(struct node *n)
{
	if (!node_is_store_entry(n))
		return !node_in_dep_bundle(n);
	for (struct map_iter it = map_iter(&n->children); map_next(&it);)
		if (!((struct node *)it.val)->inert)
			return true;
	return false;
}

static bool is_shown(const struct emitter *w, struct node *n)
{
	const struct lockfile_opts *o = w->opts;

	if (n->is_root || !n->location.len || is_stale_folder(n))
		return false;
	if (w->tree->is_isolated && !is_recorded(n))
		return false;
	if (n->inert && (o->is_hidden || !node_version(n).len))
		return false;
	return !o->is_hidden || !node_is_omitted(n, o->omit_dev, o->omit_optional, o->omit_peer);
}

static void write_entry(struct emitter *w, struct node *n)
{
	size_t from = w->out.len + !w->is_first; /* behind the comma */

	if (lockfile_entry_emit(w, n) && !n->is_root)
		VEC_PUSH(w->arena, &w->packages, (struct emitted){ n, from, w->out.len });
}

/* Entries by location; a folder called "1" even comes before the root. */
static void write_packages(struct emitter *w)
{
	struct node **nodes = ARENA_ARRAY(w->arena, struct node *, w->tree->inventory.count + 1);
	str *locations = ARENA_ARRAY(w->arena, str, w->tree->inventory.count + 1);
	size_t count = 0, *order;

	if (!w->opts->is_hidden) {
		locations[count] = S("");
		nodes[count++] = w->tree->root;
	}
	for (struct map_iter it = map_iter(&w->tree->inventory); map_next(&it);)
		if (is_shown(w, it.val)) {
			nodes[count] = it.val;
			locations[count] = nodes[count]->location;
			count++;
		}
	order = w->opts->is_in_tree_order ? NULL : lockfile_order_keys(w->arena, locations, count);
	emit_open(w, '{');
	for (size_t i = 0; i < count; i++)
		write_entry(w, nodes[order ? order[i] : i]);
	emit_close(w, '}');
}

/* As they stand in @from, which has them all. */
static void copy_packages(struct emitter *w, const struct emitter *from)
{
	emit_open(w, '{');
	VEC_EACH (const struct emitted, e, &from->packages)
		if (is_shown(w, e->node))
			emit_copy(w, str_of(from->out.p + e->from, e->to - e->from));
	emit_close(w, '}');
}

/* ---- the file ---- */

/* package.json decides; without one it is the old lockfile, whose indentation only the hidden one
 * takes over. */
static struct json_style file_style(const struct tree *t, const struct lockfile_opts *opts)
{
	struct json_style old = t->lockfile ? t->lockfile->style : JSON_STYLE_DEFAULT, style = old;

	if (t->is_isolated)
		return JSON_STYLE_DEFAULT;
	if (!opts->is_formatted && !opts->is_hidden)
		return (struct json_style){ S(""), S("") };
	if (opts->has_manifest)
		style = opts->style;
	else if (!opts->is_hidden)
		style.indent = S("  ");
	if (!style.indent.len)
		style.indent = S("  ");
	if (!style.newline.len)
		style.newline = S("\n");
	style.indent = str_slice(style.indent, 0, LOCKFILE_MAX_INDENT);
	return style;
}

int lockfile_version_for(const struct tree *t, const struct lockfile_opts *opts)
{
	int old = t->lockfile ? t->lockfile->version : 0;

	if (opts->is_hidden)
		return LOCKFILE_DEFAULT_VERSION;
	if (opts->version)
		return opts->version;
	return old > 1 ? old : LOCKFILE_DEFAULT_VERSION;
}

/* Older clients would drop repairs without a word: a higher version makes them stop. */
static bool has_repairs(const struct tree *t, bool *has_patches)
{
	bool is_extended = !str_is_empty(t->extensions_hash);

	*has_patches = false;
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		*has_patches |= n->patched != NULL;
		is_extended |= n->extended_by != NULL;
	}
	return is_extended;
}

static int raise_version(const struct tree *t, const struct lockfile_opts *opts, int version)
{
	bool has_patches, is_extended = has_repairs(t, &has_patches);

	if (version >= LOCKFILE_REPAIRS_VERSION || (!has_patches && !is_extended))
		return version;
	if (!opts->is_hidden)
		log_warn("shrinkwrap",
			 "%s lockfileVersion %d; upgrading the lockfile from version %d.",
			 has_patches ? "patchedDependencies requires"
				     : "manifest extensions require",
			 LOCKFILE_REPAIRS_VERSION, version);
	return LOCKFILE_REPAIRS_VERSION;
}

/* The hidden lockfile has a version of its own, but says the project's name only where
 * package-lock.json does. */
static bool says_name(const struct tree *t, const struct lockfile_opts *opts)
{
	struct lockfile_opts shown = *opts;

	if (t->is_isolated || (opts->is_hidden && opts->was_not_saved))
		return false;
	shown.is_hidden = false;
	return raise_version(t, opts, lockfile_version_for(t, &shown)) < LOCKFILE_REPAIRS_VERSION;
}

/* Top-level members that stand in front of `packages` and behind it: what the old file had, brought
 * up to date. */
static struct json *top_members(struct arena *a, const struct tree *t, int version, bool says_name)
{
	const struct node *root = t->root;
	struct json *top = json_new(a, JSON_OBJECT);
	const struct json *old = t->lockfile ? t->lockfile->top : NULL;

	for (size_t i = 0; old && i < old->count; i++)
		json_set(a, top, old->members[i].key, old->members[i].val);
	if (says_name) {
		json_set_text(a, top, "name",
			      root->manifest->name.len ? root->manifest->name : root->name);
		if (root->manifest->version.len)
			json_set_text(a, top, "version", root->manifest->version);
	}
	json_set(a, top, S("lockfileVersion"), json_new_number(a, version));
	json_set(a, top, S("requires"), json_new_bool(a, true));
	/* Placeholders: their place is that of any object. */
	json_del(top, S("packages"));
	json_del(top, S("dependencies"));
	if (version >= 2)
		json_set(a, top, S("packages"), json_new(a, JSON_OBJECT));
	if (version <= 2)
		json_set(a, top, S("dependencies"), json_new(a, JSON_OBJECT));
	return lockfile_sort_nice(a, top);
}

/* A text that grows by doubling touches four times the memory that it needs. */
static size_t likely_bytes(const struct tree *t, const struct emitter *same)
{
	return same ? same->out.len : ENTRY_BYTES * (t->inventory.count + 1);
}

/* Text in @a. @same: an emitter that has written the same packages in the same style, or NULL. */
static void write_document(struct emitter *w, struct arena *a, struct arena *scratch,
			   const struct tree *t, const struct lockfile_opts *opts,
			   const struct emitter *same)
{
	bool has_name = says_name(t, opts);
	int version = lockfile_version_for(t, opts);
	struct json *top;

	if (!opts->is_hidden && !has_name && !t->is_isolated)
		version = LOCKFILE_REPAIRS_VERSION;
	top = top_members(scratch, t, version, has_name);

	emit_init(w, a, scratch, file_style(t, opts));
	(void)buf_reserve(&w->out, likely_bytes(t, same));
	w->tree = t;
	w->opts = opts;
	emit_open(w, '{');
	for (size_t i = 0; i < top->count; i++) {
		str key = top->members[i].key;

		if (str_eq(key, S("dependencies"))) {
			legacy_emit(w);
			continue;
		}
		emit_key(w, key);
		if (!str_eq(key, S("packages")))
			emit_json(w, top->members[i].val);
		else if (same)
			copy_packages(w, same);
		else
			write_packages(w);
	}
	emit_close(w, '}');
	if (w->style.indent.len)
		buf_add(&w->out, w->style.newline);
}

static struct err *text_of(const struct emitter *w, str *out)
{
	if (w->out.overflow)
		return err_new(E_TOO_BIG, "the lockfile would be larger than 1 GiB");
	*out = buf_view(&w->out);
	return NULL;
}

struct err *lockfile_format(struct arena *a, const struct tree *t, const struct lockfile_opts *opts,
			    str *out)
{
	ARENA_SCOPE(tmp);
	struct emitter w;

	write_document(&w, a, tmp, t, opts, NULL);
	return text_of(&w, out);
}

static bool is_same_style(struct json_style a, struct json_style b)
{
	return str_eq(a.indent, b.indent) && str_eq(a.newline, b.newline);
}

struct err *lockfile_format_both(struct arena *a, const struct tree *t,
				 const struct lockfile_opts *opts, str *out, str *hidden)
{
	ARENA_SCOPE(tmp);
	struct lockfile_opts hidden_opts = *opts;
	struct emitter w, h;
	bool has_same;

	hidden_opts.is_hidden = true;
	write_document(&w, a, tmp, t, opts, NULL);
	has_same = w.packages.len && is_same_style(w.style, file_style(t, &hidden_opts));
	write_document(&h, a, tmp, t, &hidden_opts, has_same ? &w : NULL);
	TRY(text_of(&w, out));
	return text_of(&h, hidden);
}
