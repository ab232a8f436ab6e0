/* SPDX-License-Identifier: MIT
 * The policy: entries, and which packages each is about. Twin of arborist's script-allowed.js. */
#include "cpm/tree/script_policy.h"

#include "cpm/base/digest.h"
#include "cpm/base/log.h"
#include "cpm/base/semver.h"

struct rule {
	const struct spec *key;
	enum script_verdict verdict;
	str text;      /* the key as it was written */
	str integrity; /* of the only packages that it allows; null: of any */
};

struct script_policy {
	struct arena *arena;
	str where;
	VEC(struct rule) rules;
	struct policy *exceptions; /* or NULL */
};

/* A copy in a linked layout has the edges of what it is a copy of. */
static struct node *original(struct node *n)
{
	return n->tree && n->tree->is_isolated && n->stands_for ? n->stands_for : n;
}

/* ---- keys ---- */

const struct spec *script_key_parse(struct arena *a, str key, str where)
{
	struct spec *spec;
	struct err *e = spec_parse_arg(a, key, where, &spec);

	if (!e)
		return spec;
	err_ignore(e);
	return NULL;
}

bool script_key_is_name_only(const struct spec *key)
{
	if (key->type == SPEC_TAG)
		return true;
	return key->type == SPEC_RANGE &&
	       (str_is_empty(key->raw) || str_eq(str_trim(key->raw), S("*")));
}

/* "1.0.0 || 1.1.0" */
static bool lists_exact_versions(str text)
{
	for (size_t bar; !str_is_null(text);
	     text = bar == STR_NPOS ? STR_NULL : str_from(text, bar + 2)) {
		bar = str_find(text, S("||"));
		str part = str_trim(bar == STR_NPOS ? text : str_slice(text, 0, bar));

		if (part.len == 0 || !semver_is_valid(part, SEMVER_STRICT))
			return false;
	}
	return true;
}

static bool is_range_of_exact_versions(const struct spec *key)
{
	return key->type == SPEC_RANGE && lists_exact_versions(key->fetch_spec);
}

/* ---- the policy ---- */

struct script_policy *script_policy_new(struct arena *a, str where)
{
	struct script_policy *p = ARENA_NEW(a, struct script_policy);

	p->arena = a;
	p->where = where;
	return p;
}

void script_policy_add(struct script_policy *p, str key, enum script_verdict verdict,
		       const char *source)
{
	const struct spec *spec = script_key_parse(p->arena, key, p->where);

	if (!spec) {
		log_warn("install-scripts", "%s: ignoring unparseable entry \"" STR_FMT "\"",
			 source, STR_ARG(key));
		return;
	}
	if (spec->type == SPEC_TAG) {
		log_warn("install-scripts",
			 "%s: ignoring \"" STR_FMT "\" — dist-tag specs (@latest, @next, ...) are "
			 "not allowed; use exact versions joined by "
			 "\"||\", or the bare package name, instead",
			 source, STR_ARG(key));
		return;
	}
	if (spec->type == SPEC_RANGE && !script_key_is_name_only(spec) &&
	    !is_range_of_exact_versions(spec)) {
		log_warn("install-scripts",
			 "%s: ignoring \"" STR_FMT
			 "\" — semver ranges (^, ~, >=, <) are not allowed; use exact versions "
			 "joined by \"||\" instead",
			 source, STR_ARG(key));
		return;
	}
	VEC_PUSH(p->arena, &p->rules, (struct rule){ spec, verdict, key, STR_NULL });
}

void script_policy_tie(struct script_policy *p, str key, str integrity)
{
	VEC_EACH (struct rule, r, &p->rules)
		if (str_eq(r->text, key))
			r->integrity = str_is_null(integrity) ? S("") : integrity;
}

/* Hashes that can be forged prove nothing. */
static bool has_content(const struct rule *r, const struct node *n)
{
	ARENA_SCOPE(tmp);
	struct integrity wanted, has;

	if (str_is_null(r->integrity))
		return true;
	integrity_parse(tmp, r->integrity, &wanted);
	integrity_parse(tmp, n->integrity, &has);
	for (size_t i = 0; i < has.count; i++)
		if (has.items[i].algo >= DIGEST_SHA256 && integrity_has(&wanted, &has.items[i]))
			return true;
	return false;
}

