/* SPDX-License-Identifier: MIT
 * Any text as a spec and as an argument: each kind has what it promises, names stay in their folder (T15), and printing
 * a repository gives a spec of the same repository. */
#include "cpm/tree/spec.h"

#include "cpm/base/path.h"

#define WHERE S("/w/here")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static void check_name(str name)
{
	str scope = name, rest;

	must(path_is_inside(name) && name.p[0] != '.' && name.len <= 214);
	if (str_cut(&scope, '/', &rest) && !str_is_null(scope))
		must(name.p[0] == '@' && str_find_char(scope, '/') == STR_NPOS);
}

/* What package.json would hold means the same repository. */
static void check_repository(struct arena *a, const struct spec *s)
{
	struct spec *again = NULL;
	struct err *e = spec_resolve(a, S("n"), s->save_spec, WHERE, &again);

	must(s->project.len > 0);
	if (!e && again->is_hosted)
		must(str_eq(again->host, s->host));
	err_free(e);
}

static void check(struct arena *a, const struct spec *s)
{
	if (!str_is_null(s->name))
		check_name(s->name);
	switch (s->type) {
	case SPEC_VERSION:
	case SPEC_RANGE:
		must(s->range != NULL && !str_is_null(s->fetch_spec));
		break;
	case SPEC_ALIAS:
		must(s->sub && spec_is_registry(s->sub) && s->sub->type != SPEC_ALIAS && s->sub->name.len);
		check_name(s->sub->name);
		break;
	case SPEC_FILE:
	case SPEC_DIRECTORY:
		must(path_is_absolute(s->fetch_spec) && str_starts(s->save_spec, S("file:")));
		break;
	case SPEC_GIT:
		if (s->is_hosted)
			check_repository(a, s);
		break;
	default:
		must(!str_is_null(s->fetch_spec));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	str text = str_of((const char *)data, size);
	struct spec *s;
	struct err *e = spec_resolve(a, S("n"), text, WHERE, &s);

	if (!e)
		check(a, s);
	err_free(e);
	e = spec_parse_arg(a, text, WHERE, &s);
	if (!e)
		check(a, s);
	err_free(e);
	if (spec_is_valid_name(text))
		check_name(text);
	spec_resolved(a, text, WHERE, STR_NULL);
	return 0;
}
