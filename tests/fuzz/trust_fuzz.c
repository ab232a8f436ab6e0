/* SPDX-License-Identifier: MIT
 * Any bytes as what is believed and as what asks to be: a root of a TUF repository and all its files, a trusted root, a bundle, a
 * signed time, a policy. Nothing that was made without the keys is a target of the repository, or a time. */
#include "cpm/base/timestamp.h"
#include "cpm/config/policy.h"
#include "cpm/registry/sigstore.h"
#include "cpm/registry/tuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every file is the same one: what a link leads to is looked at as well. */
static struct err *read_all(void *ctx, struct arena *a, str path, size_t max_bytes, str *out)
{
	(void)a, (void)max_bytes;
	*out = str_ends(path, S("root.json")) ? STR_NULL : *(str *)ctx;
	return NULL;
}

static void try_bundle(struct arena *tmp, str text)
{
	struct trusted_root root;
	struct json *bundle;
	struct err *e = trusted_root_parse(tmp, text, &root);

	if (!e)
		e = json_parse(tmp, text, &bundle);
	if (!e)
		e = sigstore_verify(tmp, bundle, &root, STR_NULL);
	err_ignore(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(tmp);
	str text = str_of((const char *)data, size), out;
	struct tuf_repository repo = { read_all, &text, text, -1, 0 };
	struct err *e = tuf_fetch(tmp, &repo, S("trusted_root.json"), &out);
	struct policy *policy;
	int64_t sec;

	if (!e || timestamp_verify(text, S("message"), &text, 1, &sec))
		abort();
	err_free(e);
	try_bundle(tmp, text);
	err_ignore(policy_parse(tmp, text, S("2026-01-01"), &policy));
	return 0;
}
