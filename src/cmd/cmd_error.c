/* SPDX-License-Identifier: MIT
 * The error report of npm (npm-cli.md 1.6, 1.7): code, what the system said, then summary and
 * detail lines, each with the word that npm puts in front. People and tools search for these lines.
 */
#include "cmd_priv.h"

/* The word in front, and what npm adds below. Codes without a row print their message as it is. */
static const struct {
	enum err_code code;
	const char *title;
	const char *detail;
} rows[] = {
	{ E_NOT_FOUND, "404", NULL },
	{ E_NEED_AUTH, "need auth", "You need to authorize this machine using `npm login`" },
	{ E_FORBIDDEN, "403",
	  "In most cases, you or one of your dependencies are requesting a package version that is "
	  "forbidden by your "
	  "security policy, or on a server you do not have access to." },
	{ E_TARGET, "notarget",
	  "In most cases you or one of your dependencies are requesting a package version that "
	  "doesn't exist." },
	{ E_JSON_PARSE, "JSON.parse",
	  "Failed to parse JSON data.\nNote: package.json must be actual JSON, not just "
	  "JavaScript." },
	{ E_RESOLVE, "ERESOLVE", NULL },
	{ E_BAD_ENGINE, "engine", NULL },
	{ E_BAD_PLATFORM, "notsup", NULL },
	{ E_BAD_DEV_ENGINES, "EBADDEVENGINES", NULL },
	{ E_NO_ENTRY, "enoent", "This is related to npm not being able to find a file.\n" },
	{ E_NO_SPACE, "nospc",
	  "There appears to be insufficient space on your system to finish.\nClear up some disk "
	  "space and try again." },
	{ E_READ_ONLY, "rofs", "The file system is read-only." },
	{ E_ACCESS, "",
	  "\nThe operation was rejected by your operating system.\n"
	  "It is likely you do not have the permissions to access this file as the current user\n\n"
	  "If you believe this might be a permissions issue, please double-check the permissions "
	  "of the file and its containing directories, or try running the command again as "
	  "root/Administrator." },
	{ E_PERMISSION, "",
	  "\nThe operation was rejected by your operating system.\n"
	  "It is likely you do not have the permissions to access this file as the current user\n\n"
	  "If you believe this might be a permissions issue, please double-check the permissions "
	  "of the file and its containing directories, or try running the command again as "
	  "root/Administrator." },
	{ E_CONN_REFUSED, "",
	  "\nIf you are behind a proxy, please make sure that the 'proxy' config is set properly.  "
	  "See: 'npm help config'" },
	{ E_CONN_RESET, "network", NULL },
	{ E_DNS, "network", NULL },
	{ E_TIMEOUT, "network", NULL },
};

static const char network_detail[] =
	"This is a problem related to network connectivity.\n"
	"In most cases you are behind a proxy or have bad network settings.\n\n"
	"If you are behind a proxy, please make sure that the 'proxy' config is set properly.  "
	"See: 'npm help config'";

/* The word in front of the detail, where npm has another one than in front of the summary. */
static str title_of_detail(enum err_code code, str title)
{
	switch (code) {
	case E_RESOLVE: /* only the summary has the word */
		return S("");
	case E_BAD_ENGINE:
		return S("notsup");
	default:
		return title;
	}
}

static void add_lines(struct arena *a, error_lines *out, str title, str text)
{
	if (!str_is_null(text))
		VEC_PUSH(a, out, (struct error_line){ title, text });
}

void cmd_error_describe(struct arena *a, const struct cmd *cmd, const struct err *e,
			error_lines *summary, error_lines *detail)
{
	str title = S(""), more = STR_NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].code != e->code)
			continue;
		title = str_view(rows[i].title);
		more = str_view(rows[i].detail);
		if (str_eq(title, S("network")))
			more = str_view(network_detail);
	}
	if (str_eq(e->shown, S("ENOLOCK")) && cmd)
		title = str_view(cmd->name);
	add_lines(a, summary, title, e->message);
	title = title_of_detail(e->code, title);
	add_lines(a, detail, title, str_is_null(e->detail) ? more : e->detail);
	for (const struct err *cause = e->cause; cause; cause = cause->cause)
		add_lines(a, detail, S("cause"), cause->message);
	add_lines(a, detail, S("signal"), e->signal);
	add_lines(a, detail, S("command"), e->command);
	if (e->output.len > 0)
		add_lines(a, detail, S(""), e->output);
	if (err_hint(e).len > 0)
		add_lines(a, detail, S(""), err_hint(e));
}

static str join_lines(struct arena *a, const error_lines *lines)
{
	str *texts = ARENA_ARRAY(a, str, lines->len);

	for (size_t i = 0; i < lines->len; i++)
		texts[i] = lines->items[i].text;
	return str_trim_js(str_join(a, texts, lines->len, S("\n")));
}

struct json *cmd_error_json(struct arena *a, const struct cmd *cmd, const struct err *e)
{
	error_lines summary = { 0 }, detail = { 0 };
	struct json *out = json_new(a, JSON_OBJECT);

	if (!e->is_spoken)
		cmd_error_describe(a, cmd, e, &summary, &detail);
	if (e->exit_status)
		json_set(a, out, S("code"), json_new_number(a, e->exit_status));
	else if (err_code_shown(e).len > 0)
		json_set_text(a, out, "code", log_redact(a, err_code_shown(e)));
	json_set_text(a, out, "summary", log_redact(a, join_lines(a, &summary)));
	json_set_text(a, out, "detail", log_redact(a, join_lines(a, &detail)));
	return out;
}

static void log_fact(const char *name, str value)
{
	if (value.len > 0)
		log_error(name, STR_FMT, STR_ARG(value));
}

void cmd_error_report_facts(const struct err *e)
{
	log_fact("code", err_code_shown(e));
	log_fact("syscall", e->syscall);
	log_fact("path", e->path);
	log_fact("dest", e->dest);
	if (e->sys_errno)
		log_error("errno", "%d", -e->sys_errno);
}

void cmd_error_report_texts(struct arena *a, const struct cmd *cmd, const struct err *e)
{
	error_lines summary = { 0 }, detail = { 0 };

	cmd_error_describe(a, cmd, e, &summary, &detail);
	VEC_EACH (struct error_line, l, &summary)
		log_error(str_cstr(a, l->title), STR_FMT, STR_ARG(l->text));
	VEC_EACH (struct error_line, l, &detail)
		log_error(str_cstr(a, l->title), STR_FMT, STR_ARG(l->text));
}

void cmd_error_report(struct arena *a, const struct cmd *cmd, const struct err *e)
{
	cmd_error_report_facts(e);
	cmd_error_report_texts(a, cmd, e);
}
