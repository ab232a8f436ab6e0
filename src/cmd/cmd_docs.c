/* SPDX-License-Identifier: MIT
 * Texts that are derived from the tables and kept in the tree: man pages and shell completions. A
 * test renders them again and fails when the files are stale. */
#include "cmd_priv.h"

#include "cpm/build_config.h"

/* ---- man ---- */

/* troff reads a leading dot or quote, and any backslash, as its own. */
static void add_roff(struct str_buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_add_cstr(out, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			buf_add_cstr(out, "\\e");
		else if (*text == '-')
			buf_add_cstr(out, "\\-");
		else
			buf_add_char(out, *text);
	}
}

static void add_man_option(struct str_buf *out, const struct cfg_row *row)
{
	buf_add_cstr(out, ".TP\n\\fB");
	if (row->short_letters)
		buf_printf(out, "\\-%c\\fR, \\fB", row->short_letters[0]);
	buf_add_cstr(out, "\\-\\-");
	add_roff(out, row->key);
	buf_add_cstr(out, "\\fR\n");
	add_roff(out, row->help);
	buf_add_cstr(out, ".\n");
	if (row->values && row->values[0]) {
		buf_add_cstr(out, "Values: ");
		add_roff(out, row->values);
		buf_add_cstr(out, ".\n");
	}
}

str cmd_man_page(struct arena *a, const struct cmd *cmd)
{
	struct str_buf out = str_buf(a, 1 << 18);

	buf_printf(&out,
		   ".\\\" Derived from the command table: run `cpm help %s --viewer=troff`.\n",
		   cmd->name);
	buf_printf(&out, ".TH cpm\\-%s 1 \"\" \"cpm\" \"cpm commands\"\n", cmd->name);
	buf_printf(&out, ".SH NAME\ncpm\\-%s \\- ", cmd->name);
	add_roff(&out, cmd->summary);
	buf_add_cstr(&out, "\n.SH SYNOPSIS\n");
	for (const char *const *line = cmd->synopsis; *line; line++) {
		buf_printf(&out, ".B cpm %s\n", cmd->name);
		if ((*line)[0]) {
			add_roff(&out, *line);
			buf_add_char(&out, '\n');
		}
		buf_add_cstr(&out, ".br\n");
	}
	if (cmd->aliases) {
		buf_add_cstr(&out, ".SH ALIASES\n");
		for (size_t i = 0; cmd->aliases[i]; i++) {
			buf_add_cstr(&out, i ? ", " : "");
			add_roff(&out, cmd->aliases[i]);
		}
		buf_add_char(&out, '\n');
	}
	if (cmd->keys) {
		buf_add_cstr(&out, ".SH OPTIONS\n");
		for (const enum cfg_key *k = cmd->keys; *k != CFG_END; k++)
			add_man_option(&out, cfg_row(*k));
	}
	buf_add_cstr(&out, ".SH SEE ALSO\n.B cpm help npmrc\nlists every configuration key.");
	return buf_view(&out);
}

/* ---- completions ---- */

static void add_command_words(struct str_buf *out)
{
	const char *gap = "";

	for (const struct cmd *const *c = cmd_list; *c; c++)
		if (!((*c)->needs & CMD_HIDDEN)) {
			buf_printf(out, "%s%s", gap, (*c)->name);
			gap = " ";
		}
}

static void add_case_pattern(struct str_buf *out, const struct cmd *cmd)
{
	buf_add_cstr(out, cmd->name);
	for (size_t i = 0; cmd->aliases && cmd->aliases[i]; i++)
		buf_printf(out, "|%s", cmd->aliases[i]);
}

static str bash_script(struct arena *a)
{
	struct str_buf out = str_buf(a, 1 << 18);

	buf_add_cstr(
		&out,
		"# bash completion for cpm, derived from the command table: `cpm completion bash`\n"
		"_cpm() {\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} flags=\"\"\n"
		"\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
		"\t\tCOMPREPLY=($(compgen -W \"");
	add_command_words(&out);
	buf_add_cstr(&out, "\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		if (!(*c)->keys)
			continue;
		buf_add_cstr(&out, "\t");
		add_case_pattern(&out, *c);
		buf_add_cstr(&out, ") flags=\"");
		for (const enum cfg_key *k = (*c)->keys; *k != CFG_END; k++)
			buf_printf(&out, "%s--%s", k == (*c)->keys ? "" : " ", cfg_row(*k)->key);
		buf_add_cstr(&out, "\" ;;\n");
	}
	buf_add_cstr(&out, "\tesac\n"
			   "\tcase $word in\n"
			   "\t-*) COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")) ;;\n"
			   "\t*) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
			   "\tesac\n"
			   "}\n"
			   "complete -o filenames -F _cpm cpm");
	return buf_view(&out);
}

