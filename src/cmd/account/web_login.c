/* SPDX-License-Identifier: MIT
 * Logins in a browser. The registry hands out two addresses: one for the user's eyes, and one that
 * answers 202 until the user is done. Meanwhile the network and the keyboard are watched at once:
 * Enter opens the page, and nobody has to press it. Source: webAuth() of npm-profile,
 * openUrlPrompt() of npm. */
#include "web_login.h"

#include "open_page.h"
#include "prompt.h"

#include "cpm/base/proc.h"
#include "cpm/build_config.h"
#include "cpm/registry/endpoints.h"

#include <poll.h>
#include <unistd.h>

#define POLL_MIN_MS 250 /* npm asks again at once where the registry names no time */

bool web_is_url(str url)
{
	return str_starts_nocase(url, S("http://")) || str_starts_nocase(url, S("https://"));
}

static struct err *bad_answer(struct arena *a, int status)
{
	return err_show_as(err_new(E_BAD_RESPONSE, "Invalid response from web login endpoint"),
			   str_printf(a, "E%d", status));
}

/* ---- waiting ---- */

/* The page, and whether Enter would still open it. */
struct page {
	struct cmd_ctx *ctx;
	str url;
	bool is_offered;
};

static void offer(struct page *page, str title)
{
	struct cmd_ctx *ctx = page->ctx;
	bool is_unwanted = !cfg_is_null(ctx->cfg, CFG_BROWSER) && !cfg_bool(ctx->cfg, CFG_BROWSER);

	open_page_tell(ctx, page->url, title);
	page->is_offered = !is_unwanted && prompt_is_answered();
	if (page->is_offered)
		screen_write(ctx->screen, STDOUT_FILENO,
			     S("Press ENTER to open in the browser..."));
}

/* Somebody has pressed Enter, or the terminal is gone. */
static struct err *open_if_asked(struct page *page)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	str ignored;

	if (!page->is_offered || poll(&in, 1, 0) <= 0)
		return NULL;
	page->is_offered = false;
	TRY(prompt_read_line(page->ctx->arena, &ignored));
	return open_page(page->ctx, page->url,
			 S("Browser unavailable. Please open the URL manually"));
}

static int keyboard(const struct page *page)
{
	return page->is_offered ? STDIN_FILENO : -1;
}

static struct err *pause_for(struct page *page, int64_t ms)
{
	struct pollfd in = { .fd = keyboard(page), .events = POLLIN };

	poll(&in, 1, (int)MAX(ms, POLL_MIN_MS));
	TRY(proc_check_stop());
	return open_if_asked(page);
}

/* One question, asked while the keyboard is watched. */
static struct err *ask_if_done(struct page *page, struct http *http, str done_url,
			       struct registry_answer *answer)
{
	struct cmd_ctx *ctx = page->ctx;
	const struct registry_call call = { .url = done_url };
	bool is_there = false;

	TRY(registry_begin(ctx->arena, ctx->cfg, http, &call, page));
	while (!is_there) {
		TRY(registry_hear(ctx->arena, http, page, keyboard(page), answer, &is_there));
		if (!is_there)
			TRY(open_if_asked(page));
	}
	return answer->err;
}

struct err *web_confirm(struct cmd_ctx *ctx, str title, str url, str done_url, str *token)
{
	struct page page = { ctx, url, false };
	struct registry_answer answer;
	struct http *http;

	if (!web_is_url(url) || !web_is_url(done_url))
		return bad_answer(ctx->arena, 200);
	TRY(cmd_ctx_http(ctx, &http));
	offer(&page, title);
	for (;;) {
		TRY(ask_if_done(&page, http, done_url, &answer));
		if (answer.status != 202)
			break;
		TRY(pause_for(&page, answer.retry_after_ms));
	}
	if (page.is_offered)
		screen_write(ctx->screen, STDOUT_FILENO, S("\n"));
	*token = json_get_text(answer.body, "token");
	return answer.status == 200 && token->len ? NULL : bad_answer(ctx->arena, answer.status);
}

/* ---- logging in ---- */

static str without_slash(str url)
{
	return str_ends(url, S("/")) ? str_slice(url, 0, url.len - 1) : url;
}

/* A mirror of the public registry passes on addresses of that one, where nobody is logging in: the
 * same path, here. */
static str at_registry(struct arena *a, str done_url, str registry)
{
	str public = without_slash(S(CPM_DEFAULT_REGISTRY)), path = str_from(done_url, public.len);
	str here = without_slash(registry), prefix = str_from(here, str_find(here, S("//")) + 2);

	if (!str_starts(done_url, str_concat(a, public, S("/"))) || str_starts(registry, public))
		return done_url;
	prefix = str_from(prefix, MIN(str_find_char(prefix, '/'), prefix.len));
	if (prefix.len && str_starts(path, str_concat(a, prefix, S("/"))))
		path = str_from(path, prefix.len);
	return str_concat(a, here, path);
}

/* What any other way to log in may still work after. */
static bool is_unknown_to_registry(int status)
{
	return (status >= 400 && status <= 499) || status == 500;
}

struct err *web_login(struct cmd_ctx *ctx, str registry, str *token)
{
	struct arena *a = ctx->arena;
	const struct registry_call call = { .method = "POST",
					    .url = str_concat(a, registry, S("-/v1/login")),
					    .body = S("{}") };
	struct registry_answer answer;
	struct http *http;

	*token = STR_NULL;
	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_exchange(a, ctx->cfg, http, &call, &answer));
	if (answer.err && is_unknown_to_registry(answer.status)) {
		log_verbose(NULL, "web login not supported, trying couch");
		err_free(answer.err);
		return NULL;
	}
	if (answer.err)
		return answer.err;
	return web_confirm(ctx, S("Login at"), json_get_text(answer.body, "loginUrl"),
			   at_registry(a, json_get_text(answer.body, "doneUrl"), registry), token);
}
