/* SPDX-License-Identifier: MIT
 * Reading the policy file and looking things up in it. See policy.h. An exception that has expired
 * is kept: the rule holds again, and whoever meets it should hear that it once did not. */
#include "cpm/config/policy.h"

#include "cpm/base/fs.h"
#include "cpm/base/glob.h"

#include <time.h>

#define POLICY_MAX_BYTES ((size_t)4 << 20)
#define POLICY_VERSION   1

static const str kind_names[POLICY_KINDS] = {
	[POLICY_ADVISORY] = S("advisory"),
	[POLICY_SCRIPT] = S("script"),
	[POLICY_RELEASE_AGE] = S("release-age"),
	[POLICY_LICENSE] = S("license"),
	[POLICY_GIT] = S("git"),
	[POLICY_REMOTE] = S("remote"),
};

str policy_kind_name(enum policy_kind kind)
{
	return kind_names[kind];
}

bool policy_kind_find(str name, enum policy_kind *out)
{
	for (size_t i = 0; i < POLICY_KINDS; i++)
		if (str_eq(name, kind_names[i])) {
			*out = (enum policy_kind)i;
			return true;
		}
	return false;
}

/* What may be said of an advisory, as CycloneDX 1.5 names it (vulnerabilities.analysis). What is
 * there cannot be said to be resolved. */
static const str states[] = { S("not_affected"), S("false_positive"), S("in_triage"),
			      S("exploitable") };
static const str justifications[] = {
	S("code_not_present"),     S("code_not_reachable"),     S("requires_configuration"),
	S("requires_dependency"),  S("requires_environment"),   S("protected_by_compiler"),
	S("protected_at_runtime"), S("protected_at_perimeter"), S("protected_by_mitigating_control")
};

static bool is_one_of(str text, const str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(text, list[i]))
			return true;
	return false;
}

/* ---- days ---- */

bool policy_is_day(str text)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t year, month, day;

	return text.len == 10 && text.p[4] == '-' && text.p[7] == '-' &&
	       str_to_u64(str_slice(text, 0, 4), &year) &&
	       str_to_u64(str_slice(text, 5, 7), &month) &&
	       str_to_u64(str_slice(text, 8, 10), &day) && month >= 1 && month <= 12 && day >= 1 &&
	       day <= (uint64_t)days[month - 1];
}

str policy_today(struct arena *a)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	return str_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* ---- reading ---- */

static struct err *bad_entry(size_t i, const char *what)
{
	return err_show_as(err_new(E_GENERIC, POLICY_NAME ": exceptions[%zu]: %s", i, what),
			   S("EPOLICY"));
}

static struct err *bad_file(const char *what)
{
	return err_show_as(err_new(E_GENERIC, POLICY_NAME ": %s", what), S("EPOLICY"));
}

static bool is_known_member(str key)
{
	static const str known[] = { S("kind"),  S("what"),    S("path"),  S("reason"),
				     S("owner"), S("expires"), S("state"), S("justification") };

	return is_one_of(key, known, ARRAY_LEN(known));
}

static struct err *check_members(const struct json *v, size_t i)
{
	if (!json_is(v, JSON_OBJECT))
		return bad_entry(i, "an exception is an object");
	for (size_t j = 0; j < v->count; j++) {
		if (!is_known_member(v->members[j].key))
			return bad_entry(
				i, "its members are kind, what, path, reason, owner, expires, "
				   "state and justification");
		if (!json_is(v->members[j].val, JSON_STRING) ||
		    str_is_empty(v->members[j].val->string))
			return bad_entry(i, "every member is a text that says something");
	}
	return NULL;
}

/* Where a package lies is not known yet when its version or its source is judged. */
static bool has_place(enum policy_kind kind)
{
	return kind == POLICY_ADVISORY || kind == POLICY_SCRIPT || kind == POLICY_LICENSE;
}

/* What is claimed has to be a claim that others understand. */
static struct err *check_claim(const struct policy_entry *e, size_t i)
{
	if (str_is_null(e->state) && str_is_null(e->justification))
		return NULL;
	if (e->kind != POLICY_ADVISORY)
		return bad_entry(i, "state and justification: only advisory exceptions have them");
	if (!is_one_of(e->state, states, ARRAY_LEN(states)))
		return bad_entry(i, "state is one of not_affected, false_positive, in_triage, "
				    "exploitable; a justification needs one");
	if (str_is_null(e->justification))
		return NULL;
	if (!str_eq(e->state, S("not_affected")))
		return bad_entry(i, "justification: only what is not_affected has one");
	if (!is_one_of(e->justification, justifications, ARRAY_LEN(justifications)))
		return bad_entry(i, "justification is one of CycloneDX's words, as "
				    "code_not_reachable or protected_at_perimeter");
	return NULL;
}