bool script_policy_is_empty(const struct script_policy *p)
{
	return !p || p->rules.len == 0;
}

static enum script_verdict verdict_of_rules(const struct script_policy *p, struct node *n)
{
	enum script_verdict verdict = SCRIPTS_UNREVIEWED;

	VEC_EACH (const struct rule, r, &p->rules) {
		if (!script_key_matches(r->key, n, r->verdict == SCRIPTS_DENIED))
			continue;
		if (r->verdict == SCRIPTS_DENIED)
			return SCRIPTS_DENIED;
		if (r->verdict == SCRIPTS_ALLOWED && has_content(r, n))
			verdict = SCRIPTS_ALLOWED;
	}
	return verdict;
}

/* ---- exceptions ---- */

void script_policy_except(struct script_policy *p, struct policy *exceptions)
{
	p->exceptions = exceptions;
}

void script_policy_names(struct arena *a, struct node *n, str names[2])
{
	struct script_identity id;

	n = original(n);
	names[0] = names[1] = STR_NULL;
	if (node_is_registry_dep(n)) {
		if (!script_identity_trusted(n, &id))
			return;
		names[0] = id.name;
		if (id.version.len)
			names[1] = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(id.name),
					      STR_ARG(id.version));
	} else if (str_starts(n->resolved, S("http:")) || str_starts(n->resolved, S("https:"))) {
		names[0] = n->resolved; /* its file may be called like another's */
	} else {
		names[0] = script_key_named(a, n);
		names[1] = script_key_pinned(a, n);
		if (str_is_null(names[0]) && n->resolved.len)
			names[0] = n->resolved;
	}
}

static bool is_excepted(const struct script_policy *p, struct node *n)
{
	ARENA_SCOPE(tmp);
	str names[2];

	if (!p->exceptions)
		return false;
	script_policy_names(tmp, n, names);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!str_is_null(names[i]) && policy_find(p->exceptions, POLICY_SCRIPT, names[i],
							  original(n)->location, false))
			return true;
	return false;
}

void script_policy_note(const struct script_policy *p, struct node *n)
{
	ARENA_SCOPE(tmp);
	str names[2];

	if (!p || !p->exceptions || node_in_bundle(n) ||
	    verdict_of_rules(p, n) != SCRIPTS_UNREVIEWED)
		return;
	script_policy_names(tmp, n, names);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!str_is_null(names[i]) &&
		    policy_use(p->exceptions, POLICY_SCRIPT, names[i], original(n)->location))
			return;
}

enum script_verdict script_policy_verdict(const struct script_policy *p, struct node *n)
{
	enum script_verdict verdict;

	if (!p || node_in_bundle(n))
		return SCRIPTS_UNREVIEWED;
	verdict = verdict_of_rules(p, n);
	return verdict == SCRIPTS_UNREVIEWED && is_excepted(p, n) ? SCRIPTS_ALLOWED : verdict;
}

/* ---- packages from a registry ---- */

static bool matches_registry(const struct spec *key, struct node *n, bool is_deny)
{
	struct script_identity id;

	if (!node_is_registry_dep(n) || !script_identity_trusted(n, &id) ||
	    !str_eq(id.name, key->name))
		return false;
	if (key->type == SPEC_TAG)
		return false;
	if (script_key_is_name_only(key))
		return true;
	if (key->type == SPEC_RANGE && !is_range_of_exact_versions(key))
		return false;
	if (str_is_null(id.version))
		return is_deny;
	return key->type == SPEC_VERSION
		       ? str_eq(id.version, key->fetch_spec)
		       : range_satisfies(id.version, key->fetch_spec, SEMVER_LOOSE);
}

/* ---- others ---- */

/* Every text that says where @n comes from: what it was resolved to, else the links that lead to
 * it, and its path. */
typedef VEC(str) str_vec;

