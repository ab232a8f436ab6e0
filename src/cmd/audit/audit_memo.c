/* SPDX-License-Identifier: MIT
 * The last report of a project, in the cache. Most of the time of an audit goes into packuments:
 *tens of megabytes are read to find out what depends on what cannot be had safely. In between two
 *runs of a pipeline mostly nothing of that changes. A value is
 *
 *	header | question | packuments | report
 *
 * where the question is all that a report follows from, written out: two questions are the same
 *when their bytes are. npm remembers single calculations and can be wrong about them; here all is
 *the same or nothing is. */
#include "audit_memo.h"
#include "packument_proofs.h"

#include "cpm/build_config.h"
#include "cpm/config/policy.h"
#include "cpm/store/store.h"

/* Counts up when the form changes. */
static const char magic[8] = { 'c', 'p', 'm', 'a', 'u', 'd', 't', '2' };

#define QUESTION_MAX_BYTES ((size_t)4 << 20)

struct memo_header {
	char magic[8];
	uint64_t question_len;
};

/* ---- the question ---- */

/* Lengths as bytes, not digits: tens of thousands of texts go by here. */
static void add_text(struct str_buf *out, str s)
{
	uint32_t len = (uint32_t)s.len;

	buf_add(out, str_of((const char *)&len, sizeof(len)));
	buf_add(out, s);
}

/* Another build may see things otherwise. */
static void add_program(struct str_buf *out)
{
	struct stat st = { 0 };

	if (stat("/proc/self/exe", &st) != 0)
		st = (struct stat){ 0 };
	buf_printf(out, CPM_VERSION " %lld %lld.%09ld\n", (long long)st.st_size,
		   (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void add_options(struct str_buf *out, const struct audit_opts *o)
{
	buf_printf(out, "%d%d%d%d%d\n", o->omit.dev, o->omit.optional, o->omit.peer, o->is_install,
		   o->is_on_disk);
	add_text(out, cfg_text(o->cfg, CFG_REGISTRY));
	add_text(out, o->pick.default_tag);
	add_text(out, o->pick.before);
	add_text(out, o->pick.node_version);
	add_text(out, o->pick.npm_version);
	for (size_t i = 0; i < o->pick.nnew_names; i++)
		add_text(out, o->pick.new_names[i]);
	buf_add_char(out, '\n');
	for (struct map_iter it = map_iter(o->only); o->only && map_next(&it);)
		add_text(out, it.key);
	buf_add_char(out, '\n');
}

static void add_edge(struct str_buf *out, const struct edge *e)
{
	buf_add_char(out, (char)('0' + e->type));
	add_text(out, e->from->location);
	add_text(out, e->name);
	add_text(out, e->raw_spec);
	add_text(out, edge_spec_text(e));
}

static void add_node(struct str_buf *out, const struct audit_opts *o, const struct node *n)
{
	str name = node_package_name(n);

	add_text(out, n->location);
	add_text(out, n->name);
	add_text(out, name);
	add_text(out, node_version(n));
	add_text(out, n->real_path);
	if (str_starts(name, S("@")))
		add_text(out, cfg_registry_for(o->cfg, name));
	buf_printf(out, "%d%d%d%d%d%d%d%d %zu", n->is_root, n->is_link, node_is_workspace(n),
		   n->dev, n->optional, n->dev_optional, n->peer, n->inert, n->links_in.len);
	for (size_t i = 0; i < n->edges_in.len; i++)
		add_edge(out, n->edges_in.items[i]);
	buf_add_char(out, '\n');
}

static str make_question(struct arena *a, const struct audit_run *run)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	add_program(&out);
	add_options(&out, &run->opts);
	json_write(&out, run->answer.advisories, (struct json_style){ S(""), S("") });
	for (struct map_iter it = map_iter(&run->tree->inventory); map_next(&it);)
		add_node(&out, &run->opts, it.val);
	return buf_view(&out);
}

/* Null when nothing is remembered. An exception of the policy is told about where it lets something
 * pass. */
static str question_of(struct cmd_ctx *ctx, struct audit_run *run)
{
	if (!run->may_recall || !ctx->store || !run->answer.advisories ||
	    run->answer.advisories->count == 0 || run->tree->is_isolated ||
	    run->opts.pick.exceptions)
		return STR_NULL;
	if (str_is_null(run->question))
		run->question = make_question(ctx->arena, run);
	return run->question.len <= QUESTION_MAX_BYTES ? run->question : STR_NULL;
}

static str memo_key(struct cmd_ctx *ctx)
{
	return str_concat(ctx->arena, S("audit:"), cfg_local_prefix(ctx->cfg));
}

/* ---- recalling ---- */

/* Takes @len bytes off the front of @rest; false when there are not so many. */
static bool take(str *rest, size_t len, str *out)
{
	if (len > rest->len)
		return false;
	*out = str_slice(*rest, 0, len);
	*rest = str_from(*rest, len);
	return true;
}

static bool read_memo(struct cmd_ctx *ctx, str question, str rest, str *report)
{
	struct memo_header h;
	str bytes;

	if (!take(&rest, sizeof(h), &bytes))
		return false;
	memcpy(&h, bytes.p, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 || !take(&rest, h.question_len, &bytes) ||
	    !str_eq(bytes, question) || !packument_proofs_hold(ctx, &rest))
		return false;
	*report = rest;
	return true;
}

struct json *audit_recall(struct cmd_ctx *ctx, struct audit_run *run)
{
	struct kv_port *kv = ctx->store ? store_kv(ctx->store) : NULL;
	str question = question_of(ctx, run), text;
	struct json *report = NULL;

	if (str_is_null(question))
		return NULL;
	text = kv->get(kv, ctx->arena, memo_key(ctx));
	if (str_is_null(text) || !read_memo(ctx, question, text, &text))
		return NULL;
	err_ignore(json_parse(ctx->arena, text, &report));
	if (report)
		log_verbose("audit", "nothing has changed since the last audit");
	return report;
}

/* ---- remembering ---- */

void audit_remember(struct cmd_ctx *ctx, const struct audit_run *run)
{
	struct arena *a = ctx->arena;
	struct kv_port *kv = ctx->store ? store_kv(ctx->store) : NULL;
	struct memo_header h = { .question_len = run->question.len };
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct packument_proofs packuments;
	audit_packuments used = { 0 };

	if (str_is_null(run->question) || run->question.len > QUESTION_MAX_BYTES)
		return;
	audit_list_packuments(a, run->found, &used);
	packument_proofs_init(a, &packuments);
	store_begin_reading(ctx->store);
	VEC_EACH (const struct audit_packument, p, &used)
		packument_proofs_add(&packuments, ctx, p->name, p->packument);
	store_end_reading(ctx->store);
	memcpy(h.magic, magic, sizeof(magic));
	buf_add(&out, str_of((const char *)&h, sizeof(h)));
	buf_add(&out, run->question);
	packument_proofs_write(&out, &packuments);
	json_write(&out, run->report, (struct json_style){ S(""), S("") });
	kv->put(kv, memo_key(ctx), buf_view(&out));
}
