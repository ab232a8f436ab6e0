/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cmd_priv.h"

static str described(struct arena *a, const struct cmd *cmd, struct err *e)
{
	error_lines summary = { 0 }, detail = { 0 };
	struct str_buf out = str_buf(a, 1 << 16);

	cmd_error_describe(a, cmd, e, &summary, &detail);
	VEC_EACH (struct error_line, l, &summary)
		buf_printf(&out, "[" STR_FMT "] " STR_FMT "\n", STR_ARG(l->title),
			   STR_ARG(l->text));
	VEC_EACH (struct error_line, l, &detail)
		buf_printf(&out, "  [" STR_FMT "] " STR_FMT "\n", STR_ARG(l->title),
			   STR_ARG(l->text));
	err_free(e);
	return buf_view(&out);
}

TEST(lines_have_npms_titles)
{
	ARENA_SCOPE(tmp);
	CHECK_STR(described(tmp, NULL, err_new(E_GENERIC, "plain")), S("[] plain\n"), "generic");
	CHECK_STR(described(tmp, NULL, err_detail(err_new(E_NOT_FOUND, "Not Found"), "more")),
		  S("[404] Not Found\n  [404] more\n"), "404");
	CHECK_STR(described(tmp, NULL, err_wrap(err_new(E_GENERIC, "inner"), "outer")),
		  S("[] outer\n  [cause] inner\n"), "cause");
}

TEST(a_missing_lockfile_is_told_under_the_name_of_the_command)
{
	ARENA_SCOPE(tmp);
	static const struct cmd ls = { .name = "ls" };

	CHECK_STR(described(tmp, &ls, err_show_as(err_new(E_GENERIC, "no lock"), S("ENOLOCK"))),
		  S("[ls] no lock\n"), "the command that failed");
}

TEST(json_has_code_summary_and_detail_without_secrets)
{
	ARENA_SCOPE(tmp);
	struct err *e = err_detail(err_new(E_TARGET, "No match at https://me:s3cret@h/"), "line");
	struct json *v = cmd_error_json(tmp, NULL, e);

	CHECK_STR(json_get_text(v, "code"), S("ETARGET"), "code");
	CHECK(str_find(json_get_text(v, "summary"), S("s3cret")) == STR_NPOS, "redacted");
	CHECK_STR(json_get_text(v, "detail"), S("line"), "detail");
	err_free(e);
}

UNIT_TESTS(TESTED(lines_have_npms_titles), TESTED(a_missing_lockfile_is_told_under_the_name_of_the_command),
	   TESTED(json_has_code_summary_and_detail_without_secrets))
