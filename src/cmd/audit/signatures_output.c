/* SPDX-License-Identifier: MIT
 * What `audit signatures` says, in npm's lines and npm's JSON. */
#include "audit_signatures.h"

/* ---- for people ---- */

struct page {
	struct arena *arena;
	struct str_buf out;
	bool is_colored;
};

static str painted(const struct page *p, enum paint color, const char *text)
{
	return str_printf(p->arena, "%s%s%s", paint(p->is_colored, color), text,
			  paint(p->is_colored, PAINT_RESET));
}

/* "3 packages have verified ..." */
static void add_verified(struct page *p, size_t count, const char *what)
{
	str verified = painted(p, PAINT_BOLD, "verified");

	if (count == 1)
		buf_printf(&p->out, "1 package has a " STR_FMT " %s\n", STR_ARG(verified), what);
	else
		buf_printf(&p->out, "%zu packages have " STR_FMT " %ss\n", count, STR_ARG(verified),
			   what);
}

static void add_packages(struct page *p, const signature_findings *list, str code)
{
	VEC_EACH (struct signature_finding, f, list) {
		if (code.len && !str_eq(f->fault.code, code))
			continue;
		str id = str_printf(p->arena, STR_FMT "@" STR_FMT, STR_ARG(f->name),
				    STR_ARG(f->version));
		paint_text(&p->out, p->is_colored, PAINT_RED, id);
		buf_add_cstr(&p->out, " (");
		paint_text(&p->out, false, PAINT_RESET, f->registry);
		buf_add_cstr(&p->out, ")\n");
	}
}

static void add_missing(struct page *p, const signature_findings *list)
{
	str missing = painted(p, PAINT_BRIGHT_RED, "missing");
	const char *rest = "but the registry is providing signing keys:\n\n";

	if (list->len == 1)
		buf_printf(&p->out, "1 package has a " STR_FMT " registry signature %s",
			   STR_ARG(missing), rest);
	else if (list->len)
		buf_printf(&p->out, "%zu packages have " STR_FMT " registry signatures %s",
			   list->len, STR_ARG(missing), rest);
	add_packages(p, list, STR_NULL);
}

static void add_invalid_kind(struct page *p, const signature_findings *list, str code,
			     const char *what)
{
	str invalid = painted(p, PAINT_BRIGHT_RED, "invalid");
	size_t count = 0;

	VEC_EACH (struct signature_finding, f, list)
		count += str_eq(f->fault.code, code);
	if (!count)
		return;
	if (count == 1)
		buf_printf(&p->out, "1 package has an " STR_FMT " %s:\n\n", STR_ARG(invalid), what);
	else
		buf_printf(&p->out, "%zu packages have " STR_FMT " %ss:\n\n", count,
			   STR_ARG(invalid), what);
	add_packages(p, list, code);
	buf_add_char(&p->out, '\n');
}

static void add_invalid(struct page *p, const signature_findings *list)
{
	add_invalid_kind(p, list, S("EINTEGRITYSIGNATURE"), "registry signature");
	add_invalid_kind(p, list, S("EATTESTATIONVERIFY"), "attestation");
	if (list->len == 1)
		buf_add_cstr(&p->out, "Someone might have tampered with this package since it was "
				      "published on the registry!\n\n");
	else
		buf_add_cstr(&p->out, "Someone might have tampered with these packages since they "
				      "were published on the registry!\n\n");
}

str signature_report_text(struct arena *a, const struct signature_report *r,
			  bool names_attestations, bool is_colored)
{
	struct page p = { a, str_buf(a, SIZE_MAX), is_colored };

	buf_printf(&p.out, "audited %zu package%s in %llds\n\n", r->audited,
		   r->audited > 1 ? "s" : "", (long long)(r->elapsed_ms / 1000));
	if (r->signed_count) {
		add_verified(&p, r->signed_count, "registry signature");
		buf_add_char(&p.out, '\n');
	}
	if (r->attested_count) {
		add_verified(&p, r->attested_count, "attestation");
		if (!names_attestations)
			buf_add_cstr(&p.out, "(use --json --include-attestations to view "
					     "attestation details)\n");
		buf_add_char(&p.out, '\n');
	}
	add_missing(&p, &r->missing);
	if (r->missing.len && r->invalid.len)
		buf_add_char(&p.out, '\n');
	if (r->invalid.len)
		add_invalid(&p, &r->invalid);
	str text = buf_view(&p.out);
	return str_slice(text, 0, text.len - 1);
}

/* ---- for programs ---- */

static void set_text(struct arena *a, struct json *out, const char *key, str text)
{
	if (!str_is_null(text))
		json_set_text(a, out, key, text);
}

static struct json *invalid_json(struct arena *a, const struct signature_finding *f)
{
	struct json *out = json_new(a, JSON_OBJECT);

	set_text(a, out, "code", f->fault.code);
	set_text(a, out, "message", f->fault.message);
	set_text(a, out, "integrity", f->package.integrity);
	set_text(a, out, "keyid", f->fault.keyid);
	set_text(a, out, "location", f->location);
	set_text(a, out, "name", f->name);
	set_text(a, out, "registry", f->registry);
	set_text(a, out, "resolved", f->package.resolved);
	set_text(a, out, "signature", f->fault.signature);
	set_text(a, out, "predicateType", f->fault.predicate_type);
	set_text(a, out, "type", f->type);
	set_text(a, out, "version", f->version);
	return out;
}

static struct json *missing_json(struct arena *a, const struct signature_finding *f)
{
	struct json *out = json_new(a, JSON_OBJECT);

	set_text(a, out, "integrity", f->package.integrity);
	set_text(a, out, "location", f->location);
	set_text(a, out, "name", f->name);
	set_text(a, out, "registry", f->registry);
	set_text(a, out, "resolved", f->package.resolved);
	set_text(a, out, "version", f->version);
	return out;
}

static struct json *attested_json(struct arena *a, const struct signature_finding *f)
{
	struct json *out = json_new(a, JSON_OBJECT);

	set_text(a, out, "name", f->name);
	set_text(a, out, "version", f->version);
	set_text(a, out, "location", f->location);
	set_text(a, out, "registry", f->registry);
	json_set(a, out, S("attestations"), json_dup(a, f->package.attestations));
	json_set(a, out, S("attestationBundles"), json_get(f->answer, "attestations"));
	return out;
}

static struct json *list_json(struct arena *a, const signature_findings *list,
			      struct json *(*one)(struct arena *, const struct signature_finding *))
{
	struct json *out = json_new(a, JSON_ARRAY);

	VEC_EACH (struct signature_finding, f, list)
		json_append(a, out, one(a, f));
	return out;
}

struct json *signature_report_json(struct arena *a, const struct signature_report *r,
				   bool with_attestations)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set(a, out, S("invalid"), list_json(a, &r->invalid, invalid_json));
	json_set(a, out, S("missing"), list_json(a, &r->missing, missing_json));
	if (with_attestations)
		json_set(a, out, S("verified"), list_json(a, &r->attested, attested_json));
	return out;
}
