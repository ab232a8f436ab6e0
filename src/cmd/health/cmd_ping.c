/* SPDX-License-Identifier: MIT
 * `cpm ping`: whether the registry answers, how long that takes, and what it says of itself. */
#include "registry_ping.h"

#include <time.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct err *registry_ping(struct cmd_ctx *ctx, struct json **details)
{
	struct registry_call call = {
		.url = str_concat(ctx->arena, cfg_registry_for(ctx->cfg, S("")), S("-/ping"))
	};
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_call(ctx->arena, ctx->cfg, http, &call, details));
	if (json_is(*details, JSON_NULL))
		*details = json_new(ctx->arena, JSON_OBJECT);
	return NULL;
}

static bool has_content(const struct json *v)
{
	return (json_is(v, JSON_OBJECT) || json_is(v, JSON_ARRAY)) && v->count > 0;
}

static struct err *ping_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	str registry = log_redact(a, cfg_text(ctx->cfg, CFG_REGISTRY));
	struct json *details, *answer = json_new(a, JSON_OBJECT);
	struct str_buf text = str_buf(a, SIZE_MAX);
	int64_t start_ms = now_ms(), took_ms;

	(void)args, (void)nargs, (void)exit_status;
	log_notice("PING", STR_FMT, STR_ARG(registry));
	TRY(registry_ping(ctx, &details));
	took_ms = now_ms() - start_ms;
	log_notice("PONG", "%lldms", (long long)took_ms);
	json_set_text(a, answer, "registry", registry);
	json_set(a, answer, S("time"), json_new_number(a, (double)took_ms));
	json_set(a, answer, S("details"), details);
	out_json(ctx->out, answer);
	if (ctx->out->is_json || !has_content(details))
		return NULL;
	json_write(&text, details, JSON_STYLE_DEFAULT);
	log_notice("PONG", STR_FMT, STR_ARG(buf_view(&text)));
	return NULL;
}

const struct cmd cmd_ping = {
	.name = "ping",
	.summary = "Ping npm registry",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "ping",
	.run = ping_run,
};