static str_vec sources_of(struct arena *a, struct node *n)
{
	str_vec out = { 0 };

	if (!str_is_empty(n->resolved)) {
		VEC_PUSH(a, &out, n->resolved);
		if (str_starts(n->resolved, S("file:")) && n->tree)
			VEC_PUSH(a, &out, spec_resolved(a, n->resolved, n->tree->path, STR_NULL));
		return out;
	}
	for (size_t i = 0; i < n->links_in.len; i++)
		VEC_PUSH(a, &out, node_link_resolved(a, n->links_in.items[i]));
	if (out.len > 0) {
		VEC_PUSH(a, &out, n->real_path);
		VEC_PUSH(a, &out, n->path);
	}
	return out;
}

static bool matches_source(const struct spec *key, struct node *n)
{
	ARENA_SCOPE(tmp);
	str_vec sources = sources_of(tmp, n);
	str with_scheme = str_concat(tmp, S("file:"), key->fetch_spec);

	VEC_EACH (str, s, &sources)
		if (str_eq(*s, key->fetch_spec) || str_eq(*s, with_scheme) ||
		    (!str_is_empty(key->save_spec) && str_eq(*s, key->save_spec)))
			return true;
	return false;
}

static bool is_same_repository(const struct spec *a, const struct spec *b)
{
	if (a->is_hosted && b->is_hosted)
		return str_eq(a->host, b->host) && str_eq(a->user, b->user) &&
		       str_eq(a->project, b->project);
	return !str_is_empty(a->fetch_spec) && str_eq(a->fetch_spec, b->fetch_spec);
}

/* The repository that @n was cloned from, or NULL. */
static const struct spec *repository_of(struct arena *a, const struct node *n)
{
	const struct spec *spec = str_starts(n->resolved, S("git"))
					  ? script_key_parse(a, n->resolved, S("/"))
					  : NULL;

	return spec && spec->type == SPEC_GIT ? spec : NULL;
}

/* People write short commits, lockfiles whole ones: the locked one must begin with what was
 * written, never the reverse. */
static bool matches_git(const struct spec *key, struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct spec *from = repository_of(tmp, n);

	if (!from || !is_same_repository(key, from))
		return false;
	if (str_is_empty(key->committish))
		return true;
	return !str_is_empty(from->committish) && str_starts(from->committish, key->committish);
}

bool script_key_matches(const struct spec *key, struct node *n, bool is_deny)
{
	n = original(n);
	switch (key->type) {
	case SPEC_VERSION:
	case SPEC_RANGE:
	case SPEC_TAG:
		return matches_registry(key, n, is_deny);
	case SPEC_GIT:
		return matches_git(key, n);
	case SPEC_FILE:
	case SPEC_DIRECTORY:
	case SPEC_REMOTE:
		return matches_source(key, n);
	default:
		return false;
	}
}

bool script_key_targets(const struct spec *key, struct node *n)
{
	ARENA_SCOPE(tmp);
	struct script_identity id;
	const struct spec *from;

	n = original(n);
	switch (key->type) {
	case SPEC_VERSION:
	case SPEC_RANGE:
	case SPEC_TAG:
		return script_identity_trusted(n, &id) && str_eq(id.name, key->name);
	case SPEC_GIT:
		from = repository_of(tmp, n);
		return from && key->is_hosted && from->is_hosted && is_same_repository(key, from);
	case SPEC_FILE:
	case SPEC_DIRECTORY:
	case SPEC_REMOTE:
		return matches_source(key, n);
	default:
		return false;
	}
}

/* ---- keys for packages ---- */

static str hosted_key(struct arena *a, const struct spec *from, bool with_commit)
{
	str base = str_printf(a, STR_FMT ":" STR_FMT "%s" STR_FMT, STR_ARG(from->host),
			      STR_ARG(from->user), str_is_empty(from->user) ? "" : "/",
			      STR_ARG(from->project));

	if (!with_commit || str_is_empty(from->committish))
		return base;
	return str_printf(a, STR_FMT "#" STR_FMT, STR_ARG(base), STR_ARG(from->committish));
}

