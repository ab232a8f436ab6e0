/* SPDX-License-Identifier: MIT
 * Opening a page. The address comes from a package, so it is checked, encoded, and handed to the
 * browser as one argument, never as text of a shell; the browser itself is the user's own command
 * line. */
#include "open_page.h"

#include "cpm/base/proc.h"

#define OUTPUT_MAX_BYTES 4096
#define STATUS_NOT_FOUND 127 /* what a shell says of a program that is not there */

void open_page_tell(struct cmd_ctx *ctx, str url, str title)
{
	struct json *out;

	if (!ctx->out->is_json) {
		/* Addresses of logins look like secrets, and are of no use without them. */
		out_whole_line(ctx->out, STR_FMT ":\n" STR_FMT, STR_ARG(title), STR_ARG(url));
		return;
	}
	out = json_new(ctx->arena, JSON_OBJECT);
	json_set_text(ctx->arena, out, "title", title);
	json_set_text(ctx->arena, out, "url", url);
	out_json(ctx->out, out);
}

static struct err *start_browser(struct cmd_ctx *ctx, str browser, str url, int *exit_status)
{
	str script = str_concat(ctx->arena, browser, S(" \"$1\""));
	const char *const argv[] = {
		"sh", "-c", str_cstr(ctx->arena, script), "sh", str_cstr(ctx->arena, url), NULL
	};
	struct proc_result result;

	TRY(proc_capture(ctx->arena, argv, OUTPUT_MAX_BYTES, &result));
	*exit_status = result.exit_status;
	return NULL;
}

/* --no-browser, --browser=false: the word is no program's name. */
static bool is_unwanted(const struct cfg *cfg)
{
	return !cfg_is_null(cfg, CFG_BROWSER) && !cfg_bool(cfg, CFG_BROWSER);
}

struct err *open_page(struct cmd_ctx *ctx, str url, str title)
{
	str browser = cfg_text(ctx->cfg, CFG_BROWSER);
	bool is_http = str_starts_nocase(url, S("http://")) ||
		       str_starts_nocase(url, S("https://"));
	int status;

	url = str_encode(ctx->arena, url, URL_WHOLE);
	if (is_unwanted(ctx->cfg)) {
		open_page_tell(ctx, url, title);
		return NULL;
	}
	if (!is_http)
		return err_new(E_GENERIC, "Invalid URL: " STR_FMT, STR_ARG(url));
	if (!browser.len)
		browser = S("xdg-open");
	TRY(start_browser(ctx, browser, url, &status));
	if (status == 0)
		return NULL;
	if (status == STATUS_NOT_FOUND) {
		open_page_tell(ctx, url, title);
		return NULL;
	}
	return err_exit_as(err_new(E_GENERIC, "'" STR_FMT "' could not show " STR_FMT,
				   STR_ARG(browser), STR_ARG(url)),
			   status > 0 ? status : 1);
}
