/* SPDX-License-Identifier: MIT
 * Help texts, rendered from the command rows and the key table: the usage of one command, and the
 * overview. */
#include "cmd_priv.h"

#include "cpm/build_config.h"

#define WRAP_COLUMNS 80

/* "--before <before>", "-f|--force", "--no-audit", "--omit <dev|optional|peer> ..." */
static str flag_usage(struct arena *a, const struct cfg_row *row)
{
	bool is_on = row->type == CFG_TYPE_BOOL && row->def && strcmp(row->def, "true") == 0 &&
		     !row->values;
	str letter = row->short_letters ? str_printf(a, "-%c|", row->short_letters[0]) : S("");
	str words = row->values && row->values[0]
			    ? str_replace_all(a, str_view(row->values), S(" "), S("|"))
			    : str_view(row->key);
	str value = S("");

	if (row->type == CFG_TYPE_NUMBER)
		words = S("number");
	if (row->type != CFG_TYPE_BOOL)
		value = str_printf(a, " <" STR_FMT ">", STR_ARG(words));
	return str_printf(a, STR_FMT "--%s%s" STR_FMT "%s", STR_ARG(letter), is_on ? "no-" : "",
			  row->key, STR_ARG(value), row->flags & CFG_REPEAT ? " ..." : "");
}

static void add_options(struct arena *a, struct str_buf *out, const enum cfg_key *keys)
{
	size_t line = 0;

	buf_add_cstr(out, "\nOptions:\n");
	for (const enum cfg_key *k = keys; *k != CFG_END; k++) {
		str usage = str_printf(a, "[" STR_FMT "]", STR_ARG(flag_usage(a, cfg_row(*k))));
		if (line > 0 && line + 1 + usage.len > WRAP_COLUMNS) {
			buf_add_char(out, '\n');
			line = 0;
		}
		buf_printf(out, "%s" STR_FMT, line ? " " : "", STR_ARG(usage));
		line += usage.len + (line > 0);
	}
	buf_add_cstr(out, "\n\n");
	for (const enum cfg_key *k = keys; *k != CFG_END; k++) {
		const struct cfg_row *row = cfg_row(*k);
		buf_add_cstr(out, "  ");
		if (row->short_letters)
			buf_printf(out, "-%c|", row->short_letters[0]);
		buf_printf(out, "--%s\n    %s\n\n", row->key, row->help);
	}
}