static str local_key(struct arena *a, struct node *n)
{
	str_vec sources = sources_of(a, n);
	str first = sources.len > 0 ? sources.items[0] : S("");

	return str_starts(first, S("file:")) || str_starts(first, S("/")) ? first : STR_NULL;
}

str script_key_pinned(struct arena *a, struct node *n)
{
	struct script_identity id;

	n = original(n);
	if (str_starts(n->resolved, S("git"))) {
		const struct spec *from = repository_of(a, n);
		return from && from->is_hosted ? hosted_key(a, from, true) : STR_NULL;
	}
	if (str_starts(n->resolved, S("http:")) || str_starts(n->resolved, S("https:")))
		return script_identity_trusted(n, &id) && !str_is_null(id.version)
			       ? str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(id.name),
					    STR_ARG(id.version))
			       : STR_NULL;
	return local_key(a, n);
}

str script_key_named(struct arena *a, struct node *n)
{
	struct script_identity id;

	n = original(n);
	if (str_starts(n->resolved, S("git"))) {
		const struct spec *from = repository_of(a, n);
		return from && from->is_hosted ? hosted_key(a, from, false) : STR_NULL;
	}
	str local = local_key(a, n);
	if (!str_is_null(local))
		return local;
	return script_identity_trusted(n, &id) ? id.name : STR_NULL;
}

/* ---- identity ---- */

/* What is before and behind the last @sep; false when there is none. */
static bool split_last(str text, str sep, str *before, str *behind)
{
	size_t last = STR_NPOS;

	for (size_t from = 0, at; (at = str_find(str_from(text, from), sep)) != STR_NPOS;
	     from += at + 1)
		last = from + at;
	if (last == STR_NPOS)
		return false;
	*before = str_slice(text, 0, last);
	*behind = str_from(text, last + sep.len);
	return true;
}

/* ".../@scope/name/-/name-1.0.0.tgz" */
static bool identity_of_url(struct arena *a, str url, struct script_identity *out)
{
	str path, file, name, scope = S("");
	struct semver version;

	if (!str_starts(url, S("http")) || !str_ends(url, S(".tgz")) ||
	    !split_last(url, S("/-/"), &path, &file) || str_find_any(file, "/?#") != STR_NPOS)
		return false;
	path = str_replace_all(a, str_replace_all(a, path, S("%2f"), S("/")), S("%2F"), S("/"));
	if (!split_last(path, S("/"), &path, &name) || str_ends(path, S(":/")))
		return false;
	(void)split_last(path, S("/"), &path, &scope);
	if (!str_starts(file, str_concat(a, name, S("-"))))
		return false;
	str text = str_slice(file, name.len + 1, file.len - 4);
	if (!semver_parse(a, text, SEMVER_STRICT, &version))
		return false;
	if (str_starts(scope, S("@")))
		name = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(scope), STR_ARG(name));
	text = str_slice(text, 0, str_find_char(text, '+'));
	*out = (struct script_identity){ name, text };
	return true;
}

/* Whoever depends on it knows what it is called; the folder may be an alias. */
static bool identity_of_edges(struct node *n, struct script_identity *out)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct spec *spec;
		struct err *e = edge_parse_spec(n->edges_in.items[i], &spec);

		if (e) {
			err_ignore(e);
			continue;
		}
		if (!spec_is_registry(spec))
			continue;
		*out = (struct script_identity){ .name = spec_target(spec)->name };
		if (str_is_null(out->name))
			out->name = n->edges_in.items[i]->name;
		return true;
	}
	return false;
}

bool script_identity_trusted(struct node *n, struct script_identity *out)
{
	n = original(n);
	return (!str_is_empty(n->resolved) && n->tree &&
		identity_of_url(n->tree->arena, n->resolved, out)) ||
	       identity_of_edges(n, out);
}

struct script_identity script_identity_shown(struct node *n)
{
	struct script_identity id = { 0 };

	if (!script_identity_trusted(n, &id))
		id.name = n->name;
	if (str_is_null(id.version) && !str_is_empty(node_version(n)))
		id.version = node_version(n);
	return id;
}
