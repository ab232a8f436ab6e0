/* SPDX-License-Identifier: MIT
 * An audit that could not be made (npm-cli.md 6.2). What the endpoint answered is shown as npm
 * shows it, and the run fails: silence would read as "no problems" (T43). */
#include "audit_run.h"

#include "cpm/ui/ui_inspect.h"

#define INSPECT_DEPTH 5

static struct json *list_of_one(struct arena *a, str text)
{
	struct json *list = json_new(a, JSON_ARRAY);

	json_append(a, list, json_new_string(a, text));
	return list;
}

/* A body that is no JSON is text; none at all is undefined. */
static struct json *body_json(struct arena *a, str body)
{
	struct json *parsed = NULL;
	struct err *e = str_is_null(body) ? NULL : json_parse(a, body, &parsed);

	if (!e)
		return parsed;
	err_ignore(e);
	return json_new_string(a, body);
}

static void print_failure(struct cmd_ctx *ctx, const struct advisory_answer *answer)
{
	struct arena *a = ctx->arena;
	const struct json *body = body_json(a, answer->body);
	struct str_buf text = str_buf(a, SIZE_MAX);

	if (json_is(body, JSON_STRING))
		buf_add(&text, body->string);
	else
		ui_inspect(&text, body, &(struct inspect_opts){ .depth = INSPECT_DEPTH });
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&text)));
}

static struct json *failure_json(struct arena *a, const struct advisory_answer *answer)
{
	struct json *out = json_new(a, JSON_OBJECT), *headers = json_new(a, JSON_OBJECT),
		    *body = body_json(a, answer->body);

	json_set_text(a, out, "message", answer->failure);
	if (answer->status < 400)
		return out;
	if (!str_is_null(answer->content_type))
		json_set(a, headers, S("content-type"), list_of_one(a, answer->content_type));
	json_set(a, headers, S("x-fetch-attempts"),
		 list_of_one(a, str_printf(a, "%u", answer->attempts)));
	json_set_text(a, out, "method", S("POST"));
	json_set_text(a, out, "uri", log_redact(a, answer->url));
	json_set(a, out, S("headers"), headers);
	json_set(a, out, S("statusCode"), json_new_number(a, answer->status));
	if (body)
		json_set(a, out, S("body"), body);
	return out;
}

void audit_error_means(struct cmd_ctx *ctx, enum audit_exit status)
{
	if (str_eq(cfg_text(ctx->cfg, CFG_EXIT_CODES), S("strict")))
		ctx->error_status = (int)status;
}

struct err *audit_failed(struct cmd_ctx *ctx, const struct advisory_answer *answer)
{
	struct err *e;

	audit_error_means(ctx, AUDIT_EXIT_NO_ANSWER);
	log_warn("audit", STR_FMT, STR_ARG(answer->failure));
	if (ctx->out->is_json)
		out_json(ctx->out, failure_json(ctx->arena, answer));
	else
		print_failure(ctx, answer);
	e = err_new(E_GENERIC, "audit endpoint returned an error");
	e->is_spoken = true;
	return e;
}