static struct err *read_entry(const struct json *v, size_t i, str today, struct policy_entry *out)
{
	TRY(check_members(v, i));
	*out = (struct policy_entry){
		.what = json_get_text(v, "what"),
		.path = json_get_text(v, "path"),
		.reason = json_get_text(v, "reason"),
		.owner = json_get_text(v, "owner"),
		.expires = json_get_text(v, "expires"),
		.state = json_get_text(v, "state"),
		.justification = json_get_text(v, "justification"),
	};
	if (!policy_kind_find(json_get_text(v, "kind"), &out->kind))
		return bad_entry(
			i, "kind is one of advisory, script, release-age, license, git, remote");
	if (!str_is_null(out->path) && !has_place(out->kind))
		return bad_entry(i, "path: only advisory, script and license exceptions have one; "
				    "the others hold everywhere");
	if (str_is_null(out->what))
		return bad_entry(i, "what: it does not say what it is for");
	if (str_is_null(out->reason) || str_is_null(out->owner))
		return bad_entry(i, "reason and owner: it does not say why, or who answers for it");
	if (str_is_null(out->expires) || !policy_is_day(out->expires))
		return bad_entry(i, "expires: a day is needed, as 2027-01-31");
	out->is_expired = str_cmp(out->expires, today) < 0;
	return check_claim(out, i);
}

struct err *policy_parse(struct arena *a, str text, str today, struct policy **out)
{
	struct policy *p = ARENA_NEW(a, struct policy);
	const struct json *list, *version;

	TRY_AS(json_parse(a, text, &p->doc), "cannot read " POLICY_NAME);
	p->text = text;
	p->style = json_style_of(text);
	version = json_get(p->doc, "version");
	list = json_get(p->doc, "exceptions");
	if (!json_is(p->doc, JSON_OBJECT) || !json_is(version, JSON_NUMBER) ||
	    version->number != POLICY_VERSION)
		return bad_file("\"version\" has to be 1");
	for (size_t i = 0; i < p->doc->count; i++)
		if (!str_eq(p->doc->members[i].key, S("version")) &&
		    !str_eq(p->doc->members[i].key, S("exceptions")) &&
		    !str_eq(p->doc->members[i].key, S("$schema")))
			return bad_file("its members are version and exceptions");
	if (list && !json_is(list, JSON_ARRAY))
		return bad_file("\"exceptions\" has to be an array");
	for (size_t i = 0; list && i < list->count; i++) {
		struct policy_entry e;

		TRY(read_entry(list->items[i], i, today, &e));
		VEC_PUSH(a, &p->entries, e);
	}
	*out = p;
	return NULL;
}

struct err *policy_read(struct arena *a, int dirfd, struct policy **out)
{
	str text;

	*out = NULL;
	if (!fs_exists(dirfd, POLICY_NAME))
		return NULL;
	TRY(fs_read_all(a, dirfd, POLICY_NAME, POLICY_MAX_BYTES, &text));
	return policy_parse(a, text, policy_today(a), out);
}

/* ---- looking up ---- */

static bool is_named(struct arena *tmp, const struct policy_entry *e, str what)
{
	unsigned nocase = e->kind == POLICY_LICENSE ? GLOB_NOCASE : 0;

	return str_eq(e->what, what) || (nocase && str_eq_nocase(e->what, what)) ||
	       glob_match_with(tmp, e->what, what, GLOB_DOT | nocase);
}

static bool is_there(struct arena *tmp, const struct policy_entry *e, str path)
{
	return str_is_null(e->path) || str_eq(e->path, path) ||
	       (!str_is_null(path) && glob_match_with(tmp, e->path, path, GLOB_DOT));
}

const struct policy_entry *policy_find(const struct policy *p, enum policy_kind kind, str what,
				       str path, bool is_expired)
{
	ARENA_SCOPE(tmp);

	for (size_t i = 0; p && i < p->entries.len; i++) {
		const struct policy_entry *e = &p->entries.items[i];

		if (e->kind == kind && e->is_expired == is_expired && is_named(tmp, e, what) &&
		    is_there(tmp, e, path))
			return e;
	}
	return NULL;
}

const struct policy_entry *policy_find_advisory(const struct policy *p, str id, str url, str path,
						bool is_expired)
{
	const struct policy_entry *e = NULL;

	if (!str_is_null(id))
		e = policy_find(p, POLICY_ADVISORY, id, path, is_expired);
	if (e || str_is_null(url))
		return e;
	return policy_find(p, POLICY_ADVISORY, str_from(url, str_rfind_char(url, '/') + 1), path,
			   is_expired);
}

const struct policy_entry *policy_use(struct policy *p, enum policy_kind kind, str what, str path)
{
	const struct policy_entry *e = policy_find(p, kind, what, path, false),
				  *found = e ? e : policy_find(p, kind, what, path, true);

	if (found)
		p->entries.items[found - p->entries.items].is_used = true;
	return e;
}