/* Single quotes in zsh and fish descriptions. */
static str quoted(struct arena *a, const char *text)
{
	return str_replace_all(a, str_view(text), S("'"), S("'\\''"));
}

static str zsh_script(struct arena *a)
{
	struct str_buf out = str_buf(a, 1 << 18);

	buf_add_cstr(
		&out,
		"#compdef cpm\n"
		"# zsh completion for cpm, derived from the command table: `cpm completion zsh`\n"
		"_cpm() {\n"
		"\tlocal -a commands flags\n"
		"\tcommands=(\n");
	for (const struct cmd *const *c = cmd_list; *c; c++)
		if (!((*c)->needs & CMD_HIDDEN))
			buf_printf(&out, "\t\t'%s:" STR_FMT "'\n", (*c)->name,
				   STR_ARG(quoted(a, (*c)->summary)));
	buf_add_cstr(&out, "\t)\n"
			   "\tif (( CURRENT == 2 )); then\n"
			   "\t\t_describe command commands\n"
			   "\t\treturn\n"
			   "\tfi\n"
			   "\tcase $words[2] in\n");
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		if (!(*c)->keys)
			continue;
		buf_add_cstr(&out, "\t");
		add_case_pattern(&out, *c);
		buf_add_cstr(&out, ") flags=(\n");
		for (const enum cfg_key *k = (*c)->keys; *k != CFG_END; k++)
			buf_printf(&out, "\t\t'--%s:" STR_FMT "'\n", cfg_row(*k)->key,
				   STR_ARG(str_replace_all(a, quoted(a, cfg_row(*k)->help), S(":"),
							   S("\\:"))));
		buf_add_cstr(&out, "\t) ;;\n");
	}
	buf_add_cstr(&out, "\tesac\n"
			   "\t_describe option flags\n"
			   "\t_files\n"
			   "}\n"
			   "_cpm \"$@\"");
	return buf_view(&out);
}

static str fish_script(struct arena *a)
{
	struct str_buf out = str_buf(a, 1 << 18);

	buf_add_cstr(&out, "# fish completion for cpm, derived from the command table: `cpm "
			   "completion fish`\n");
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		if ((*c)->needs & CMD_HIDDEN)
			continue;
		buf_printf(&out,
			   "complete -c cpm -n __fish_use_subcommand -f -a %s -d '" STR_FMT "'\n",
			   (*c)->name, STR_ARG(quoted(a, (*c)->summary)));
		for (const enum cfg_key *k = (*c)->keys; k && *k != CFG_END; k++) {
			buf_printf(&out,
				   "complete -c cpm -n '__fish_seen_subcommand_from %s' -l %s -d "
				   "'" STR_FMT "'",
				   (*c)->name, cfg_row(*k)->key,
				   STR_ARG(quoted(a, cfg_row(*k)->help)));
			if (cfg_row(*k)->short_letters)
				buf_printf(&out, " -s %c", cfg_row(*k)->short_letters[0]);
			buf_add_char(&out, '\n');
		}
	}
	return str_trim(buf_view(&out));
}

str cmd_completion_script(struct arena *a, str shell)
{
	if (str_eq(shell, S("bash")))
		return bash_script(a);
	if (str_eq(shell, S("zsh")))
		return zsh_script(a);
	return str_eq(shell, S("fish")) ? fish_script(a) : STR_NULL;
}

static struct err *completion_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  int *exit_status)
{
	str script = cmd_completion_script(ctx->arena, nargs > 0 ? args[0] : S("bash"));

	(void)exit_status;
	if (str_is_null(script))
		return cmd_usage_error(ctx, "There is no completion for '" STR_FMT "'.",
				       STR_ARG(args[0]));
	out_text(ctx->out, script);
	return NULL;
}

const struct cmd cmd_completion = {
	.name = "completion",
	.summary = "Print a completion script for a shell",
	.synopsis = (const char *const[]){ "[bash | zsh | fish]", NULL },
	.needs = CMD_SKIPS_CONFIG_CHECK,
	.doc = "help",
	.run = completion_run,
};
