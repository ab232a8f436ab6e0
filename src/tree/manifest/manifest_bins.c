/* SPDX-License-Identifier: MIT
 * The commands of a package. Names and files come from strangers and end up as links in
 * node_modules/.bin, so each is cut down to what cannot leave the package (T15, T25) before
 * anything else sees it. */
#include "manifest_priv.h"

#include "cpm/base/map.h"

static bool is_separator(char c)
{
	return c == '/' || c == '\\' || c == ':';
}

/* Cuts the last component off the path under construction. */
static void drop_last(struct str_buf *path)
{
	size_t slash = str_rfind_char(buf_view(path), '/');

	path->len = slash == STR_NPOS ? 0 : slash;
}

str manifest_secure_path(struct arena *a, str path)
{
	struct str_buf out = str_buf(a, path.len + 1);

	for (size_t from = 0, to; from < path.len; from = to + 1) {
		for (to = from; to < path.len && !is_separator(path.p[to]);)
			to++;
		str part = str_slice(path, from, to);

		if (str_eq(part, S(".."))) {
			drop_last(&out);
		} else if (part.len && !str_eq(part, S("."))) {
			if (out.len)
				buf_add_char(&out, '/');
			buf_add(&out, part);
		}
	}
	/* As path.join(): a trailing slash stays. */
	if (out.len && is_separator(path.p[path.len - 1]))
		buf_add_char(&out, '/');
	return buf_view(&out);
}

static str last_component(str path)
{
	while (path.len && path.p[path.len - 1] == '/')
		path.len--;
	size_t slash = str_rfind_char(path, '/');

	return slash == STR_NPOS ? path : str_from(path, slash + 1);
}

static str safe_name(struct arena *a, str name)
{
	return last_component(manifest_secure_path(a, name));
}

/* Nothing to do for this pair: the usual case, and the reason why most packages need no map. */
static bool is_plain(struct bin bin)
{
	bool after_slash = true;

	if (!bin.name.len || !bin.target.len || bin.name.p[0] == '.')
		return false;
	for (size_t i = 0; i < bin.name.len; i++)
		if (is_separator(bin.name.p[i]))
			return false;
	for (size_t i = 0; i < bin.target.len; i++) {
		char c = bin.target.p[i];

		if (c == '\\' || c == ':' || (after_slash && (c == '.' || c == '/')))
			return false;
		after_slash = c == '/';
	}
	return !after_slash;
}

#define FEW 32

static bool are_plain(const struct bin *raw, size_t count)
{
	if (count > FEW)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_plain(raw[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (str_eq(raw[i].name, raw[k].name))
				return false;
	}
	return true;
}

/* Visits the pairs as npm's loop does: a pair under a bad name moves to the end under its good one,
 * unless that name is there already, which then keeps its place and takes the new target. */
static size_t clean_pairs(struct arena *a, struct bin *raw, size_t count)
{
	ARENA_SCOPE(tmp);
	struct map targets;
	str *names = ARENA_ARRAY(tmp, str, count);
	size_t kept = 0;

	map_init(&targets, tmp);
	for (size_t i = 0; i < count; i++) {
		names[i] = raw[i].name;
		map_put(&targets, names[i], &raw[i].target);
	}
	for (size_t i = 0; i < count; i++) {
		const str *target = map_get(&targets, names[i]);
		str name = safe_name(a, names[i]);
		str *safe = ARENA_NEW(tmp, str);

		*safe = target ? manifest_secure_path(a, *target) : STR_NULL;
		if (!safe->len || !name.len) {
			map_del(&targets, names[i]);
			continue;
		}
		if (!str_eq(name, names[i]))
			map_del(&targets, names[i]);
		map_put(&targets, name, safe);
	}
	/* The targets point into raw[]: copied before it is written. */
	struct bin *clean = ARENA_ARRAY(tmp, struct bin, targets.count);

	for (struct map_iter it = map_iter(&targets); map_next(&it);)
		clean[kept++] = (struct bin){ it.key, *(const str *)it.val };
	memcpy(raw, clean, kept * sizeof(*raw));
	return kept;
}

void manifest_set_bins(struct arena *a, struct manifest *m, struct bin *raw, size_t count)
{
	m->bins = raw;
	m->nbins = are_plain(raw, count) ? count : clean_pairs(a, raw, count);
}