static void add_aliases(struct str_buf *out, const char *const *aliases)
{
	buf_printf(out, "alias%s: ", aliases[1] ? "es" : "");
	for (size_t i = 0; aliases[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", aliases[i]);
	buf_add_cstr(out, "\n\n");
}

str cmd_usage(struct arena *a, const struct cmd *cmd)
{
	struct str_buf out = str_buf(a, 1 << 16);

	buf_printf(&out, "%s\n\nUsage:\n", cmd->summary);
	for (const char *const *line = cmd->synopsis; *line; line++)
		buf_printf(&out, "cpm %s%s%s\n", cmd->name, (*line)[0] ? " " : "", *line);
	if (cmd->keys)
		add_options(a, &out, cmd->keys);
	else
		buf_add_char(&out, '\n');
	if (cmd->aliases)
		add_aliases(&out, cmd->aliases);
	buf_printf(&out, "Run \"cpm help %s\" for more info", cmd->name);
	return buf_view(&out);
}

struct err *cmd_usage_error(struct cmd_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str text = str_vprintf(ctx->arena, fmt, ap);
	va_end(ap);
	str usage = cmd_usage(ctx->arena, ctx->cmd);
	return err_new(E_USAGE, "\n" STR_FMT "%s" STR_FMT, STR_ARG(text), text.len ? "\n\n" : "",
		       STR_ARG(usage));
}

static void add_command_names(struct str_buf *out, unsigned columns)
{
	size_t width = MIN(60u, MAX(columns > 16 ? columns - 16 : 0, 24u)), line = 0;

	for (const struct cmd *const *c = cmd_list; *c; c++) {
		size_t len = strlen((*c)->name);
		if ((*c)->needs & CMD_HIDDEN)
			continue;
		bool wraps = line > 0 && line + 2 + len >= width;
		buf_printf(out, "%s%s%s",
			   line == 0 ? "    "
			   : wraps   ? ",\n    "
				     : ", ",
			   (*c)->name, "");
		line = line == 0 || wraps ? len : line + 2 + len;
	}
}

static void add_all_usages(struct arena *a, struct str_buf *out)
{
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		if ((*c)->needs & CMD_HIDDEN)
			continue;
		str usage = str_replace_all(a, cmd_usage(a, *c), S("\n"), S("\n                "));
		buf_printf(out, "    %-11s " STR_FMT "\n\n", (*c)->name, STR_ARG(usage));
	}
}

str cmd_general_usage(struct arena *a, const struct cfg *cfg, unsigned columns)
{
	struct str_buf out = str_buf(a, 1 << 18);
	str userconfig = cfg_text(cfg, CFG_USERCONFIG);

	buf_add_cstr(&out, "cpm <command>\n\n"
			   "Usage:\n\n"
			   "cpm install        install all the dependencies in your project\n"
			   "cpm ci             install exactly what the lockfile says\n"
			   "cpm <command> -h   quick help on <command>\n"
			   "cpm -l             display usage info for all commands\n"
			   "cpm help <term>    help on <term>\n\n"
			   "All commands:\n\n");
	if (cfg_bool(cfg, CFG_LONG))
		add_all_usages(a, &out);
	else
		add_command_names(&out, columns);
	buf_printf(&out,
		   "\n\nSpecify configs in the ini-formatted file:\n    " STR_FMT "\n"
		   "or on the command line via: cpm <command> --key=value\n\n"
		   "More configuration info: cpm help config\n\n"
		   "cpm@%s, behaves as npm@%s",
		   STR_ARG(userconfig), CPM_VERSION, CPM_NPM_VERSION);
	return buf_view(&out);
}

/* ---- cpm help ---- */

static void add_key(struct str_buf *out, const struct cfg_row *row)
{
	buf_printf(out, "  %s\n    %s\n    default: %s\n", row->key, row->help,
		   !row->def     ? "null"
		   : row->def[0] ? row->def
				 : "\"\"");
	if (row->values && row->values[0])
		buf_printf(out, "    values: %s\n", row->values);
	buf_add_char(out, '\n');
}

static str help_on_keys(struct arena *a)
{
	struct str_buf out = str_buf(a, 1 << 18);

	buf_add_cstr(&out, "Keys for the command line (--key value), .npmrc files (key=value) and "
			   "the environment\n"
			   "(npm_config_key=value):\n\n");
	for (enum cfg_key k = 0; k < CFG_KEY_COUNT; k++)
		if (!(cfg_row(k)->flags & CFG_DEPRECATED))
			add_key(&out, cfg_row(k));
	return str_trim(buf_view(&out));
}

/* --viewer=troff prints the source of the man page instead, for docs/man. */
static struct err *help_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	const char *missing = NULL;
	bool is_troff = str_eq(cfg_text(ctx->cfg, CFG_VIEWER), S("troff"));

	(void)exit_status;
	if (nargs == 0) {
		out_text(ctx->out,
			 cmd_general_usage(ctx->arena, ctx->cfg, ctx->screen->term.columns));
		return NULL;
	}
	if (str_eq(args[0], S("npmrc")) ||
	    (str_eq(args[0], S("config")) && cfg_bool(ctx->cfg, CFG_LONG))) {
		out_text(ctx->out, help_on_keys(ctx->arena));
		return NULL;
	}
	const struct cmd *cmd = cmd_find(ctx->arena, args[0], &missing);
	if (!cmd)
		return err_new(E_USAGE,
			       "No help for '" STR_FMT "'. Run 'cpm help' for a list of commands.",
			       STR_ARG(args[0]));
	out_text(ctx->out, is_troff ? cmd_man_page(ctx->arena, cmd) : cmd_usage(ctx->arena, cmd));
	return NULL;
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "Get help on a command",
	.synopsis = (const char *const[]){ "<command>", "npmrc", NULL },
	.aliases = (const char *const[]){ "hlep", NULL },
	.keys = (const enum cfg_key[]){ CFG_VIEWER, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK,
	.doc = "help",
	.run = help_run,
};
