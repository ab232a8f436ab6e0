/* SPDX-License-Identifier: MIT
 * Whom to believe about attestations is for the user to say: `trusted-root` names a document, or a
 * TUF repository that has it and `trusted-root-pin` the root.json by which that is followed.
 * Nothing is built in, and nothing is believed for being served. */
#include "audit_signatures.h"

#include "cpm/base/digest.h"
#include "cpm/base/path.h"
#include "cpm/registry/tuf.h"

#define ROOT_MAX_BYTES ((size_t)8 << 20)
#define PIN_MAX_BYTES  ((size_t)1 << 20)
#define TARGET         S("trusted_root.json")

/* The place that trusted-root names. */
struct place {
	struct cmd_ctx *ctx;
	struct http *http;
	str where; /* URL or path; of a repository without '/' at its end */
	bool is_url, is_repository;
};

/* ---- files ---- */

static struct err *fetch(const struct place *p, struct arena *a, str url, size_t max_bytes,
			 str *out)
{
	struct http_request req = {
		.url = url,
		.priority = HTTP_METADATA,
		.cap_bytes = max_bytes,
		.want_gunzip = true,
	};
	struct http_response *resp;

	TRY(http_fetch(p->http, &req, &resp));
	*out = str_dup(a, str_of(resp->body, resp->body_len));
	http_response_free(resp);
	return NULL;
}

/* Some servers say of what they do not have that nobody may see it. */
static bool is_absence(const struct err *e)
{
	return err_is(e, E_NOT_FOUND) || (e && str_eq(err_code_shown(e), S("E403")));
}

/* struct tuf_repository's. */
static struct err *read_repository(void *ctx, struct arena *a, str path, size_t max_bytes, str *out)
{
	const struct place *p = ctx;
	str whole = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(p->where), STR_ARG(path));
	struct err *e;

	*out = STR_NULL;
	if (!p->is_url) {
		if (!fs_exists(AT_FDCWD, str_cstr(a, whole)))
			return NULL;
		return fs_read_all(a, AT_FDCWD, str_cstr(a, whole), max_bytes, out);
	}
	e = fetch(p, a, whole, max_bytes, out);
	if (!is_absence(e))
		return e;
	err_ignore(e);
	return NULL;
}

/* ---- repositories ---- */

/* What was seen of this repository, whatever was pinned: it counts only as far as it follows from
 * the pin of today. */
static struct err *open_memory(const struct place *p, int *out)
{
	struct arena *a = p->ctx->arena;
	struct digest d;
	str dir;

	digest_of(DIGEST_SHA256, p->where, &d);
	dir = str_printf(a, STR_FMT "/tuf/" STR_FMT, STR_ARG(cmd_ctx_store_dir(a, p->ctx->cfg)),
			 STR_ARG(digest_hex(a, &d)));
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, dir)));
	return fs_open_dir_nofollow(AT_FDCWD, str_cstr(a, dir), out);
}

static struct err *read_pin(const struct place *p, str *out)
{
	str pin = cfg_text(p->ctx->cfg, CFG_TRUSTED_ROOT_PIN);

	if (str_is_empty(pin))
		return err_new(
			E_GENERIC,
			"it is a TUF repository: name the root.json that is trusted to begin "
			"with, got from a place that you trust, with "
			"--trusted-root-pin=<file>");
	TRY_AS(fs_read_all(p->ctx->arena, AT_FDCWD, str_cstr(p->ctx->arena, pin), PIN_MAX_BYTES,
			   out),
	       "cannot read trusted-root-pin '" STR_FMT "'", STR_ARG(pin));
	return NULL;
}

static struct err *follow_repository(struct place *p, str *out)
{
	AUTO_FD memory = -1;
	struct tuf_repository repo = {
		.read = read_repository,
		.ctx = p,
		.now_ms = p->ctx->started_ms,
	};

	TRY(read_pin(p, &repo.pinned_root));
	TRY(open_memory(p, &memory));
	repo.memory = memory;
	return tuf_fetch(p->ctx->arena, &repo, TARGET, out);
}

/* ---- any place ---- */

static struct place place_of(struct cmd_ctx *ctx, struct http *http, str where)
{
	struct place p = { .ctx = ctx, .http = http, .where = where };

	p.is_url = str_starts(where, S("https://")) || str_starts(where, S("http://"));
	if (!p.is_url)
		p.where = path_resolve(ctx->arena, cfg_cwd(ctx->cfg), where);
	p.is_repository = p.is_url ? str_ends(where, S("/"))
				   : fs_is_dir(AT_FDCWD, str_cstr(ctx->arena, p.where));
	while (p.is_repository && str_ends(p.where, S("/")))
		p.where.len--;
	return p;
}

static struct err *read_root(struct place *p, str *out)
{
	struct arena *a = p->ctx->arena;

	if (p->is_repository)
		return follow_repository(p, out);
	if (!str_is_empty(cfg_text(p->ctx->cfg, CFG_TRUSTED_ROOT_PIN)))
		return err_new(E_GENERIC, "it is one file, and trusted-root-pin is for a TUF "
					  "repository: a folder, or a URL that ends in '/'");
	if (p->is_url)
		return fetch(p, a, p->where, ROOT_MAX_BYTES, out);
	return fs_read_all(a, AT_FDCWD, str_cstr(a, p->where), ROOT_MAX_BYTES, out);
}

struct err *attestations_load_root(struct cmd_ctx *ctx, struct http *http,
				   struct trusted_root **out)
{
	str named = cfg_text(ctx->cfg, CFG_TRUSTED_ROOT), text = STR_NULL;
	struct place p;

	*out = NULL;
	if (str_is_empty(named))
		return NULL;
	p = place_of(ctx, http, named);
	*out = ARENA_NEW(ctx->arena, struct trusted_root);
	TRY_AS(read_root(&p, &text), "cannot read the trusted root '" STR_FMT "'", STR_ARG(named));
	TRY_AS(trusted_root_parse(ctx->arena, text, *out),
	       "cannot use the trusted root '" STR_FMT "'", STR_ARG(named));
	return NULL;
}
