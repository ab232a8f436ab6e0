/* SPDX-License-Identifier: MIT
 * Answers the questions of semver_differential.py with our own semver and range: one line in, one
 * line out, the same form as semver_oracle.js. A line is question, flags and arguments,
 * percent-encoded, a tab between them. */
#include "cpm/base/range.h"

#include <stdio.h>

#define MAX_FIELDS 5

static str decode(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < text.len; i++) {
		unsigned code;

		if (text.p[i] == '%' && sscanf(text.p + i + 1, "%2x", &code) == 1) {
			buf_add_char(&out, (char)code);
			i += 2;
		} else {
			buf_add_char(&out, text.p[i]);
		}
	}
	return buf_view(&out);
}

static str number(struct arena *a, int n)
{
	return str_printf(a, "%d", n);
}

static str claim(bool value)
{
	return value ? S("true") : S("false");
}

static str answer_version(struct arena *a, str question, unsigned flags, const str *args)
{
	struct semver v, w;

	if (!semver_parse(a, args[0], flags, &v))
		return STR_NULL;
	if (str_eq(question, S("valid")))
		return v.text;
	if (!semver_parse(a, args[1], flags, &w))
		return STR_NULL;
	return number(a, str_eq(question, S("build")) ? semver_compare_build(&v, &w)
						      : semver_compare(&v, &w));
}

static str answer_increment(struct arena *a, const str *args)
{
	static const char *const kinds[] = { "major",    "minor",    "patch",     "premajor",
					     "preminor", "prepatch", "prerelease" };
	struct semver v;

	if (!semver_parse(a, args[0], SEMVER_LOOSE, &v))
		return STR_NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq(args[1], str_view(kinds[i])))
			return semver_increment(a, &v, (enum semver_release)i, args[2]);
	return STR_NULL;
}

static str answer_range(struct arena *a, str question, unsigned flags, const str *args)
{
	struct range *r = range_parse(a, args[0], flags), *other;
	struct semver lowest;

	if (!r)
		return STR_NULL;
	if (str_eq(question, S("range")))
		return range_format(a, r);
	if (str_eq(question, S("min")))
		return range_min_version(a, r, &lowest) ? lowest.text : STR_NULL;
	other = range_parse(a, args[1], flags);
	if (!other)
		return STR_NULL;
	return claim(str_eq(question, S("meets")) ? range_intersects(r, other)
						  : range_is_subset(r, other));
}

static str answer(struct arena *a, str question, unsigned flags, const str *args)
{
	if (str_eq(question, S("increment")))
		return answer_increment(a, args);
	if (str_eq(question, S("has")))
		return claim(range_satisfies(args[0], args[1], flags));
	if (str_eq(question, S("range")) || str_eq(question, S("min")) ||
	    str_eq(question, S("meets")) || str_eq(question, S("subset")))
		return answer_range(a, question, flags, args);
	return answer_version(a, question, flags, args);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		str rest = str_of(line, (size_t)len - (line[len - 1] == '\n')), fields[MAX_FIELDS],
		    field, said;
		size_t n = 0;
		ARENA_SCOPE(tmp);

		for (size_t i = 0; i < MAX_FIELDS; i++)
			fields[i] = S("");
		while (n < MAX_FIELDS && str_cut(&rest, '\t', &field))
			fields[n++] = decode(tmp, field);
		said = answer(tmp, fields[0], fields[1].len ? (unsigned)(fields[1].p[0] - '0') : 0,
			      fields + 2);
		printf("%s" STR_FMT "\n", str_is_null(said) ? "none" : "is ", STR_ARG(said));
		fflush(stdout);
	}
	free(line);
	return 0;
}
