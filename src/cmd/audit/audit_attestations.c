/* SPDX-License-Identifier: MIT
 * The attestations of what is installed. Without somebody to believe (audit_root.c) they are
 * counted, told of, and believed by nobody. */
#include "audit_signatures.h"

#include "cpm/base/proc.h"

#define ANSWER_MAX_BYTES ((uint64_t)16 << 20)
#define WAIT_MS          1000

/* ---- what the registries have ---- */

static struct err *ask(struct cmd_ctx *ctx, struct http *http, struct signature_finding *f)
{
	str url = attestations_url(ctx->arena, &f->package, f->registry);
	struct http_request req = {
		.url = url,
		.accept = S("application/json"),
		.priority = HTTP_METADATA,
		.cap_bytes = ANSWER_MAX_BYTES,
		.subject = str_printf(ctx->arena, STR_FMT "@" STR_FMT, STR_ARG(f->name),
				      STR_ARG(f->version)),
		.want_gunzip = true,
		.tag = f,
		.owner = ctx,
	};

	if (str_is_null(url))
		return err_new(E_BAD_RESPONSE,
			       "the attestations of '" STR_FMT "@" STR_FMT "' have no address",
			       STR_ARG(f->name), STR_ARG(f->version));
	http_send(http, &req);
	return NULL;
}

static struct err *take_answer(struct cmd_ctx *ctx, struct http_response *resp)
{
	struct signature_finding *f = resp->tag;
	struct err *e = resp->err;

	resp->err = NULL;
	if (!e)
		e = json_parse(ctx->arena, str_dup(ctx->arena, str_of(resp->body, resp->body_len)),
			       &f->answer);
	http_response_free(resp);
	return e;
}

struct err *attestations_fetch(struct cmd_ctx *ctx, struct http *http, signature_findings *list)
{
	size_t under_way = 0;
	struct err *failure = NULL;

	VEC_EACH (struct signature_finding, f, list) {
		if (!f->package.attestations)
			continue;
		failure = ask(ctx, http, f);
		if (failure)
			break;
		under_way++;
	}
	while (under_way) {
		struct err *stop = proc_check_stop(), *e = NULL;
		struct http_response *resp = stop ? NULL : http_drive_for(http, ctx, WAIT_MS, -1);

		if (stop) {
			err_free(failure);
			return stop;
		}
		if (!resp)
			continue;
		under_way--;
		e = take_answer(ctx, resp);
		if (failure)
			err_ignore(e);
		else
			failure = e;
	}
	return failure;
}

/* ---- what to say ---- */

void attestations_warn_unread(const signature_findings *list)
{
	size_t count = 0;

	VEC_EACH (struct signature_finding, f, list)
		count += f->package.attestations != NULL;
	if (count)
		log_warn(
			"audit",
			"%zu package%s attested, which was not verified: name whom to believe with "
			"--trusted-root=<trusted_root.json of a Sigstore instance, a file or URL>",
			count, count > 1 ? "s are" : " is");
}
