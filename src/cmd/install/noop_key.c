/* SPDX-License-Identifier: MIT
 * Everything but files that decides about the outcome of an install, as one fingerprint: settings
 * from all layers, this program, the Node.js that packages are checked against. Settings that only
 * change how a run talks are left out, and so are those that only say how something new is saved:
 * `cpm install --json` has as little to do as `cpm install`. Secrets are left out as well; they can
 * change what is fetched, and here nothing is. */
#include "noop_key.h"

#include "cpm/build_config.h"
#include "cpm/config/policy.h"
#include "cpm/tree/engine.h"

static const enum cfg_key ignored[] = {
	/* talk */
	CFG_AUDIT, CFG_AUDIT_LEVEL, CFG_COLOR, CFG_HEADING, CFG_JSON, CFG_LOGLEVEL, CFG_LOGS_DIR,
	CFG_LOGS_MAX, CFG_LONG, CFG_PARSEABLE, CFG_PROGRESS, CFG_TIMING, CFG_UNICODE,
	CFG_UPDATE_NOTIFIER, CFG_USER_AGENT,
	/* what is added, and how it is saved */
	CFG_SAVE_BUNDLE, CFG_SAVE_DEV, CFG_SAVE_EXACT, CFG_SAVE_OPTIONAL, CFG_SAVE_PEER,
	CFG_SAVE_PREFIX, CFG_SAVE_PROD, CFG_TAG,
	/* the network, which is not asked */
	CFG_FETCH_RETRIES, CFG_FETCH_RETRY_FACTOR, CFG_FETCH_RETRY_MAXTIMEOUT,
	CFG_FETCH_RETRY_MINTIMEOUT, CFG_FETCH_TIMEOUT, CFG_HTTPS_PROXY, CFG_MAXSOCKETS, CFG_NOPROXY,
	CFG_OFFLINE, CFG_OTP, CFG_PREFER_OFFLINE, CFG_PROXY
};

static bool is_ignored(const struct cfg_entry *e)
{
	const struct cfg_row *row = cfg_row_by_name(e->key);

	for (size_t i = 0; row && i < ARRAY_LEN(ignored); i++)
		if (ignored[i] == row->id)
			return true;
	return e->is_secret || e->overridden_by != CFG_LAYER_COUNT;
}

/* Which layer a value is from, and in which order they were read, makes no difference: sums do not
 * tell either. */
static void add_settings(struct arena *a, const struct cfg *cfg, struct fingerprint *sum)
{
	for (enum cfg_layer layer = CFG_LAYER_CLI; layer < CFG_LAYER_DEFAULT; layer++) {
		size_t count;
		const struct cfg_entry *entries = cfg_layer_entries(a, cfg, layer, &count);

		for (size_t i = 0; i < count; i++) {
			struct fingerprint one = { 0 };

			if (is_ignored(&entries[i]))
				continue;
			fingerprint_add(&one, entries[i].key);
			fingerprint_add(&one, entries[i].json);
			sum->a += one.a;
			sum->b += one.b;
		}
	}
}

/* Same path, size and time: the same program. */
static void add_program(struct arena *a, struct fingerprint *f, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		st = (struct stat){ 0 };
	fingerprint_add(f, str_printf(a, "%s\n%lld\n%lld.%09ld", path, (long long)st.st_size,
				      (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
}

/* Rules hold again from one day to the next. */
static void add_policy(struct fingerprint *f, const struct policy *p)
{
	fingerprint_add(f, p ? p->text : S(""));
	for (size_t i = 0; p && i < p->entries.len; i++)
		fingerprint_add(f, p->entries.items[i].is_expired ? S("expired") : S("counts"));
}

struct fingerprint noop_key(const struct cmd_ctx *ctx)
{
	ARENA_SCOPE(tmp);
	const struct cfg *cfg = ctx->cfg;
	struct cfg_omit omit = cfg_omit(cfg);
	struct fingerprint f = { 0 };

	add_settings(tmp, cfg, &f);
	fingerprint_add(&f, S(CPM_VERSION "\n" CPM_NPM_VERSION));
	add_program(tmp, &f, "/proc/self/exe");
	add_program(tmp, &f, str_cstr(tmp, node_program_find(ctx)));
	add_policy(&f, ctx->policy);
	fingerprint_add(&f, cfg_local_prefix(cfg));
	fingerprint_add(&f, str_printf(tmp, "omit %d %d %d", omit.dev, omit.optional, omit.peer));
	return f;
}
